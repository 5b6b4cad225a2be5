"""Photos handed in: each file is one person's, or it is told why not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image
from tests.support import exampleoffice
from tests.support.portrait import draw_portrait

from etitle.errors import IssueError
from etitle.record.album import (
    EVERY_ROW,
    FOLDER_ROW,
    Album,
    MatchedPhotos,
    Person,
    PhotoFile,
    person_in,
    shown_name,
)
from etitle.register.photos import PhotoStore

NUMBER, OTHER = exampleoffice.id_number(1), exampleoffice.id_number(2)
JPEG = draw_portrait(quality=85)
PEOPLE = (Person(2, "样例甲", NUMBER), Person(3, "样例乙", OTHER))


def match(
    folder: Path, *names: str, people: tuple[Person, ...] = PEOPLE, without: tuple[range, ...] = ()
) -> MatchedPhotos:
    for name in names:
        path = folder / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(JPEG)
    return Album(folder, without=without).match(people)


def codes(matched: MatchedPhotos) -> dict[int, list[str]]:
    for some in matched.findings.values():
        for finding in some:
            for said in (finding.what("zh"), finding.what("en"), finding.next("zh")):
                assert NUMBER not in said
                assert OTHER not in said
                assert "?" not in said
    return {row: [one.code for one in some] for row, some in matched.findings.items()}


@pytest.mark.parametrize(
    "name",
    [
        f"样例甲_{NUMBER}.jpg",
        f"样例甲+{NUMBER}.jpg",
        f"样例甲{NUMBER}.JPG",
        f"样例甲＿{NUMBER.lower()}.jpeg",
        f"部门/样例甲_{NUMBER[:2]}***{NUMBER[-4:]}.jpg",
        f"样例甲_{NUMBER[:2]}{'*' * 12}{NUMBER[-4:]}.jpg",
    ],
)
def test_every_usual_name_finds_its_person(tmp_path: Path, name: str) -> None:
    matched = match(tmp_path, name)
    assert codes(matched) == {}
    assert {row: photo.path for row, photo in matched.photos.items()} == {2: tmp_path / name}


def test_a_middle_dot_in_any_form_is_one(tmp_path: Path) -> None:
    people = (Person(2, "样例·买买提", NUMBER),)
    assert 2 in match(tmp_path, f"样例•买买提_{NUMBER}.jpg", people=people).photos


def test_a_photo_of_nobody_and_a_file_of_another_name_are_told(tmp_path: Path) -> None:
    matched = match(
        tmp_path, f"样例丙_{NUMBER}.jpg", f"样例甲_{OTHER}.jpg", "IMG_2024.jpg", "合影.bmp"
    )
    assert codes(matched) == {FOLDER_ROW: ["issue.photo_name"] * 2 + ["issue.photo_unmatched"] * 2}
    assert all(one.severity == "warning" for one in matched.findings[FOLDER_ROW])
    assert not matched.photos


def test_what_file_managers_leave_behind_is_no_finding(tmp_path: Path) -> None:
    assert codes(match(tmp_path, ".DS_Store", "Thumbs.db", "desktop.ini")) == {}


def test_a_mask_that_fits_two_people_is_an_error_of_both(tmp_path: Path) -> None:
    people = (Person(2, "样例甲", "450099199001011234"), Person(3, "样例甲", "450099198001011234"))
    matched = match(tmp_path, "样例甲_45***1234.jpg", people=people)
    assert codes(matched) == {2: ["issue.photo_ambiguous"], 3: ["issue.photo_ambiguous"]}
    assert matched.faulty == {2, 3}
    assert not matched.photos


def test_a_mask_that_fits_one_of_two_of_a_name_will_do(tmp_path: Path) -> None:
    people = (Person(2, "样例甲", "450099199001011234"), Person(3, "样例甲", "450099198001015678"))
    matched = match(tmp_path, "样例甲_45***1234.jpg", people=people)
    assert set(matched.photos) == {2}


def test_a_mask_hides_something(tmp_path: Path) -> None:
    matched = match(tmp_path, f"样例甲_{NUMBER[:9]}*{NUMBER[9:]}.jpg")
    assert codes(matched) == {FOLDER_ROW: ["issue.photo_unmatched"]}


def test_two_photos_of_one_person_are_an_error(tmp_path: Path) -> None:
    matched = match(tmp_path, f"样例甲_{NUMBER}.jpg", f"样例甲+{NUMBER}.png")
    assert codes(matched) == {2: ["issue.photo_twice"]}


def test_rows_of_one_person_share_a_photo(tmp_path: Path) -> None:
    people = (*PEOPLE, Person(4, "样例甲", NUMBER))
    matched = match(tmp_path, f"样例甲_{NUMBER}.jpg", people=people)
    assert matched.photos[2] == matched.photos[4]


def test_a_row_without_a_number_gets_no_photo(tmp_path: Path) -> None:
    matched = match(tmp_path, f"样例甲_{NUMBER}.jpg", people=(Person(2, "样例甲", None),))
    assert codes(matched) == {FOLDER_ROW: ["issue.photo_unmatched"]}


def test_a_photo_that_breaks_a_rule_is_an_error_of_its_row(tmp_path: Path) -> None:
    (tmp_path / f"样例甲_{NUMBER}.jpg").write_bytes(draw_portrait(413, 555))
    (tmp_path / f"样例乙_{OTHER}.jpg").write_bytes(JPEG + bytes(600_000))
    matched = match(tmp_path)
    assert codes(matched) == {2: ["photo.ratio"], 3: ["photo.too_large"]}
    assert matched.faulty == {2, 3}


def test_a_pipe_in_place_of_a_photo_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / f"样例甲_{NUMBER}.jpg")
    assert codes(match(tmp_path)) == {2: ["issue.photo_unreadable"]}


def test_rows_without_photo_are_named(tmp_path: Path) -> None:
    matched = match(tmp_path, f"样例甲_{NUMBER}.jpg", without=(range(3, 4),))
    assert matched.without == {3}
    assert codes(matched) == {}
    both = match(tmp_path, without=EVERY_ROW)
    assert both.without == {2, 3}
    assert codes(both) == {2: ["issue.photo_contradicted"]}
    stray = match(tmp_path, without=(range(9, 10), range(2, 30), range(40, 42)))
    assert codes(stray)[FOLDER_ROW] == ["issue.without_unknown"] * 2
    said = [one.what("en") for one in stray.findings[FOLDER_ROW]]
    assert [words.split()[3].rstrip(",") for words in said] == ["9", "40-41"]


def test_a_folder_that_can_not_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(IssueError) as caught:
        Album(tmp_path / "none").match(PEOPLE)
    assert caught.value.code == "issue.file_unreadable"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (f"样例甲_{NUMBER}.jpg", f"样例甲_{'*' * 16}{NUMBER[-2:]}.jpg"),
        ("样例 12345678.jpg", "样例 ******78.jpg"),
        ("SAMPLE ALEX_E00000000.png", "SAMPLE ALEX_*******00.png"),
        ("样例甲_450099 19990101 001X", "样例甲_****99 ******01 **1X"),
        ("样例甲＋４５００９９１９９０.jpg", "样例甲+********90.jpg"),
    ],
)
def test_a_file_name_is_shown_with_its_number_masked(name: str, shown: str) -> None:
    assert shown_name(name) == shown


# -- the issuer's own ------------------------------------------------------------------------------


def handed_in(folder: Path, data: bytes, kind: str = "jpg") -> PhotoFile:
    path = folder / f"样例甲_{NUMBER}.{kind}"
    path.write_bytes(data)
    return Album(folder).match(PEOPLE).photos[2]


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_photo_is_kept_as_it_came(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    photo = handed_in(folder, draw_portrait(kind=kind), "jpg")  # type: ignore[arg-type]
    store = PhotoStore(tmp_path / "photos")
    store.take([photo, photo])
    store.take([photo])
    (kept,) = (path for path in (tmp_path / "photos").rglob("*") if path.is_file())
    assert kept.name == photo.digest.hex() + (".jpg" if kind == "JPEG" else ".png")
    assert kept.read_bytes() == photo.path.read_bytes()
    assert kept.stat().st_mode & 0o077 == 0
    with Image.open(kept) as picture:
        assert (picture.format, picture.size) == (kind, (413, 531))
    assert store.photo(photo.digest).width_px == 413


def test_a_photo_changed_after_it_was_judged_is_not_taken(tmp_path: Path) -> None:
    photo = handed_in(tmp_path, JPEG)
    photo.path.write_bytes(draw_portrait(variant=1))
    with pytest.raises(IssueError) as caught:
        PhotoStore(tmp_path / "photos").take([photo])
    assert caught.value.code == "issue.photo_changed"
    assert NUMBER not in str(caught.value)
    assert not (tmp_path / "photos").exists()


def test_a_photo_lost_or_bent_is_never_another(tmp_path: Path) -> None:
    store = PhotoStore(tmp_path / "photos")
    photo = handed_in(tmp_path, JPEG)
    with pytest.raises(IssueError) as lost:
        store.photo(photo.digest)
    assert lost.value.code == "issue.photo_lost"
    store.take([photo])
    (kept,) = (path for path in (tmp_path / "photos").rglob("*.jpg"))
    kept.write_bytes(draw_portrait(variant=1))
    with pytest.raises(IssueError) as bent:
        store.photo(photo.digest)
    assert bent.value.code == "issue.photo_lost"
    store.take([photo])  # handed in again, it is mended
    assert store.photo(photo.digest).height_px == 531


@pytest.mark.parametrize(
    ("cells", "number"),
    [
        ({"name": "样例甲", "id_number": NUMBER, "qualified": "gestern"}, NUMBER),
        ({"姓名": " 样例甲 ", "身份证号": f" {NUMBER} ", "职称名称": "?"}, NUMBER),
        ({"name": "样例甲", "id_number": "450099199001010079"}, "450099199001010079"),
        ({"name": "样例甲", "id_number": NUMBER[:6] + NUMBER[8:17]}, NUMBER),
        ({"name": "样例甲", "id_number": 4.5e17}, None),
        ({"name": "样例甲"}, None),
    ],
)
def test_a_row_with_other_errors_is_still_about_its_person(
    cells: dict[str, object], number: str | None
) -> None:
    assert person_in(2, cells) == Person(2, "样例甲", number)


def test_a_row_without_a_name_is_about_nobody() -> None:
    assert person_in(2, {"id_number": NUMBER}) is None
