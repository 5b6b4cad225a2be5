"""The ledger: places are given once, history only grows, nothing is issued twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from etitle.certificate.dates import china_day
from etitle.certificate.model import BodyLevel
from etitle.errors import EtitleError, FieldError, IssueError
from etitle.issue.certificate import SignedCertificate
from etitle.issue.states import NEXT_STATES
from etitle.register.ledger import (
    WITHOUT_PHOTO,
    GivenPlace,
    PlaceRequest,
    Publication,
    Replacement,
)
from etitle.register.sqlite import SqliteLedger
from etitle.trust.published import Segment
from etitle.trust.status import VALID, StatusEntry, StatusKind

AT_S = 1_767_225_600
DAY = china_day(AT_S)
SEGMENT = Segment("45", 2, 1, 5, "样例", BodyLevel.CITY, 0, None, 1)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqliteLedger]:
    with SqliteLedger.open(tmp_path / "ledger.sqlite", authority_id="sample") as opened:
        yield opened


Signing = Callable[[GivenPlace], SignedCertificate]


def make(place: GivenPlace) -> SignedCertificate:
    return SignedCertificate(bytes(32), place.number.encode(), b"tbs", f"code {place.number}")


def fail(place: GivenPlace) -> SignedCertificate:
    raise IssueError("issue.self_check", number=place.number, what="test")


def claim(
    n: int, *, number: str | None = None, replaces: Replacement | None = None
) -> PlaceRequest:
    return PlaceRequest(bytes([n]) * 16, number, SEGMENT, 1, bytes(10), replaces)


def issue(ledger: SqliteLedger, *claims: PlaceRequest, at_s: int = AT_S) -> list[tuple[str, int]]:
    return [(one.number, one.index) for one in ledger.issue(claims, make=make, at_s=at_s)]


def code(error: pytest.ExceptionInfo[EtitleError]) -> str:
    return error.value.code


def test_numbers_come_from_the_segment_and_indices_from_zero(ledger: SqliteLedger) -> None:
    assert issue(ledger, claim(1), claim(2)) == [("4501", 0), ("4502", 1)]
    assert ledger.coverage(1) == 2
    assert ledger.coverage(2) == 0


def test_the_same_record_is_issued_once(ledger: SqliteLedger) -> None:
    first = issue(ledger, claim(1))
    assert issue(ledger, claim(1), claim(2), at_s=AT_S + 9) == [*first, ("4502", 1)]


def test_a_place_is_not_given_again_where_signing_failed(ledger: SqliteLedger) -> None:
    with pytest.raises(IssueError) as caught:
        ledger.issue([claim(1)], make=fail, at_s=AT_S)
    assert code(caught) == "issue.self_check"
    assert list(ledger.entries()) == []
    assert issue(ledger, claim(2)) == [("4502", 1)]


def test_the_same_record_takes_the_place_it_was_given_when_signing_failed(
    ledger: SqliteLedger,
) -> None:
    with pytest.raises(IssueError):
        ledger.issue([claim(1)], make=fail, at_s=AT_S)
    issue(ledger, claim(2))
    assert issue(ledger, claim(1)) == [("4501", 0)]


def test_numbers_that_records_bring_are_passed_over_when_numbers_are_given(
    ledger: SqliteLedger,
) -> None:
    claims = (claim(1), claim(2, number="4501"), claim(3))
    assert [number for number, _ in issue(ledger, *claims)] == ["4502", "4501", "4503"]


def test_a_number_is_given_once(ledger: SqliteLedger) -> None:
    issue(ledger, claim(1, number="甲-1"))
    with pytest.raises(IssueError) as caught:
        issue(ledger, claim(2, number="甲-1"))
    assert code(caught) == "issue.number_taken"
    assert ledger.is_given("甲-1")
    assert not ledger.is_given("甲-2")


def test_a_segment_ends(ledger: SqliteLedger) -> None:
    assert ledger.room(SEGMENT) == 5
    with pytest.raises(IssueError) as caught:
        issue(ledger, *map(claim, range(6)))
    assert code(caught) == "issue.segment_full"
    assert ledger.coverage(1) == 0, "a batch that does not fit takes no places at all"


def test_a_list_ends(ledger: SqliteLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("etitle.register.sqlite.MAX_INDEX", 1)
    with pytest.raises(IssueError) as caught:
        issue(ledger, *map(claim, range(3)))
    assert code(caught) == "issue.list_full"


def test_history_tells_every_step(ledger: SqliteLedger) -> None:
    issue(ledger, claim(1))
    ledger.change("4501", reason="S01", remark="样例", at_s=AT_S + 1)
    ledger.restore("4501", remark="已查清", at_s=AT_S + 2)
    ledger.change("4501", reason="V01", remark="样例", at_s=AT_S + 3)
    kinds = [step.kind for step in ledger.history("4501")]
    assert kinds == [StatusKind.VALID, StatusKind.SUSPENDED, StatusKind.VALID, StatusKind.VOIDED]
    assert ledger.state_of("4501").reason == "V01"


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("V02", StatusKind.VOIDED), ("W01", StatusKind.WITHDRAWN),
        ("C01", StatusKind.CANCELLED), ("S01", StatusKind.SUSPENDED),
    ],
)  # fmt: skip
def test_the_reason_says_what_becomes_of_it(
    ledger: SqliteLedger, reason: str, kind: StatusKind
) -> None:
    issue(ledger, claim(1))
    assert ledger.change("4501", reason=reason, remark="样例", at_s=AT_S).kind is kind


@pytest.mark.parametrize(
    ("reason", "remark", "expected"),
    [
        ("V01", None, "record.remark_missing"),
        ("V01", "  ", "record.remark_missing"),
        ("X99", "样例", "record.reason_unknown"),
        ("R04", None, "issue.reason_reissues"),
        ("R07", None, "issue.reason_reissues"),
    ],
)
def test_a_change_needs_its_reason_and_remark(
    ledger: SqliteLedger, reason: str, remark: str | None, expected: str
) -> None:
    issue(ledger, claim(1))
    with pytest.raises((IssueError, FieldError)) as caught:
        ledger.change("4501", reason=reason, remark=remark, at_s=AT_S)
    assert code(caught) == expected


def test_other_needs_a_remark(ledger: SqliteLedger) -> None:
    issue(ledger, claim(1))
    with pytest.raises(IssueError) as caught:
        ledger.change_other("4501", remark=" ", at_s=AT_S)
    assert code(caught) == "issue.remark_missing"
    assert ledger.change_other("4501", remark="样例", at_s=AT_S).kind is StatusKind.OTHER


def test_only_a_suspension_ends() -> None:
    assert {kind for kind, after in NEXT_STATES.items() if StatusKind.VALID in after} == {
        StatusKind.SUSPENDED
    }
    assert set(NEXT_STATES) == set(StatusKind)


def test_a_refusal_names_the_states_in_its_language(ledger: SqliteLedger) -> None:
    issue(ledger, claim(1))
    ledger.change("4501", reason="V01", remark="样例", at_s=AT_S)
    with pytest.raises(IssueError) as caught:
        ledger.change("4501", reason="S01", remark="样例", at_s=AT_S)
    assert "is 'voided' and cannot become 'suspended'" in caught.value.what("en")
    assert "现为“作废”，不能改为“暂停（待查）”" in caught.value.what("zh")


@pytest.mark.parametrize("reason", ["V01", "C01"])
def test_a_withdrawal_may_follow_but_nothing_else(ledger: SqliteLedger, reason: str) -> None:
    issue(ledger, claim(1))
    ledger.change("4501", reason=reason, remark="样例", at_s=AT_S)
    for again in ("V02", "S01", "C02"):
        with pytest.raises(IssueError) as caught:
            ledger.change("4501", reason=again, remark="样例", at_s=AT_S)
        assert code(caught) == "issue.state_refused"
    with pytest.raises(IssueError):
        ledger.restore("4501", at_s=AT_S)
    assert (
        ledger.change("4501", reason="W01", remark="样例", at_s=AT_S).kind is StatusKind.WITHDRAWN
    )


def test_time_does_not_run_backwards(ledger: SqliteLedger) -> None:
    issue(ledger, claim(1))
    with pytest.raises(IssueError) as caught:
        ledger.change("4501", reason="C01", at_s=AT_S - 1)
    assert code(caught) == "issue.time_backwards"


def test_a_number_that_was_never_issued_is_not_known(ledger: SqliteLedger) -> None:
    with pytest.raises(IssueError) as caught:
        ledger.change("none", reason="C01", at_s=AT_S)
    assert code(caught) == "issue.number_unknown"
    with pytest.raises(IssueError):
        ledger.state_of("none")
    assert ledger.find("none") is None
    assert ledger.history("none") == ()


def test_a_reissue_supersedes_in_one_step(ledger: SqliteLedger) -> None:
    issue(ledger, claim(1))
    replaces = Replacement("4501", "R01", "更名")
    issue(ledger, claim(2, replaces=replaces), at_s=AT_S + 5)
    state = ledger.state_of("4501")
    assert (state.kind, state.successor, state.reason) == (StatusKind.SUPERSEDED, "4502", "R01")
    with pytest.raises(IssueError) as caught:
        issue(ledger, claim(3, replaces=replaces), at_s=AT_S + 6)
    assert code(caught) == "issue.state_refused"


def test_a_reissue_that_was_not_signed_supersedes_nothing(ledger: SqliteLedger) -> None:
    issue(ledger, claim(1))
    with pytest.raises(IssueError):
        ledger.issue([claim(2, replaces=Replacement("4501", "R01", "更名"))], make=fail, at_s=AT_S)
    assert ledger.state_of("4501").kind is StatusKind.VALID


def test_what_is_suspended_is_not_reissued(ledger: SqliteLedger) -> None:
    issue(ledger, claim(1))
    ledger.change("4501", reason="S01", remark="样例", at_s=AT_S)
    with pytest.raises(IssueError) as caught:
        issue(ledger, claim(2, replaces=Replacement("4501", "R01", "更名")))
    assert code(caught) == "issue.state_refused"


def test_the_list_says_what_the_ledger_says(ledger: SqliteLedger) -> None:
    issue(ledger, claim(1), claim(2), claim(3))
    ledger.change("4501", reason="V01", remark="样例", at_s=AT_S)
    ledger.change("4502", reason="S01", remark="样例", at_s=AT_S)
    ledger.restore("4502", at_s=AT_S)
    issue(ledger, claim(4, replaces=Replacement("4503", "R04", None)))
    table = ledger.table(1, epoch=3)
    assert (table.epoch, table.coverage) == (3, 4)
    assert [table.look_up(index) for index in range(4)] == [
        StatusEntry(StatusKind.VOIDED, DAY), VALID,
        StatusEntry(StatusKind.SUPERSEDED, DAY, "4504"), VALID,
    ]  # fmt: skip
    assert ledger.coverage(1) == 4


def test_a_ledger_is_of_one_authority(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    SqliteLedger.open(path, authority_id="sample").close()
    with pytest.raises(IssueError) as caught:
        SqliteLedger.open(path, authority_id="other")
    assert code(caught) == "issue.ledger_other_authority"


def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(b"no database at all, but long enough to look at" * 30)
    with pytest.raises(IssueError) as caught:
        SqliteLedger.open(path, authority_id="sample")
    assert code(caught) == "issue.ledger_unreadable"
    with pytest.raises(IssueError):
        SqliteLedger.open(tmp_path / "none" / "ledger.sqlite", authority_id="sample")


def test_a_ledger_of_a_later_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    SqliteLedger.open(path, authority_id="sample").close()
    with sqlite3.connect(path) as db:
        db.execute("UPDATE meta SET value = CAST('4' AS BLOB) WHERE key = 'schema'")
    db.close()
    with pytest.raises(IssueError) as caught:
        SqliteLedger.open(path, authority_id="sample")
    assert code(caught) == "issue.ledger_version"


def test_another_writer_is_waited_for_and_then_told(
    ledger: SqliteLedger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("etitle.register.storage.BUSY_S", 0.05)
    with SqliteLedger.open(tmp_path / "ledger.sqlite", authority_id="sample") as second:
        with ledger.writing(), pytest.raises(IssueError) as caught:
            issue(second, claim(1))
        assert code(caught) == "issue.ledger_busy"
        assert issue(second, claim(1)) == [("4501", 0)]


def test_the_file_itself_refuses_to_forget(ledger: SqliteLedger, tmp_path: Path) -> None:
    issue(ledger, claim(1))
    db = sqlite3.connect(tmp_path / "ledger.sqlite")
    for statement in (
        "DELETE FROM certificates",
        "UPDATE certificates SET list_index = 7",
        "UPDATE certificates SET opening = NULL",
        "UPDATE certificates SET payload = x'00'",
        "DELETE FROM history",
        "UPDATE history SET kind = 0",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            db.execute(statement)
    db.close()


def test_an_early_ledger_learns_of_photos_and_to_change_the_opening_of_an_unsigned_place(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ledger.sqlite"
    SqliteLedger.open(path, authority_id="sample").close()
    db = sqlite3.connect(path)
    db.execute("UPDATE meta SET value = CAST('1' AS BLOB) WHERE key = 'schema'")
    db.execute("DROP TRIGGER work_units_fixed")
    db.execute("ALTER TABLE certificates DROP COLUMN work_unit")
    db.execute("DROP TRIGGER photos_fixed")
    db.execute("ALTER TABLE certificates DROP COLUMN photo")
    db.execute("DROP TRIGGER openings_fixed")
    db.execute("DROP TRIGGER certificates_fixed")
    db.execute(
        "CREATE TRIGGER certificates_fixed BEFORE UPDATE OF number, list_id, list_index, digest,"
        " opening ON certificates BEGIN SELECT raise(ABORT, 'never changed'); END"
    )
    db.commit()
    db.close()
    with SqliteLedger.open(path, authority_id="sample") as opened:
        assert issue(opened, claim(1)) == [("4501", 0)]
    with SqliteLedger.open(path, authority_id="sample") as opened:
        assert issue(opened, replace(claim(1), photo=b"p" * 32)) == [("4501", 0)]
        assert opened.photo(claim(1).digest) == b"p" * 32
    db = sqlite3.connect(path)
    for statement in (
        "UPDATE certificates SET opening = x'00'",
        "UPDATE certificates SET photo = x''",
        "UPDATE certificates SET number = '4502'",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            db.execute(statement)
    db.close()


def test_a_photo_is_given_before_signing_or_where_none_was_and_then_stays(
    ledger: SqliteLedger,
) -> None:
    first, second = b"1" * 32, b"2" * 32

    def issued_with(
        photo: bytes | None, *, by: Callable[[GivenPlace], SignedCertificate] = make
    ) -> bytes | None:
        (found,) = ledger.issue([replace(claim(1), photo=photo)], make=by, at_s=AT_S)
        assert found.photo == ledger.photo(claim(1).digest)
        return found.photo

    assert ledger.photo(claim(1).digest) is None
    with pytest.raises(IssueError):
        issued_with(first, by=fail)
    assert ledger.photo(claim(1).digest) == first  # entered before anything is signed
    with pytest.raises(IssueError):
        issued_with(None, by=fail)
    assert issued_with(second) == second
    assert issued_with(None) == second
    assert issued_with(first) == second
    assert issued_with(WITHOUT_PHOTO) == second
    (plain,) = ledger.issue([claim(2)], make=make, at_s=AT_S)
    assert plain.photo is None
    (later,) = ledger.issue([replace(claim(2), photo=WITHOUT_PHOTO)], make=make, at_s=AT_S)
    assert later.photo == WITHOUT_PHOTO


def test_a_ledger_of_schema_2_learns_of_work_units(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with SqliteLedger.open(path, authority_id="sample") as opened:
        assert issue(opened, claim(1)) == [("4501", 0)]
    db = sqlite3.connect(path)
    db.execute("UPDATE meta SET value = CAST('2' AS BLOB) WHERE key = 'schema'")
    db.execute("DROP TRIGGER work_units_fixed")
    db.execute("ALTER TABLE certificates DROP COLUMN work_unit")
    db.commit()
    db.close()
    with SqliteLedger.open(path, authority_id="sample") as opened:
        found = opened.find("4501")
        assert found is not None
        assert found.work_unit is None


def test_a_work_unit_may_be_added_and_then_stays(ledger: SqliteLedger) -> None:
    def issued_with(
        unit: str | None, *, by: Callable[[GivenPlace], SignedCertificate] = make
    ) -> str | None:
        (found,) = ledger.issue([replace(claim(1), work_unit=unit)], make=by, at_s=AT_S)
        return found.work_unit

    with pytest.raises(IssueError):
        issued_with("样例一院", by=fail)
    with pytest.raises(IssueError):
        issued_with("样例二院", by=fail)
    assert issued_with(None) == "样例二院"
    assert issued_with("样例三院") == "样例二院"
    (plain,) = ledger.issue([claim(2)], make=make, at_s=AT_S)
    assert plain.work_unit is None
    (later,) = ledger.issue([replace(claim(2), work_unit="样例三院")], make=make, at_s=AT_S)
    assert later.work_unit == "样例三院"
    with pytest.raises(IssueError), ledger.writing():
        ledger.db.execute("UPDATE certificates SET work_unit = '样例四院'")


def test_a_full_disk_is_no_damage(ledger: SqliteLedger) -> None:
    claims = [claim(n, number=f"甲-{n}") for n in range(200)]
    pages = ledger.db.execute("PRAGMA page_count").fetchone()[0]
    ledger.db.execute(f"PRAGMA max_page_count = {pages}")  # as SQLite tells of a full disk
    with pytest.raises(IssueError) as caught:
        issue(ledger, *claims)
    assert code(caught) == "issue.ledger_full"
    ledger.db.execute("PRAGMA max_page_count = 100000")
    assert len(issue(ledger, *claims)) == 200


def test_only_its_owner_reads_the_file(ledger: SqliteLedger, tmp_path: Path) -> None:
    assert (tmp_path / "ledger.sqlite").stat().st_mode & 0o077 == 0


def test_digests_of_two_ledgers_can_not_be_compared(ledger: SqliteLedger, tmp_path: Path) -> None:
    with SqliteLedger.open(tmp_path / "other.sqlite", authority_id="sample") as other:
        assert other.digest(b"record") != ledger.digest(b"record")


def test_a_sequence_is_published_once_and_old_ones_are_dropped(ledger: SqliteLedger) -> None:
    def publication(sequence: int) -> Publication:
        return Publication(1, 1, sequence, AT_S + sequence, bytes(32), b"list", b"delta")

    for sequence in range(1, 6):
        ledger.remember(publication(sequence), keep=3)
    with pytest.raises(IssueError) as caught:
        ledger.remember(publication(5), keep=3)
    assert code(caught) == "issue.sequence_published"
    kept = ledger.publications(1, epoch=1)
    assert [each.sequence for each in kept] == [3, 4, 5]
    assert [each.signed for each in kept] == [None, None, b"list"]
    assert ledger.publications(1, epoch=2) == ()
