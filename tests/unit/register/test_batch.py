"""A workbook becomes certificates, all or none; a killed run is finished by the next."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support import exampleoffice
from tests.support.exampleoffice import AT_S, DAY_S, row
from tests.support.portrait import draw_portrait

from etitle.certificate import payload
from etitle.certificate.commitment import matches, parse_opening
from etitle.certificate.dates import china_day, day_date
from etitle.certificate.identity import Profile
from etitle.certificate.model import BodyLevel, Source
from etitle.errors import IssueError
from etitle.issue.certificate import SignedCertificate
from etitle.issue.issuer import Issuer
from etitle.keys.public import PublicKey
from etitle.keys.signer import Signer, generate
from etitle.keys.suite import ES256
from etitle.record.album import Album
from etitle.record.finding import Finding
from etitle.record.workbook import RecordRow
from etitle.register.batch import file_stem, issue_batch, write_files
from etitle.register.plan import BatchPlan, make_plan
from etitle.register.sqlite import SqliteLedger
from etitle.token import draw, frame, text
from etitle.trust.published import KeyState, ListEntry
from etitle.trust.status import StatusKind


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqliteLedger]:
    with SqliteLedger.open(tmp_path / "ledger.sqlite", authority_id="sample") as opened:
        yield opened


def plan(
    ledger: SqliteLedger, *rows: RecordRow, of: Issuer | None = None, at_s: int = AT_S
) -> BatchPlan:
    return make_plan(rows, issuer=of or exampleoffice.issuer(), ledger=ledger, at_s=at_s)


def errors(
    ledger: SqliteLedger, *rows: RecordRow, of: Issuer | None = None
) -> list[tuple[int, str]]:
    found = plan(ledger, *rows, of=of)
    assert found.errors
    for _, finding in found.findings:
        assert "?" not in finding.what("zh") + finding.what("en") + finding.next("en")
    return [(n, each.code) for n, each in found.findings if each.severity == "error"]


def test_a_token_says_what_the_row_said(ledger: SqliteLedger) -> None:
    (issued,) = exampleoffice.issue(ledger, row(1, name="𬱖•样例"))
    token = frame.unpack(text.to_frame(issued.signed.code_text))
    certificate = payload.decode(token.payload)
    assert certificate.name == "𬱖·样例"
    assert certificate.number == issued.number == "4501000000001"
    assert certificate.source is Source.EXCEL
    assert str(certificate.issued) == "2026-01-01"
    signed = token.to_be_signed(external_aad=frame.binding(exampleoffice.bundle().authority.id))
    assert exampleoffice.signer("token-1").public.verify(token.signature, signed)


def test_the_opening_opens_the_commitment(ledger: SqliteLedger, tmp_path: Path) -> None:
    (issued,) = exampleoffice.issue(ledger, row(1))
    identity = payload.decode(issued.signed.payload).identity
    assert identity is not None
    assert issued.opening is not None
    assert matches(identity, issued.opening, exampleoffice.id_number(1))
    write_files([issued], folder=tmp_path / "out", pictures=False)
    with (tmp_path / "out" / "openings.csv").open(encoding="utf-8-sig") as file:
        line = list(csv.reader(file))[1]
    assert parse_opening(line[2]) == issued.opening


def test_the_ledger_holds_no_unmasked_number(ledger: SqliteLedger, tmp_path: Path) -> None:
    exampleoffice.issue(ledger, row(1))
    assert exampleoffice.id_number(1).encode() not in (tmp_path / "ledger.sqlite").read_bytes()


@pytest.mark.parametrize("profile", Profile)
def test_every_profile_is_issued_as_it_says(ledger: SqliteLedger, profile: Profile) -> None:
    (issued,) = exampleoffice.issue(ledger, row(1), of=exampleoffice.issuer(profile=profile))
    identity = payload.decode(issued.signed.payload).identity
    assert (identity is None) == (profile is Profile.NONE)
    assert identity is None or identity.profile is profile
    assert (issued.opening is not None) == (profile is Profile.MASKED)


def test_one_bad_row_keeps_every_row_from_being_issued(ledger: SqliteLedger) -> None:
    found = plan(ledger, row(1), row(2, title="教授"), row(3))
    assert found.errors == 1
    with pytest.raises(IssueError) as caught:
        issue_batch(found, issuer=exampleoffice.issuer(), ledger=ledger, at_s=AT_S)
    assert caught.value.code == "issue.plan_has_errors"
    assert list(ledger.entries()) == []


def test_a_plan_changes_nothing(ledger: SqliteLedger) -> None:
    plan(ledger, row(1), row(2))
    assert ledger.coverage(1) == 0


def test_every_error_of_every_row_is_told_at_once(ledger: SqliteLedger) -> None:
    found = errors(
        ledger,
        row(1, name=None, qualified="gestern"),
        row(2, approving_body="样例省不存在的机构"),
        row(3, number="9900000000001"),
        row(4, issued="2027-01-01"),
        row(5, issued="2019-12-31", qualified="2019"),
        row(6, number="4501000000777"),
        row(7, number="4501000000777"),
        row(8, supersedes="4501000000001"),
        row(9, id_number=None),
    )
    assert set(found) == {
        (2, "record.value_missing"), (2, "record.date_unreadable"), (3, "issue.no_segment"),
        (4, "issue.number_outside"), (5, "issue.issued_in_future"), (6, "issue.outside_window"),
        (8, "issue.number_twice"), (10, "record.identity_needed"),
    }  # fmt: skip


def test_a_photo_of_a_row_with_another_error_is_not_said_to_fit_nobody(
    ledger: SqliteLedger, tmp_path: Path
) -> None:
    photo = tmp_path / f"样例1_{exampleoffice.id_number(1)}.jpg"
    photo.write_bytes(draw_portrait())
    found = make_plan(
        [row(1, qualified="gestern")],
        issuer=exampleoffice.issuer(),
        ledger=ledger,
        at_s=AT_S,
        album=Album(tmp_path),
    )
    codes = [finding.code for _, finding in found.findings]
    assert "record.date_unreadable" in codes
    assert "issue.photo_unmatched" not in codes


def test_the_same_row_twice_in_a_workbook_is_an_error(ledger: SqliteLedger) -> None:
    again = RecordRow(9, row(1).cells, ())
    assert errors(ledger, row(1), again) == [(9, "issue.row_twice")]


def test_a_row_with_a_formula_is_not_issued(ledger: SqliteLedger) -> None:
    bad = RecordRow(2, row(1).cells, (Finding("name", "error", "issue.cell_formula"),))
    assert plan(ledger, bad).errors == 1
    assert plan(ledger, bad).jobs == ()


def test_a_number_of_another_record_is_refused(ledger: SqliteLedger) -> None:
    exampleoffice.issue(ledger, row(1, number="4501000000009"))
    assert errors(ledger, row(2, number="4501000000009")) == [(3, "issue.number_given")]


def test_a_segment_that_ends_is_told_before_anything_is_issued(ledger: SqliteLedger) -> None:
    bundle = exampleoffice.bundle()
    short = tuple(replace(each, last=2) for each in bundle.segments)
    of = exampleoffice.issuer(of=replace(bundle, segments=short))
    assert errors(ledger, row(1), row(2), row(3), of=of) == [(4, "issue.segment_used_up")]


def test_a_killed_run_that_used_up_a_segment_is_finished_by_the_next(ledger: SqliteLedger) -> None:
    bundle = exampleoffice.bundle()
    short = tuple(replace(each, last=2) for each in bundle.segments)
    of = exampleoffice.issuer(of=replace(bundle, segments=short))

    class Dying:
        public = exampleoffice.signer("token-1").public

        def sign(self, data: bytes) -> bytes:
            raise KeyboardInterrupt(data)

    with pytest.raises(KeyboardInterrupt):
        exampleoffice.issue(ledger, row(1), row(2), of=replace(of, signer=Dying()))
    issued = exampleoffice.issue(ledger, row(1), row(2), of=of)
    assert [one.number for one in issued] == ["4501000000001", "4501000000002"]
    assert errors(ledger, row(3), of=of) == [(4, "issue.segment_used_up")]


def test_a_body_that_looks_like_an_id_number_is_not_repeated(ledger: SqliteLedger) -> None:
    # A letter at its end keeps it from being taken for an ID number, and so from being refused.
    found = plan(ledger, row(1, approving_body="450099199001010072A"))
    assert [each.code for _, each in found.findings if each.severity == "error"] == [
        "issue.no_segment"
    ]
    assert not any("0101007" in each.what("en") for _, each in found.findings)


def test_a_body_of_two_levels_must_say_which(ledger: SqliteLedger) -> None:
    bundle = exampleoffice.bundle()
    second = replace(bundle.segments[1], prefix="4599", body_level=BodyLevel.DELEGATED)
    of = exampleoffice.issuer(of=replace(bundle, segments=(*bundle.segments, second)))
    assert errors(ledger, row(1), of=of) == [(2, "issue.body_level_needed")]
    (issued,) = exampleoffice.issue(ledger, row(1, body_level="授权单位"), of=of)
    assert issued.number.startswith("4599")


def test_without_segments_a_number_must_be_brought(ledger: SqliteLedger) -> None:
    of = exampleoffice.issuer(of=replace(exampleoffice.bundle(), segments=()))
    assert errors(ledger, row(1), of=of) == [(2, "issue.no_segment")]
    (issued,) = exampleoffice.issue(ledger, row(1, number="样例-1", body_level="市级"), of=of)
    assert issued.number == "样例-1"


def test_the_same_workbook_is_not_issued_twice(ledger: SqliteLedger) -> None:
    first = exampleoffice.issue(ledger, row(1), row(2))
    again = exampleoffice.issue(ledger, row(1), row(2), row(3), at_s=AT_S + DAY_S)
    assert again[:2] == first
    assert ledger.coverage(1) == 3
    found = plan(ledger, row(1))
    assert "issue.row_issued" in [finding.code for _, finding in found.findings]


def test_a_row_whose_certificate_was_voided_is_not_issued_again(ledger: SqliteLedger) -> None:
    (issued,) = exampleoffice.issue(ledger, row(1))
    ledger.change(issued.number, reason="V01", remark="样例", at_s=AT_S)
    assert errors(ledger, row(1)) == [(2, "issue.row_not_in_force")]


def test_a_run_killed_while_signing_is_finished_by_the_next(
    ledger: SqliteLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("etitle.register.sqlite.CHUNK", 2)
    calls: list[bytes] = []

    class Dying:
        public = exampleoffice.signer("token-1").public

        def sign(self, data: bytes) -> bytes:
            calls.append(data)
            if len(calls) > 3:
                raise KeyboardInterrupt
            return exampleoffice.signer("token-1").sign(data)

    with pytest.raises(KeyboardInterrupt):
        exampleoffice.issue(ledger, *map(row, range(5)), of=exampleoffice.issuer(by=Dying()))
    assert len(list(ledger.entries())) == 2
    # A day later: what was given a place keeps its day of issue, number, index and opening.
    issued = exampleoffice.issue(ledger, *map(row, range(5)), at_s=AT_S + DAY_S)
    assert [one.index for one in issued] == [0, 1, 2, 3, 4]
    assert {str(payload.decode(one.signed.payload).issued) for one in issued} == {"2026-01-01"}
    assert ledger.coverage(1) == 5


class Killed:
    """A signer in whose hands a run dies, after the places were given out."""

    public = exampleoffice.signer("token-1").public

    def sign(self, data: bytes) -> bytes:
        raise KeyboardInterrupt(data)


def kill(ledger: SqliteLedger, *rows: RecordRow, profile: Profile = Profile.MASKED) -> None:
    with pytest.raises(KeyboardInterrupt):
        exampleoffice.issue(ledger, *rows, of=exampleoffice.issuer(by=Killed(), profile=profile))


@pytest.mark.parametrize("first", Profile)
@pytest.mark.parametrize("then", Profile)
def test_a_killed_run_is_finished_under_another_profile(
    ledger: SqliteLedger, first: Profile, then: Profile
) -> None:
    kill(ledger, row(1), profile=first)
    (issued,) = exampleoffice.issue(ledger, row(1), of=exampleoffice.issuer(profile=then))
    assert (issued.number, issued.index) == ("4501000000001", 0)
    identity = payload.decode(issued.signed.payload).identity
    if then is Profile.MASKED:
        assert identity is not None
        assert issued.opening is not None
        assert matches(identity, issued.opening, exampleoffice.id_number(1))
    else:
        assert issued.opening is None
    assert exampleoffice.issue(ledger, row(1)) == (issued,)


def test_a_killed_run_is_finished_in_the_list_of_its_places(ledger: SqliteLedger) -> None:
    kill(ledger, row(1))
    bundle = exampleoffice.bundle()
    second = ListEntry(2, 1, 0, "https://zc.sample.cn/lists/2.cwt")
    of = replace(exampleoffice.issuer(of=replace(bundle, lists=(*bundle.lists, second))), list_id=2)
    issued = exampleoffice.issue(ledger, row(1), row(2), of=of)
    assert [(one.list_id, one.index) for one in issued] == [(1, 0), (2, 0)]
    assert payload.decode(issued[0].signed.payload).list_id == 1


def test_a_place_in_a_list_that_is_no_more_is_named(ledger: SqliteLedger) -> None:
    kill(ledger, row(1))
    only = (ListEntry(2, 1, 0, "https://zc.sample.cn/lists/2.cwt"),)
    of = replace(
        exampleoffice.issuer(), bundle=replace(exampleoffice.bundle(), lists=only), list_id=2
    )
    assert errors(ledger, row(1), row(2), of=of) == [(2, "issue.place_list")]
    said = plan(ledger, row(1), of=of).findings[-1][1].what("en")
    assert "4501000000001" in said
    assert "list 1, index 0" in said


@pytest.mark.parametrize("days", [0, 1])
def test_a_killed_run_is_finished_by_a_key_that_begins_later(
    ledger: SqliteLedger, days: int
) -> None:
    kill(ledger, row(1))
    bundle, day = exampleoffice.bundle(), china_day(AT_S) + days
    keys = tuple(
        replace(key, not_before=day) if key.public == Killed.public else key for key in bundle.keys
    )
    of = exampleoffice.issuer(of=replace(bundle, keys=keys))
    (issued,) = exampleoffice.issue(ledger, row(1), of=of, at_s=AT_S + DAY_S)
    assert issued.number == "4501000000001"
    # Its own day where the key can sign for it, else the day it is signed.
    assert payload.decode(issued.signed.payload).issued == day_date(day)


def test_a_killed_run_is_finished_in_a_segment_that_begins_later(ledger: SqliteLedger) -> None:
    kill(ledger, row(1))
    bundle, day = exampleoffice.bundle(), china_day(AT_S) + 1
    later = tuple(replace(each, not_before=day) for each in bundle.segments)
    of = exampleoffice.issuer(of=replace(bundle, segments=later))
    (issued,) = exampleoffice.issue(ledger, row(1), of=of, at_s=AT_S + DAY_S)
    assert issued.number == "4501000000001"
    assert payload.decode(issued.signed.payload).issued == day_date(day)


def test_a_place_in_a_segment_that_is_no_more_is_named(ledger: SqliteLedger) -> None:
    kill(ledger, row(1))
    bundle = exampleoffice.bundle()
    moved = tuple(replace(each, first=each.first + 10) for each in bundle.segments)
    of = exampleoffice.issuer(of=replace(bundle, segments=moved))
    assert errors(ledger, row(1), row(2), of=of) == [(2, "issue.place_segment")]


def test_a_list_dropped_between_plan_and_signature_is_noticed(ledger: SqliteLedger) -> None:
    judged = plan(ledger, row(1))
    only = (ListEntry(2, 1, 0, "https://zc.sample.cn/lists/2.cwt"),)
    of = replace(
        exampleoffice.issuer(), bundle=replace(exampleoffice.bundle(), lists=only), list_id=2
    )
    with pytest.raises(IssueError) as caught:
        issue_batch(judged, issuer=of, ledger=ledger, at_s=AT_S)
    assert caught.value.code == "issue.self_check"
    assert caught.value.details["what"] == "list"


def test_two_runs_of_one_workbook_at_once_issue_it_once(
    ledger: SqliteLedger, tmp_path: Path
) -> None:
    def run(_: int) -> list[tuple[str, int, str]]:
        with SqliteLedger.open(tmp_path / "ledger.sqlite", authority_id="sample") as own:
            issued = exampleoffice.issue(own, *map(row, range(20)))
        return [(one.number, one.index, one.signed.code_text) for one in issued]

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(run, range(4)))
    assert all(result == results[0] for result in results)
    assert ledger.coverage(1) == len({number for number, _, _ in results[0]}) == 20


class Lying:
    """A signer whose signatures are another key's."""

    def __init__(self, public: PublicKey, signer: Signer) -> None:
        self.public, self._signer = public, signer

    def sign(self, data: bytes) -> bytes:
        return self._signer.sign(data)


def test_a_signature_by_another_key_never_leaves(ledger: SqliteLedger) -> None:
    liar = Lying(exampleoffice.signer("token-1").public, generate(ES256))
    with pytest.raises(IssueError) as caught:
        exampleoffice.issue(ledger, row(1), of=exampleoffice.issuer(by=liar))
    assert caught.value.code == "issue.self_check"
    assert caught.value.details["what"] == "signature"
    assert list(ledger.entries()) == []


def test_a_signature_of_the_second_form_never_leaves(ledger: SqliteLedger) -> None:
    class High:
        public = exampleoffice.signer("token-1").public

        def sign(self, data: bytes) -> bytes:
            signature = exampleoffice.signer("token-1").sign(data)
            s = ES256.order - int.from_bytes(signature[32:], "big")
            return signature[:32] + s.to_bytes(32, "big")

    with pytest.raises(IssueError) as caught:
        exampleoffice.issue(ledger, row(1), of=exampleoffice.issuer(by=High()))
    assert caught.value.details["what"] == "signature form"


def test_a_key_that_the_bundle_does_not_name_is_refused() -> None:
    for by in (generate(ES256), exampleoffice.signer("list-1")):
        with pytest.raises(IssueError) as caught:
            exampleoffice.issuer(by=by)
        assert caught.value.code == "issue.key_not_in_bundle"


def test_a_retired_key_issues_nothing() -> None:
    bundle = exampleoffice.bundle()
    keys = tuple(
        replace(key, history=(*key.history, (KeyState.RETIRED, AT_S))) for key in bundle.keys
    )
    with pytest.raises(IssueError) as caught:
        exampleoffice.issuer(of=replace(bundle, keys=keys))
    assert caught.value.code == "issue.key_not_active"


def test_a_list_that_the_bundle_does_not_name_is_refused() -> None:
    with pytest.raises(IssueError) as caught:
        replace(exampleoffice.issuer(), list_id=9)
    assert caught.value.code == "issue.list_not_in_bundle"


def test_a_reissue_names_its_predecessor_and_counts_on(ledger: SqliteLedger) -> None:
    (old,) = exampleoffice.issue(ledger, row(1))
    after = row(2, name="样例新", id_number=exampleoffice.id_number(1), supersedes=old.number)
    (new,) = exampleoffice.issue(ledger, after, reason="R01", remark="更名")
    certificate = payload.decode(new.signed.payload)
    assert (certificate.supersedes, certificate.version) == (old.number, 2)
    assert ledger.state_of(old.number).kind is StatusKind.SUPERSEDED
    again = exampleoffice.issue(ledger, after, reason="R01", remark="更名")
    assert again == (new,)


def test_a_reissue_needs_a_reason_and_something_in_force(ledger: SqliteLedger) -> None:
    (old,) = exampleoffice.issue(ledger, row(1))
    after = row(2, supersedes=old.number)
    assert errors(ledger, after) == [(3, "issue.reason_needed")]
    ledger.change(old.number, reason="S01", remark="样例", at_s=AT_S)
    found = make_plan(
        [after, row(3, supersedes=old.number)],
        issuer=exampleoffice.issuer(),
        ledger=ledger,
        at_s=AT_S,
        reason="R04",
    )
    codes = [each.code for _, each in found.findings if each.severity == "error"]
    assert codes == ["issue.old_not_in_force", "issue.old_twice"]


def test_a_reissue_is_of_the_same_person(ledger: SqliteLedger) -> None:
    (old,) = exampleoffice.issue(ledger, row(1))

    def told(**cells: object) -> list[str]:
        plan = make_plan(
            [row(2, supersedes=old.number, **cells)], issuer=exampleoffice.issuer(), ledger=ledger,
            at_s=AT_S, reason="R01", remark="样例",
        )  # fmt: skip
        codes = [each.code for _, each in plan.findings]
        return [code for code in codes if code != "record.address_unknown"]

    assert told() == ["issue.other_person"]
    assert told(name="样例1") == ["issue.id_number_changed"]
    assert told(id_number=exampleoffice.id_number(1)) == ["issue.name_changed"]
    assert told(name="样例1", id_number=exampleoffice.id_number(1)) == []


def test_a_certificate_from_before_the_register_is_superseded_by_name_only(
    ledger: SqliteLedger,
) -> None:
    (issued,) = exampleoffice.issue(ledger, row(1, supersedes="纸质1998-17"))
    assert payload.decode(issued.signed.payload).supersedes == "纸质1998-17"


def test_files_are_written_from_the_ledger_and_only_where_they_are_missing(
    ledger: SqliteLedger, tmp_path: Path
) -> None:
    folder = tmp_path / "issued"
    exampleoffice.issue(ledger, row(1), row(2))
    assert write_files(ledger.entries(), folder=folder, svg=True) == (2, 0)
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert len(first) == 7
    (folder / "4501000000001.png").unlink()
    (folder / "4501000000002.txt").write_text("cut o", "utf-8")
    assert write_files(ledger.entries(), folder=folder, svg=True) == (2, 0)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first
    assert write_files(ledger.entries(), folder=folder) == (0, 2)


def test_a_picture_that_does_not_read_back_is_not_written(
    ledger: SqliteLedger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = draw.draw_png("https://zc.sample.cn/v#" + "7" * 430)
    monkeypatch.setattr(draw, "draw_png", lambda _: other)
    with pytest.raises(IssueError) as caught:
        write_files(exampleoffice.issue(ledger, row(1)), folder=tmp_path / "out")
    assert caught.value.code == "issue.picture_unreadable"
    assert list((tmp_path / "out").iterdir()) == []


def test_openings_of_earlier_batches_stay_in_the_table(
    ledger: SqliteLedger, tmp_path: Path
) -> None:
    for n in (1, 2):
        write_files(exampleoffice.issue(ledger, row(n)), folder=tmp_path / "out", pictures=False)
    path = tmp_path / "out" / "openings.csv"
    assert len(path.read_text("utf-8-sig").splitlines()) == 3
    assert path.stat().st_mode & 0o077 == 0


def test_no_name_in_the_table_of_openings_is_a_formula(
    ledger: SqliteLedger, tmp_path: Path
) -> None:
    write_files(
        exampleoffice.issue(ledger, row(1, name="@SUM(样例)"), row(2, name="=1+1样例")),
        folder=tmp_path, pictures=False,
    )  # fmt: skip
    lines = list(csv.reader((tmp_path / "openings.csv").read_text("utf-8-sig").splitlines()))
    assert [line[1][0] for line in lines[1:]] == ["'", "'"]


def test_runs_at_once_lose_no_opening(ledger: SqliteLedger, tmp_path: Path) -> None:
    issued = exampleoffice.issue(ledger, *map(row, range(12)))

    def run(n: int) -> None:
        write_files(issued[n : n + 1], folder=tmp_path / "out", pictures=False)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(run, range(12)))
    with (tmp_path / "out" / "openings.csv").open(encoding="utf-8-sig") as file:
        assert [line[0] for line in csv.reader(file)][1:] == [one.number for one in issued]
    assert len(list((tmp_path / "out").iterdir())) == 13


def test_a_table_of_openings_saved_again_by_a_spreadsheet_is_read(
    ledger: SqliteLedger, tmp_path: Path
) -> None:
    first, second = exampleoffice.issue(ledger, row(1), row(2))
    table = tmp_path / "openings.csv"
    write_files([first], folder=tmp_path, pictures=False)
    table.write_bytes(table.read_text("utf-8-sig").encode("gb18030"))
    write_files([second], folder=tmp_path, pictures=False)
    lines = list(csv.reader(table.read_text("utf-8-sig").splitlines()))
    assert [line[1] for line in lines[1:]] == ["样例1", "样例2"]
    table.write_text("number\n" + '"' + "x" * 200_000, "utf-8")
    with pytest.raises(IssueError) as caught:
        write_files([second], folder=tmp_path, pictures=False)
    assert caught.value.code == "issue.csv_malformed"


@pytest.mark.parametrize(
    "number",
    ["../../etc/passwd", "CON", ".hidden", "a/b\\c", "样例 1", "-rf", "4" * 40 + "x", "号" * 40],
)
def test_odd_numbers_have_safe_file_names(number: str) -> None:
    stem = file_stem(number)
    assert not {"/", "\\", " ", "."} & set(stem)
    assert len((stem + ".png.part").encode()) < 255
    assert "~" in stem


def test_numbers_that_differ_in_case_have_different_files() -> None:
    assert (
        len({file_stem(number).lower() for number in ("a1", "A1", "a 1", "a/1", "1a", "1A")}) == 6
    )


def test_made_is_what_a_rescue_list_needs(ledger: SqliteLedger) -> None:
    (issued,) = exampleoffice.issue(ledger, row(1))
    token = frame.unpack(text.to_frame(issued.signed.code_text))
    assert issued.signed == SignedCertificate(
        exampleoffice.signer("token-1").public.thumbprint,
        token.payload,
        token.to_be_signed(external_aad=frame.binding(exampleoffice.bundle().authority.id)),
        issued.signed.code_text,
    )
