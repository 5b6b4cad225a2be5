"""The fictional office of the issuing tests: keys-example's authority, and rows for it."""

from __future__ import annotations

from pathlib import Path

from etitle.certificate.identity import Profile, check_digit
from etitle.issue.authority import read_authority
from etitle.issue.issuer import Issuer
from etitle.keys.signer import Signer, open_signer
from etitle.record.workbook import RecordRow
from etitle.register.batch import issue_batch
from etitle.register.ledger import LedgerEntry
from etitle.register.plan import make_plan
from etitle.register.sqlite import SqliteLedger
from etitle.trust.published import Bundle
from etitle.trust.roots import sign_bundle

EXAMPLE = Path(__file__).parents[2] / "keys-example"
AT_S = 1_767_225_600
"""2026-01-01 08:00 in China."""
DAY_S = 86_400
CITY = "样例省甲市职称改革工作领导小组办公室"


def signer(name: str) -> Signer:
    return open_signer(f"file:{EXAMPLE}/keys/{name}.pem")


def bundle(*, version: int = 1, at_s: int = AT_S) -> Bundle:
    return read_authority(EXAMPLE / "authority.toml").bundle(version=version, at_s=at_s)


def signed(value: Bundle) -> bytes:
    return sign_bundle(value, signers=[signer("root-1"), signer("root-3")])


def issuer(
    *, profile: Profile = Profile.MASKED, by: Signer | None = None, of: Bundle | None = None
) -> Issuer:
    return Issuer(
        bundle=of or bundle(),
        signer=by or signer("token-1"),
        list_id=1,
        profile=profile,
        code_base="https://zc.sample.cn",
    )


def id_number(n: int) -> str:
    first17 = f"45009919900101{n % 1000:03}"
    return first17 + check_digit(first17)


def row(n: int, **cells: object) -> RecordRow:
    """The record of the n-th fictional engineer."""
    given: dict[str, object] = {
        "name": f"样例{n}", "id_number": id_number(n), "series": "工程技术人员",
        "title": "工程师", "specialty": "测绘工程", "qualified": "2025-09-10",
        "issuing_body": "样例省人力资源和社会保障厅", "approving_body": CITY,
    }  # fmt: skip
    filled = {key: value for key, value in (given | cells).items() if value is not None}
    return RecordRow(n + 1, filled, ())


def issue(
    ledger: SqliteLedger,
    *rows: RecordRow,
    at_s: int = AT_S,
    of: Issuer | None = None,
    reason: str | None = None,
    remark: str | None = None,
) -> tuple[LedgerEntry, ...]:
    who = of or issuer()
    plan = make_plan(rows, issuer=who, ledger=ledger, at_s=at_s, reason=reason, remark=remark)
    return issue_batch(plan, issuer=who, ledger=ledger, at_s=at_s)
