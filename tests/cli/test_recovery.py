"""The way back after the theft of a list key, from end to end (docs/spec clause 7.3.7)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.support import exampleoffice
from tests.support.commandline import DAY_1, DAY_2, DAY_3, ROOTS, refused, workbook

from etitle.cli.etitle import main
from etitle.cli.etitle_verify import main as verify
from etitle.issue.publication import any_key
from etitle.register.sqlite import SqliteLedger
from etitle.trust.bundle import fingerprint
from etitle.trust.status import StatusTable
from etitle.trust.statuslist import StatusList, open_list, sign_list

KID = exampleoffice.signer("list-1").public.kid.hex()
RECOVER = ["list", "recover", KID, "--key", "keys/list-2.pub.pem", "--at", DAY_2]


@pytest.fixture
def office(folder: Path) -> Path:
    """Two certificates, the first of them voided; published."""
    workbook("records.xlsx", "样例甲", "样例乙")
    assert main(["bundle", "new", *ROOTS, "--at", DAY_1]) == 0
    assert main(["issue", "records.xlsx", "--no-pdf", "--at", DAY_1]) == 0
    return folder


def codes() -> list[str]:
    with SqliteLedger.open(Path("issuer/ledger.sqlite"), authority_id="sample") as ledger:
        return [each.signed.code_text for each in ledger.entries()]


def numbers() -> list[str]:
    with SqliteLedger.open(Path("issuer/ledger.sqlite"), authority_id="sample") as ledger:
        return [each.number for each in ledger.entries()]


def published_list() -> StatusList:
    data = Path("published/lists/1.cwt").read_bytes()
    return open_list(data, authority_id="sample", keys=any_key(exampleoffice.bundle()))


def put_evil(name: str, made: StatusList) -> None:
    data = sign_list(made, signer=exampleoffice.signer("list-1"))
    Path(f"published/lists/{name}.cwt").write_bytes(data)


def stolen_lists(honest: StatusList) -> None:
    """What a thief of the key may make: later, never ending, of the next epoch, in the future."""
    clean = StatusTable.from_entries(
        list_id=1, epoch=1, coverage=honest.table.coverage + 50, entries={}
    )
    far = replace(
        honest, table=clean, sequence=(1 << 31) - 1, previous=bytes(32),
        expires_s=honest.issued_s + 400 * 86_400,
    )  # fmt: skip
    put_evil("far", far)
    ahead = StatusTable.from_entries(list_id=1, epoch=2, coverage=9, entries={})
    put_evil("ahead", replace(far, table=ahead, sequence=9))
    late = honest.issued_s + 3650 * 86_400
    put_evil("late", replace(far, issued_s=late, expires_s=late))


def judged(store: str, code: str, at: str) -> int:
    return verify([code, "--examples", "--trust", store, "--at", at, "--lang", "en"])


def updated(store: str, at: str) -> int:
    return verify(["trust", "update", "published", "--trust", store, "--at", at])


def test_the_way_back_after_the_theft_of_a_list_key(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = codes()
    assert main(["void", numbers()[0], "--reason", "V01", "--remark", "twice", "--at", DAY_1]) == 0
    assert main(["publish", "--at", DAY_1]) == 0
    pin = fingerprint(exampleoffice.bundle().roots).hex()
    for store in ("old", "new"):
        init = ["init", "published", "--pin", pin, "--trust", store, "--at", DAY_1]
        assert verify(["trust", *init]) == 0
    assert updated("old", DAY_1) == 0
    # The thief takes nothing back where the honest list is held, and is told of.
    stolen_lists(published_list())
    capsys.readouterr()
    assert updated("old", DAY_1) == 2
    told = capsys.readouterr().err
    assert "[store.state_taken_back]" in told
    assert "[store.epoch_ahead]" in told
    assert judged("old", one, DAY_1) == 4
    # Whoever has no list yet believes the thief, until the authority recovers.
    Path("published/lists/1.cwt").rename("kept.cwt")
    assert updated("new", DAY_1) == 2
    assert judged("new", one, DAY_1) in {0, 3}
    Path("kept.cwt").rename("published/lists/1.cwt")
    assert updated("new", DAY_1) == 2
    # The way back: a new key, a changed authority.toml, the next bundle, every list anew.
    assert main(["keys", "new", "list-2", "--no-password"]) == 0
    assert main(RECOVER) == 0
    assert "bundle rotate" in capsys.readouterr().out
    assert main(["bundle", "rotate", *ROOTS, "--at", DAY_2]) == 0
    assert main(["publish", "--key", "file:issuer/keys/list-2.pem", "--at", DAY_2]) == 0
    for store in ("old", "new"):
        assert updated(store, DAY_3) == 0  # the thief's files are none of a key any more
        assert "[store.damaged_files]" not in capsys.readouterr().err
        assert judged(store, one, DAY_3) == 4
        assert judged(store, two, DAY_3) in {0, 3}
        assert main(["publish", "--key", "file:issuer/keys/list-2.pem", "--at", DAY_3]) == 0


def test_the_office_s_file_keeps_its_words(office: Path) -> None:
    path = Path("issuer/authority.toml")
    before = path.read_text("utf-8")
    assert main(["keys", "new", "list-2", "--no-password"]) == 0
    assert main([*RECOVER, "--since", "2026-01-02T03:04:05"]) == 0
    after = path.read_text("utf-8")
    assert path.with_suffix(".toml.before").read_text("utf-8") == before
    gone = [line for line in before.splitlines() if line not in after.splitlines()]
    assert gone == ["epoch = 1"]
    assert 'state = "compromised", since = 2026-01-02T03:04:05+08:00 }]' in after
    assert after.count("[[keys]]") == before.count("[[keys]]") + 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["list", "recover", "00000000", "--key", "keys/list-1.pub.pem"], "issue.key_unknown"),
        (["list", "recover", KID, "--key", "keys/list-1.pub.pem"], "issue.list_key_same"),
        ([*RECOVER, "--since", "yesterday"], "issue.since_malformed"),
    ],
)
def test_what_is_no_way_back_is_refused(
    office: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: str
) -> None:
    assert refused(capsys, *words) == code


def test_a_file_in_another_form_is_changed_by_hand(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path("issuer/authority.toml")
    assert main(["keys", "new", "list-2", "--no-password"]) == 0
    whole = path.read_text("utf-8")
    for old, new in (
        ("[[lists]]\nid = 1\nepoch = 1\n", "[[lists]]\nid = 1\n'epoch' = 1\n"),
        ("[[lists]]\nid = 1\nepoch = 1\n", "[[lists]]\nid = 1\nepoch = 0x1\n"),
        ("\nstates = [", "\n'states' = ["),
    ):
        path.write_text(whole.replace(old, new), "utf-8")
        assert refused(capsys, *RECOVER) == "issue.recovery_by_hand"
    path.write_text(whole.replace("epoch = 1\n", "epoch = 1\nminimum_sequence = 7\n"), "utf-8")
    assert main(RECOVER) == 0
    assert "epoch = 2\nminimum_sequence = 1\n" in path.read_text("utf-8")
