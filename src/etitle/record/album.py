"""Photos handed in with a workbook: matches files to people before anything is issued (附件2).

A file is named after its person: 姓名_号.jpg, 姓名+号.jpg or 姓名号.jpg.  A masked number is enough
where it fits exactly one person of that name.  Nothing is guessed: a photo on the wrong
certificate is worse than none, so an open question is an error of its rows.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

from etitle.certificate.identity import narrow, plain_number
from etitle.errors import FieldError, ImageError, IssueError
from etitle.files import read_bounded
from etitle.record.cell import shown
from etitle.record.column import read_cell
from etitle.record.finding import Finding, found, warn
from etitle.record.headings import field_of
from etitle.record.iddocument import read_document
from etitle.record.photorules import MAX_PHOTO_BYTES, parse_photo_name, read_photo

FOLDER_ROW: Final = 0
"""Stands for a row's number in a finding about the folder of photos."""

EVERY_ROW: Final = (range(1 << 31),)
"""Rows without photo: all of them."""

_IGNORED: Final = frozenset({"thumbs.db", "desktop.ini"})
"""What file managers leave behind, by its name in lower case; hidden files too."""

_RUN: Final = re.compile(r"[0-9A-Za-z*]{3,}")
_IN_SIGHT: Final = 2
"""Characters that a shown file name leaves of a number: no mask leaves fewer (clause 2.4.4)."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a row is about.

    Attributes:
        row: its number in the workbook.
        name: as the record has it.
        number: the whole ID number, or None; kept out of ``repr``.
    """

    row: int
    name: str
    number: str | None = field(repr=False)


def person_in(row: int, cells: Mapping[str, object]) -> Person | None:
    """Whom a row is about, even if the row has errors; None where no name can be read.

    Photos are matched before the row's other rules and independently: a wrong date in the row
    must not make its photo fit nobody.

    Args:
        row: its number in the workbook.
        cells: by heading, Chinese or English.

    >>> person_in(2, {"姓名": "样例 甲", "id_number": "45009919900101007２", "qualified": "?"})
    Person(row=2, name='样例甲')
    """
    values = {field_of(heading): value for heading, value in cells.items()}
    try:
        name = str(read_cell(values.get("name"), "name"))
    except FieldError:
        return None
    try:
        number = read_cell(values.get("id_number"), "id_number")
    except FieldError:
        number = None
    if number is None:
        return Person(row, name, None)
    try:
        return Person(row, name, read_document(str(number))[0].number)
    except FieldError:  # a wrong digit is told of the row; its photo may be named after it
        return Person(row, name, plain_number(str(number)))


@dataclass(frozen=True, slots=True)
class PhotoFile:
    """A photo that keeps the rules.

    Attributes:
        path: where it is.
        digest: SHA-256 of the file.
    """

    path: Path = field(repr=False)
    digest: bytes


@dataclass(frozen=True, slots=True)
class MatchedPhotos:
    """What was found for the rows of one workbook.

    Attributes:
        photos: by row.
        without: rows that are declared to have none.
        faulty: rows whose photo is unclear or breaks the rules.
        findings: by row; those of the folder under ``FOLDER_ROW``.
    """

    photos: Mapping[int, PhotoFile]
    without: frozenset[int]
    faulty: frozenset[int]
    findings: Mapping[int, tuple[Finding, ...]]

    def of(self, row: int) -> Iterator[tuple[int, Finding]]:
        """The findings of a row, each with the row's number."""
        return ((row, finding) for finding in self.findings.get(row, ()))


class Album:
    """A folder of photos, and the rows that are declared to have none.

    Args:
        folder: the folder with all folders below it; None for no photos at all.
        without: rows of records that have no photo.
    """

    def __init__(self, folder: Path | None = None, *, without: Sequence[range] = ()) -> None:
        self.folder = folder
        self.without = tuple(without)

    @property
    def is_silent(self) -> bool:
        """Whether neither a folder of photos nor rows without photo were named."""
        return self.folder is None and not self.without

    def match(self, people: Iterable[Person]) -> MatchedPhotos:
        """Find the photo of each row; nothing is changed.

        Raises:
            IssueError: ``issue.file_unreadable`` for a folder that can't be read.
        """
        return _Matching(self, list(people)).result()


def shown_name(file_name: str) -> str:
    """A file name fit for a message: anything that may be a number is masked.

    >>> shown_name("张样例_45009919900101123X.jpg"), shown_name("IMG_2024.jpg")
    ('张样例_****************3X.jpg', 'IMG_**24.jpg')
    """
    stem, dot, suffix = narrow(file_name).rpartition(".")

    def hide(run: re.Match[str]) -> str:
        text = run[0]
        is_word = not any(character.isdigit() for character in text)
        return text if is_word else "*" * (len(text) - _IN_SIGHT) + text[-_IN_SIGHT:]

    return shown(_RUN.sub(hide, stem if dot else suffix) + (dot + suffix if dot else ""))


class _Matching:
    """One matching: the people by name, and the outcome for each file."""

    def __init__(self, album: Album, people: list[Person]) -> None:
        self._album = album
        self._rows = {person.row for person in people}
        self._named: dict[str, list[Person]] = defaultdict(list)
        for person in people:
            self._named[person.name.casefold()].append(person)
        self._files: dict[int, list[Path]] = defaultdict(list)
        self._findings: dict[int, list[Finding]] = defaultdict(list)
        self._faulty: set[int] = set()

    def result(self) -> MatchedPhotos:
        if self._album.folder is not None:
            for path in _files(self._album.folder):
                self._place(path)
        without = self._without()
        photos: dict[int, PhotoFile] = {}
        read: dict[Path, PhotoFile | Finding] = {}  # one person may have several rows
        for row, paths in sorted(self._files.items()):
            if row in self._faulty:
                continue
            if len(paths) > 1:
                names = ", ".join(shown_name(path.name) for path in paths)
                self._error(row, FieldError("issue.photo_twice", field="photo", files=names))
                continue
            path = paths[0]
            if path not in read:
                read[path] = _read(path)
            seen = read[path]
            if row in without:
                name = shown_name(path.name)
                self._error(row, FieldError("issue.photo_contradicted", field="photo", file=name))
            elif isinstance(seen, Finding):
                self._faulty.add(row)
                self._findings[row].append(seen)
            else:
                photos[row] = seen
        findings = {row: tuple(some) for row, some in self._findings.items()}
        return MatchedPhotos(photos, without, frozenset(self._faulty), findings)

    def _error(self, row: int, error: FieldError) -> None:
        self._faulty.add(row)
        self._findings[row].append(found(error, "photo"))

    def _without(self) -> frozenset[int]:
        for some in self._album.without:
            if not any(row in some for row in self._rows):
                rows = str(some.start) if len(some) == 1 else f"{some.start}-{some.stop - 1}"
                error = FieldError("issue.without_unknown", field="photo", rows=rows)
                self._findings[FOLDER_ROW].append(found(error, "photo"))
        return frozenset(
            row for row in self._rows if any(row in some for some in self._album.without)
        )

    def _place(self, path: Path) -> None:
        """Give a file to the rows of its person."""
        name = shown_name(path.name)
        try:
            whose = parse_photo_name(path.name)
            key = str(read_cell(whose.name, "name")).casefold()
        except FieldError:
            self._findings[FOLDER_ROW].append(warn("issue.photo_name", "photo", file=name))
            return
        fits = _fitting(whose.number)
        people = [
            person
            for person in self._named.get(key, ())
            if person.number is not None and fits.fullmatch(person.number)
        ]
        if not people:
            self._findings[FOLDER_ROW].append(warn("issue.photo_unmatched", "photo", file=name))
        elif len({person.number for person in people}) > 1:
            rows = ", ".join(str(person.row) for person in people)
            for person in people:
                error = FieldError("issue.photo_ambiguous", field="photo", file=name, rows=rows)
                self._error(person.row, error)
        else:
            for person in people:
                self._files[person.row].append(path)


def _fitting(number: str) -> re.Pattern[str]:
    """What a number may be, as a file name gives it: stars stand for one character or more."""
    parts = re.split(r"\*+", number)
    return re.compile(".+".join(map(re.escape, parts)))


def _files(folder: Path) -> Iterator[Path]:
    def stop(error: OSError) -> None:
        raise IssueError("issue.file_unreadable", path=folder) from error

    for place, folders, names in os.walk(folder, onerror=stop):
        folders.sort()
        for name in sorted(names):
            if not name.startswith(".") and name.lower() not in _IGNORED:
                yield Path(place) / name


def _read(path: Path) -> PhotoFile | Finding:
    """A file, checked by the rules for photos."""
    try:
        data = read_bounded(path, limit=MAX_PHOTO_BYTES)
        size = path.stat().st_size
    except (OSError, ValueError):
        return found(
            FieldError("issue.photo_unreadable", field="photo", file=shown_name(path.name)), "photo"
        )
    if data is None:
        error = ImageError("photo.too_large", size=size, limit=MAX_PHOTO_BYTES)
        return found(error, "photo")
    try:
        read_photo(data)
    except ImageError as error:
        return found(error, "photo")
    return PhotoFile(path, sha256(data).digest())
