"""One document -> one verdict: every check and reason of clause 9 of docs/spec, by real input."""

from __future__ import annotations

import builtins
import datetime
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from tests.support import scans
from tests.support.authority import AT, AT_S, YEAR_S
from tests.support.blankpage import blank
from tests.support.forge import (
    NUMBER,
    OPENING,
    OPENING_TEXT,
    LocalTsa,
    Office,
    masked,
    office,
    stamped,
    stream,
)
from tests.support.population import certificates
from tests.support.question import EXAMPLES
from tests.support.withoutmldsa import lacking_mldsa
from tests.support.x509 import Maker, new_key

from etitle.certificate.dates import china_day
from etitle.certificate.identity import DocumentKind, Identity
from etitle.errors import LANGUAGES
from etitle.pades.augment import augment
from etitle.pades.dss import ValidationData
from etitle.pades.prepared import prepare
from etitle.pades.signeddata import split
from etitle.report.prose import as_text
from etitle.trust.anchors import Trust
from etitle.trust.bundle import KeyState, KeyUse, Scope, UnknownKey
from etitle.verdict import (
    DOCUMENT_CHECKS,
    Authenticity,
    CheckId,
    Judged,
    Outcome,
    Reason,
    Summary,
    Verdict,
)
from etitle.verify.document import MAX_DOCUMENT_BYTES, verify_document
from etitle.verify.file import verify_bytes
from etitle.verify.person import verify_holder
from etitle.verify.question import Holder, Policy, Question

ONE, TWO = certificates(2)
OURS = office(masked(ONE))
OTHER = office(masked(ONE), name="other")
DAY_S = 86_400
TSA = Maker.root("样例时间戳根").leaf("样例时间戳", timestamps=True)
BEFORE = ((KeyState.ACTIVE, 1_577_836_800), (KeyState.COMPROMISED, AT_S - 9 * DAY_S))


def verify(
    pdf: bytes,
    by: Office = OURS,
    *,
    trust: Trust | None = None,
    at: datetime.datetime = AT,
    policy: Policy = EXAMPLES,
    holder: Holder | None = None,
) -> Verdict:
    return verify_document(
        pdf,
        Question(
            trust=by.world.trust if trust is None else trust,
            lists=by.world.lists,
            at=at,
            policy=policy,
            holder=holder,
        ),
    )


def reason(verdict: Verdict, check: CheckId) -> Reason:
    (found,) = (one for one in verdict.checks if one.id is check)
    return found.reason


def compromised(**changes: object) -> Office:
    return OURS.with_seal(history=BEFORE, **changes)


def newer(x509: bytes | None) -> Office:
    """Ours, with a key of a suite to come that has this certificate."""
    return replace(OURS, world=OURS.world.with_bundle(unknown_keys=(UnknownKey(b"later", x509),)))


def all_compromised() -> Office:
    keys = tuple(replace(key, history=BEFORE) for key in OURS.world.bundle.keys)
    return replace(OURS, world=OURS.world.with_bundle(keys=keys))


STAMPED = OURS.pdf.make(replace(OURS.cms, stamp=stamped(TSA, AT_S - 20 * DAY_S)))
LATE = OURS.pdf.make(replace(OURS.cms, stamp=stamped(TSA, AT_S - 3 * DAY_S)))
BELIEVED = Policy(tsas=frozenset({TSA.der}), examples=True)
ARCHIVAL = replace(BELIEVED, archival=True)


def archived(at_s: int = AT_S - DAY_S, imprint: bytes | None = None, own: Maker = TSA) -> bytes:
    stamper = LocalTsa(own, at_s, imprint=imprint)
    return augment(
        OURS.document(), validation_data=ValidationData((own.der,)), tsa=stamper, now_s=at_s
    )


def scan() -> bytes:
    return scans.scan(OURS.world.code(OURS.certificate))


def locked() -> bytes:
    """A PDF that a password locks (ISO 32000-1 §7.6.3, revision 3)."""
    entries = b"<< /Filter /Standard /V 2 /R 3 /Length 128 /P -1 /O <%b> /U <%b> >>"
    key = bytes(range(32)).hex().encode()
    return scans.pdf_of(scans.Page(b""), trailer=b"/Encrypt " + entries % (key, key)
                        + b" /ID [<00> <00>]")  # fmt: skip


def missing_reader() -> Verdict:
    """Another shape, on a machine without pyHanko."""
    honest = builtins.__import__

    def without(
        name: str,
        globals: Mapping[str, object] | None = None,  # noqa: A002
        locals: Mapping[str, object] | None = None,  # noqa: A002
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> object:
        if name.startswith("pyhanko"):
            raise ImportError(name)
        return honest(name, globals, locals, fromlist, level)

    builtins.__import__ = without  # type: ignore[assignment]
    try:
        return verify(OURS.document(header=b"%PDF-1.6\n%\xe2\xe3\xcf\xd3\n"))
    finally:
        builtins.__import__ = honest


def foreign_token() -> Verdict:
    """Sealed by one trusted authority over the token of another."""
    trust = Trust((*OURS.world.trust.anchors, *OTHER.world.trust.anchors))
    return verify(OURS.document(token=OTHER.token), trust=trust)


LATTICE = office(masked(ONE), kind="mldsa65")


def without_mldsa() -> Verdict:
    """The verdict of an installation whose cryptography has no ML-DSA."""
    with lacking_mldsa():
        return verify(LATTICE.document(), LATTICE)


def archived_without_mldsa() -> Verdict:
    """The same of a document that a time-stamp by ML-DSA is on."""
    own = Maker.root("样例时间戳根").leaf("样例时间戳", key=new_key("mldsa65"), timestamps=True)
    with lacking_mldsa():
        return verify(
            archived(own=own),
            policy=Policy(archival=True, tsas=frozenset({own.der}), examples=True),
        )


SCENES: dict[tuple[str, str, str], Callable[[], Verdict]] = {
    ("byte_range", "pass", "trailing_space"): lambda: verify(OURS.document() + b"\n"),
    ("byte_range", "fail", "changed"): lambda: verify(OURS.document().replace(b"\n", b"\r\n")),
    ("byte_range", "fail", "saved_again"): lambda: verify(OURS.document() + b"x"),
    ("byte_range", "fail", "cut_short"): lambda: verify(OURS.document()[:-40]),
    ("byte_range", "fail", "joined"): lambda: verify(OURS.document() * 2),
    ("byte_range", "fail", "protected"): lambda: verify(
        OURS.document().replace(b"/Root", b"/Encrypt 9 0 R /Root")
    ),
    ("byte_range", "unknown", "signature_unreadable"): lambda: verify(OTHER.document()[:-40]),
    ("byte_range", "unknown", "archived"): lambda: verify(archived(), policy=BELIEVED),
    ("archive", "fail", "timestamp_bad"): lambda: verify(
        archived(imprint=bytes(32)), policy=ARCHIVAL
    ),
    ("archive", "unknown", "stamper_unknown"): lambda: verify(
        archived(), policy=Policy(archival=True, examples=True)
    ),
    ("archive", "unknown", "archived_in_future"): lambda: verify(
        archived(AT_S + DAY_S), policy=ARCHIVAL
    ),
    ("archive", "unknown", "algorithm_missing"): archived_without_mldsa,
    ("signer_certificate", "fail", "use_wrong"): lambda: verify(
        OURS.document(), OURS.with_seal(uses=frozenset({KeyUse.LIST}))
    ),
    ("signer_certificate", "unknown", "seal_unknown"): lambda: verify(OTHER.document()),
    ("signer_certificate", "unknown", "suite_unknown"): lambda: verify(
        OTHER.document(), newer(OTHER.seal.der)
    ),
    ("document_signature", "fail", "signature_bad"): lambda: verify(OURS.signed(digest=bytes(32))),
    ("document_signature", "fail", "cms_malformed"): lambda: verify(OURS.signed(infos=2)),
    ("document_signature", "unknown", "algorithm_missing"): without_mldsa,
    ("document_signature", "fail", "timestamp_bad"): lambda: verify(
        OURS.pdf.make(replace(OURS.cms, stamp=stamped(TSA, AT_S, imprint=bytes(32))))
    ),
    ("structure", "pass", "unsigned"): lambda: verify(scan()),
    ("structure", "unknown", "encrypted"): lambda: verify(locked()),
    ("structure", "fail", "document_malformed"): lambda: verify(OURS.document(permission=2)),
    ("structure", "unknown", "reader_missing"): missing_reader,
    ("structure", "unknown", "token_missing"): lambda: verify(
        OURS.document(token=None, opening=None)
    ),
    ("signing_time", "fail", "sealed_outside_window"): lambda: verify(
        OURS.document(sealed="D:20191231235959+08'00'")
    ),
    ("signing_time", "unknown", "sealed_in_future"): lambda: verify(
        OURS.document(sealed="D:20261121000000Z")
    ),
    ("signing_time", "unknown", "compromised"): lambda: verify(OURS.document(), compromised()),
    ("signing_time", "pass", "timestamped"): lambda: verify(
        STAMPED, compromised(), policy=BELIEVED
    ),
    ("compromise", "pass", "timestamped"): lambda: verify(
        STAMPED, all_compromised(), policy=BELIEVED
    ),
    ("agreement", "fail", "authority_mismatch"): foreign_token,
    ("agreement", "fail", "opening_mismatch"): lambda: verify(OURS.document(opening=None)),
    ("agreement", "fail", "outside_scope"): lambda: verify(
        OURS.document(), OURS.with_seal(scope=Scope(bodies=("别处",)))
    ),
}  # fmt: skip


@cache
def scene(key: tuple[str, str, str]) -> Verdict:
    return SCENES[key]()


def found(verdict: Verdict) -> set[tuple[str, str, str]]:
    return {(check.id.value, check.outcome.value, check.reason.value) for check in verdict.checks}


def test_a_right_document_is_valid() -> None:
    verdict = verify(OURS.document())
    assert verdict.summary is Summary.VALID
    assert verdict.require() == OURS.certificate
    assert verdict.authority == OURS.world.trust.anchors[0].who
    assert verdict.example
    assert all(check.outcome is Outcome.PASS for check in verdict.checks)


def test_a_document_that_was_not_read_to_its_end_is_an_example_by_its_bundle() -> None:
    odd = OURS.document(objects={3: b"<< /Type /Pages >>"})
    for example in (True, False):
        by = replace(OURS, world=OURS.world.with_bundle(example=example))
        verdict = verify(odd, by)
        assert reason(verdict, CheckId.STRUCTURE) is Reason.DOCUMENT_MALFORMED
        assert verdict.example is example


@pytest.mark.parametrize("key", SCENES, ids=".".join)
def test_a_real_document_gives_the_reason(key: tuple[str, str, str]) -> None:
    verdict = scene(key)
    assert key in found(verdict)
    if key[1] == "fail":
        assert verdict.summary is Summary.INVALID
    if key[1] == "unknown":
        assert verdict.summary is Summary.INDETERMINATE
    if key[1] == "pass":
        assert verdict.summary is Summary.VALID


def test_every_document_reason_of_clause_8_4_is_reached_and_no_other() -> None:
    spec = Path(__file__).parents[3] / "docs" / "spec" / "verdict.md"
    table = spec.read_text("utf-8").partition("## 8.4")[2].partition("\n\nEach")[0]
    named = set()
    for line in table.splitlines():
        cells = [re.findall(r"`(\w+)`", cell) for cell in line.split("|")[1:-1]]
        if len(cells) == 4 and cells[0]:
            for outcome, reasons in zip(("pass", "fail", "unknown"), cells[1:], strict=True):
                named |= {(cells[0][0], outcome, each) for each in reasons}
    ids = {str(check) for check in DOCUMENT_CHECKS}
    named = {each for each in named if each[0] in ids or each[2] == "timestamped"}
    named -= {("structure", "unknown", "page_not_judged")}  # asked by a policy, of a code
    plain = {"ok", "not_checked"}
    produced = set().union(*(found(scene(key)) for key in SCENES))
    produced = {each for each in produced if each[2] not in plain}
    assert named == set(SCENES)
    assert {each for each in produced if each[0] in ids or each[2] == "timestamped"} == named


@pytest.mark.parametrize("key", SCENES, ids=".".join)
def test_every_check_of_a_document_is_listed_once(key: tuple[str, str, str]) -> None:
    listed = [check.id for check in SCENES[key]().checks]
    assert len(listed) == len(set(listed))
    without = {CheckId.HOLDER} if key[0] == "archive" else {CheckId.HOLDER, CheckId.ARCHIVE}
    wanted = [check for check in CheckId if check not in without]
    if key[2] in {"unsigned", "encrypted"}:
        wanted = [
            check for check in wanted
            if check is CheckId.STRUCTURE or check not in DOCUMENT_CHECKS
        ]  # fmt: skip
    assert listed == wanted


@pytest.mark.parametrize("key", SCENES, ids=".".join)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_verdict_on_a_document_can_be_shown(key: tuple[str, str, str], language: str) -> None:
    shown = as_text(scene(key), file="a.pdf", language=language)  # type: ignore[arg-type]
    if key[2] != "seal_unknown":
        assert key[2] in shown
    assert NUMBER not in shown


def test_a_damaged_file_says_whose_certificate_it_claims_to_be() -> None:
    packed = stream(
        b"/Type /EmbeddedFile /Subtype /application#2Fcose /Filter /FlateDecode",
        zlib.compress(OURS.token),
    )
    for pdf in (OURS.document() + b"x", OURS.document(objects={9: packed}) + b"x"):
        verdict = verify(pdf)
        assert verdict.summary is Summary.INVALID
        assert verdict.claimed == OURS.certificate
        assert OURS.certificate.name in as_text(verdict, file="a.pdf", language="en")
    for junk in (b"\xd2\x84", b"x", OURS.token[:-9], zlib.compress(b"x")):
        assert verify(OURS.document(objects={9: stream(b"", junk)}) + b"x").claimed is None
    many = b"stream\n" * 1200
    assert verify(OURS.document(objects={6: stream(b"", many)}) + b"x").claimed is None


@pytest.mark.parametrize("percent", range(12, 100, 4))
def test_a_document_that_is_cut_is_never_called_unsigned(percent: int) -> None:
    pdf = blank_document()
    verdict = verify(pdf[: len(pdf) * percent // 100])
    assert verdict.summary in {Summary.INVALID, Summary.INDETERMINATE}
    assert reason(verdict, CheckId.BYTE_RANGE) in {Reason.CUT_SHORT, Reason.SIGNATURE_UNREADABLE}


def blank_document() -> bytes:
    return OURS.document()


def test_a_seal_whose_scope_holds_the_certificate_agrees() -> None:
    scope = Scope(bodies=(OURS.certificate.approving_body,))
    assert verify(OURS.document(), OURS.with_seal(scope=scope)).summary is Summary.VALID


def test_of_a_token_that_nobody_signed_or_that_says_nothing_agreement_is_not_asked() -> None:
    stranger = OTHER.token
    empty = OURS.world.token_over(b"\xa0").to_bytes()
    for token, opening in ((stranger, OPENING_TEXT.encode()), (stranger, None), (empty, None)):
        verdict = verify(OURS.document(token=token, opening=opening))
        assert reason(verdict, CheckId.AGREEMENT) is Reason.NOT_CHECKED
        assert verdict.summary is not Summary.VALID


def test_a_seal_outside_its_days_fails_however_the_clock_stands() -> None:
    until = OURS.with_seal(not_after=china_day(AT_S))
    verdict = verify(OURS.document(sealed="D:20261231000000Z"), until)
    assert reason(verdict, CheckId.SIGNING_TIME) is Reason.SEALED_OUTSIDE_WINDOW
    assert verdict.summary is Summary.INVALID


@pytest.mark.parametrize("x509", [None, b"", b"0", OTHER.root.der])
def test_a_newer_seal_is_named_by_its_whole_certificate(x509: bytes | None) -> None:
    for pdf in (OTHER.document(), OTHER.signed(digest=b"")):
        verdict = verify(pdf, newer(x509))
        assert reason(verdict, CheckId.SIGNER_CERTIFICATE) is Reason.SEAL_UNKNOWN


@pytest.mark.parametrize("x509", [None, b"", OTHER.root.der])
def test_a_cms_that_cannot_be_read_is_no_newer_seals(x509: bytes | None) -> None:
    verdict = verify(OTHER.signed(infos=2), newer(x509))
    assert reason(verdict, CheckId.SIGNER_CERTIFICATE) is Reason.SEAL_UNKNOWN


def test_a_newer_seal_is_found_in_a_cms_that_cannot_be_read() -> None:
    verdict = verify(OTHER.signed(infos=2), newer(OTHER.seal.der))
    assert reason(verdict, CheckId.SIGNER_CERTIFICATE) is Reason.SUITE_UNKNOWN
    assert verdict.summary is Summary.INDETERMINATE


def test_an_unknown_seal_is_never_called_forged() -> None:
    verdict = verify(OTHER.document())
    assert verdict.summary is Summary.INDETERMINATE
    assert verdict.authenticity is Authenticity.UNKNOWN


def test_a_seal_with_its_chain_up_to_the_root_is_valid() -> None:
    chained = OURS.pdf.make(replace(OURS.cms, chain=(OURS.root.der,)))
    assert verify(chained).summary is Summary.VALID


def test_a_chain_that_ends_before_the_root_is_refused() -> None:
    middle = OURS.root.ca("样例中间证书")
    made = OURS.pdf.make(replace(OURS.cms, chain=(middle.der,)))
    assert reason(verify(made), CheckId.DOCUMENT_SIGNATURE) is Reason.CMS_MALFORMED


def test_a_time_stamp_counts_only_by_an_authority_that_is_named() -> None:
    assert verify(STAMPED).summary is Summary.VALID
    assert reason(verify(STAMPED, compromised()), CheckId.SIGNING_TIME) is Reason.COMPROMISED


def test_a_time_stamp_after_the_compromise_proves_nothing() -> None:
    verdict = verify(LATE, compromised(), policy=BELIEVED)
    assert reason(verdict, CheckId.SIGNING_TIME) is Reason.COMPROMISED
    assert verdict.summary is Summary.INDETERMINATE


def test_a_retired_seal_stays_good() -> None:
    history = ((KeyState.ACTIVE, 1_577_836_800), (KeyState.RETIRED, AT_S - 9 * DAY_S))
    assert verify(OURS.document(), OURS.with_seal(history=history)).summary is Summary.VALID


def test_the_documents_opening_matches_the_holder_exactly() -> None:
    good = verify(OURS.document(), holder=Holder(number=NUMBER))
    assert reason(good, CheckId.HOLDER) is Reason.OK
    assert good.summary is Summary.VALID
    bad = verify(OURS.document(), holder=Holder(number="11010519491231002X"))
    assert reason(bad, CheckId.HOLDER) is Reason.HOLDER_MISMATCH
    for typed in (bytes(10), "0" * 17, "mistyped"):  # its own counts more
        told = verify(OURS.document(), holder=Holder(number=NUMBER, opening=typed))
        assert reason(told, CheckId.HOLDER) is Reason.OK
        assert verify_holder(verify(OURS.document()), Holder(number=NUMBER, opening=typed)) == told
    assert good.opening == OPENING


@pytest.mark.parametrize(
    "opening",
    [
        b"",
        OPENING_TEXT.lower().encode(),
        OPENING_TEXT.encode() + b"\n",
        b"\xff" * 17,
        OPENING_TEXT[:-1].encode(),
        OPENING_TEXT[:-1].encode() + b"0",
    ],
)
def test_an_opening_has_one_spelling(opening: bytes) -> None:
    assert (
        reason(verify(OURS.document(opening=opening)), CheckId.AGREEMENT) is Reason.OPENING_MISMATCH
    )


def test_a_certificate_without_mask_has_no_opening_beside_it() -> None:
    plain = office(replace(masked(ONE), identity=None))
    assert verify(plain.document(opening=None), plain).summary is Summary.VALID
    both = verify(plain.document(), plain)
    assert reason(both, CheckId.AGREEMENT) is Reason.OPENING_MISMATCH
    full = office(replace(masked(ONE), identity=Identity(DocumentKind.CN_RESIDENT, NUMBER)))
    assert verify(full.document(opening=None), full).summary is Summary.VALID


@pytest.mark.parametrize(
    ("opening", "wrong"),
    [(None, "none"), (b"0" * 16, "malformed"), (OPENING_TEXT.encode(), "needless")],
)
def test_what_is_wrong_with_an_opening_is_said(opening: bytes | None, wrong: str) -> None:
    by = office(replace(masked(ONE), identity=None)) if wrong == "needless" else OURS
    verdict = verify(by.document(opening=opening), by)
    assert [one.detail for one in verdict.checks if one.id is CheckId.AGREEMENT] == [wrong]


def test_a_seal_in_a_damaged_file_is_found_in_either_case_of_its_digits() -> None:
    good = OURS.document()
    digits = re.findall(rb"<([0-9a-f]{600,})>", good)[0]
    for spelled in (digits.lower(), digits.upper(), b"0" + digits):
        damaged = verify(good.replace(digits, spelled) + b"x")
        assert reason(damaged, CheckId.BYTE_RANGE) in {Reason.SAVED_AGAIN, Reason.CHANGED}


def test_a_seal_takes_512_digits_at_least() -> None:
    for octets, digits, named in ((256, 512, True), (255, 511, False)):
        by = OURS.with_seal(x509=b"\xab" * octets)
        pdf = b"%PDF-1.7\n/ByteRange (" + (b"ab" * 256)[:digits] + b") %%EOF\n"
        verdict = verify(pdf, by)
        assert (verdict.summary is Summary.INVALID) is named


def test_without_its_own_opening_the_holders_counts() -> None:
    verdict = verify(OURS.document(opening=None), holder=Holder(number=NUMBER, opening=OPENING))
    assert reason(verdict, CheckId.HOLDER) is Reason.OK
    assert reason(verdict, CheckId.AGREEMENT) is Reason.OPENING_MISMATCH


def test_an_outdated_bundle_leaves_a_document_open() -> None:
    at = AT + datetime.timedelta(seconds=3 * YEAR_S)
    assert verify(OURS.document(), at=at).summary is Summary.INDETERMINATE


def test_another_shape_under_a_trusted_seal_goes_the_slow_way() -> None:
    for shape in ({"header": b"%PDF-1.6\n%\xe2\xe3\xcf\xd3\n"}, {"trailer": b"/Custom 1 "}):
        assert verify(OURS.document(**shape)).summary is Summary.VALID


def test_the_writers_documents_are_of_the_shape() -> None:
    covered = prepare(blank(), 2048, name="样例", reason=None, signing_time_s=AT_S)
    pdf = covered.file(OURS.cms.make(covered.before + covered.after))
    verdict = verify(pdf)
    assert reason(verdict, CheckId.STRUCTURE) is Reason.TOKEN_MISSING
    assert reason(verdict, CheckId.DOCUMENT_SIGNATURE) is Reason.OK


def test_a_document_among_files_is_known_by_its_content() -> None:
    (part,) = verify_bytes(
        OURS.document(),
        Question(trust=OURS.world.trust, lists=OURS.world.lists, at=AT, policy=EXAMPLES),
    )
    assert part.line is part.page is None
    assert part.verdict.summary is Summary.VALID
    assert part.verdict.judged is Judged.DOCUMENT


@pytest.mark.parametrize(
    "pdf", [b"", b"%PDF-", b"%PDF-1.7\n\x00", b"hello", b"%PDF-1.7 /ByteRange"]
)
def test_what_is_no_document_is_indeterminate(pdf: bytes) -> None:
    assert verify(pdf).summary is Summary.INDETERMINATE


def test_a_document_too_large_is_not_looked_at() -> None:
    pdf = b"%PDF-" + bytes(MAX_DOCUMENT_BYTES)
    assert reason(verify(pdf), CheckId.READ) is Reason.TOO_LARGE


def test_a_time_without_a_zone_is_the_callers_mistake() -> None:
    naive = datetime.datetime(2026, 11, 20)  # noqa: DTZ001  # the mistake itself
    with pytest.raises(ValueError, match="time zone"):
        verify(b"", at=naive)


def test_padding_after_the_cms_is_zeros() -> None:
    cms = OURS.cms.make(b"")
    assert split(cms + bytes(9)) == cms
    assert stream(b"", b"x").endswith(b"endstream")


def test_a_malformed_opening_is_not_tried_on_a_holder() -> None:
    verdict = verify(OURS.document(opening=b"not an opening"), holder=Holder(number=NUMBER))
    assert ("agreement", "fail", "opening_mismatch") in found(verdict)
    assert ("holder", "unknown", "fits_mask") in found(verdict)


def test_a_time_after_the_token_key_was_stolen_does_not_answer_for_the_token() -> None:
    verdict = verify(LATE, all_compromised(), policy=BELIEVED)
    assert ("compromise", "unknown", "compromised") in found(verdict)
    assert ("signing_time", "unknown", "compromised") in found(verdict)


def test_without_a_time_nothing_answers_for_stolen_keys() -> None:
    verdict = verify(OURS.document(), all_compromised(), policy=BELIEVED)
    assert reason(verdict, CheckId.COMPROMISE) is Reason.COMPROMISED
    assert reason(verdict, CheckId.SIGNING_TIME) is Reason.COMPROMISED


def test_a_key_to_come_without_a_certificate_is_nobodys_seal() -> None:
    verdict = verify(OTHER.signed(infos=2), newer(None))
    assert reason(verdict, CheckId.SIGNER_CERTIFICATE) is Reason.SEAL_UNKNOWN


@pytest.mark.parametrize(("early_s", "proves"), [(1, True), (0, False)])
def test_a_time_stamp_is_of_a_second_before_the_compromise(early_s: int, *, proves: bool) -> None:
    pdf = OURS.signed(stamp=stamped(TSA, AT_S - 9 * DAY_S - early_s))
    verdict = verify(pdf, all_compromised(), policy=BELIEVED)
    expected = Reason.TIMESTAMPED if proves else Reason.COMPROMISED
    assert reason(verdict, CheckId.COMPROMISE) is expected
    assert reason(verdict, CheckId.SIGNING_TIME) is expected


def test_each_certificate_of_a_joined_file_is_named_and_none_is_believed() -> None:
    other = office(masked(TWO), name="other")
    question = Question(trust=OURS.world.trust, lists=OURS.world.lists, at=AT, policy=EXAMPLES)
    parts = tuple(verify_bytes(OURS.document() + other.document(), question))
    assert [part.verdict.claimed for part in parts] == [OURS.certificate, other.certificate]
    for part in parts:
        assert part.verdict.checks[0].reason is Reason.JOINED
        assert part.verdict.summary is Summary.INVALID
        assert part.verdict.authenticity is Authenticity.NOT_AUTHENTIC
    assert len(tuple(verify_bytes(OURS.document() * 2, question))) == 1
