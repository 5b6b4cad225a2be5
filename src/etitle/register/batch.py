"""A workbook becomes certificates: places from the ledger, signed, checked, entered, written.

Nothing is issued unless every row can be.  The ledger is the truth and the files are written from
it, so a run that was killed at any point is finished by running it again.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from etitle.certificate import payload as payload_codec
from etitle.certificate.commitment import format_opening
from etitle.errors import IssueError
from etitle.files import locked_folder, write_atomic
from etitle.issue.certificate import SignedCertificate
from etitle.issue.issuer import Issuer
from etitle.register.ledger import GivenPlace, Ledger, LedgerEntry
from etitle.register.plan import BatchPlan
from etitle.table.write import harmless

_PLAIN_NAME: Final = re.compile(r"[0-9][0-9A-Z-]{0,39}")
_ODD: Final = re.compile(r"[^\w-]+")


def issue_batch(
    plan: BatchPlan, *, issuer: Issuer, ledger: Ledger, at_s: int
) -> tuple[LedgerEntry, ...]:
    """Issue what was planned.

    Args:
        plan: of this issuer and ledger, without errors.
        issuer: who issues.
        ledger: where it is entered.
        at_s: now, seconds since 1970 UTC.

    Returns:
        One for each job, in order; what was issued before comes back as it was.

    Raises:
        IssueError: ``issue.plan_has_errors``, ``issue.self_check``, and those of ``Ledger.issue``.
        SignerError: the signer's own.
    """
    if plan.errors:
        raise IssueError("issue.plan_has_errors", count=plan.errors)
    jobs = plan.jobs

    def make(place: GivenPlace) -> SignedCertificate:
        return jobs[place.request].sign(place, issuer=issuer, at_s=at_s)

    return ledger.issue([job.request for job in jobs], make=make, at_s=at_s)


def file_stem(number: str) -> str:
    """A file name for a certificate, safe on every system and different for every number.

    >>> file_stem("4502026000017"), file_stem("../样例 号/1")
    ('4502026000017', '_样例_号_1~127ff195')
    """
    if _PLAIN_NAME.fullmatch(number):
        return number
    # Case-insensitive systems, device names, hidden files: the hash tells all apart.
    return f"{_ODD.sub('_', number)}~{sha256(number.encode()).hexdigest()[:8]}"


class WrittenFiles(NamedTuple):
    """What ``write_files`` did.

    Attributes:
        drawn: certificates whose files were written.
        kept: certificates whose files were there already.
    """

    drawn: int
    kept: int


def write_files(
    issued: Iterable[LedgerEntry], *, folder: Path, pictures: bool = True, svg: bool = False
) -> WrittenFiles:
    """Write a PNG and the code text of each certificate, and a table of the 核验码.

    The text is written last: where it is there and right, the pictures are too.  ``openings.csv``
    goes to whoever hands the certificates over, and to nobody else.

    Args:
        issued: certificates of the ledger.
        folder: made where there is none.
        pictures: whether to draw PNGs; each is read back.
        svg: whether to draw SVGs too.

    Raises:
        IssueError: ``issue.picture_unreadable``, or ``issue.csv_malformed`` for ``openings.csv``.
    """
    with locked_folder(folder):
        return _write_files(issued, folder, pictures=pictures, svg=svg)


def _write_files(
    issued: Iterable[LedgerEntry], folder: Path, *, pictures: bool, svg: bool
) -> WrittenFiles:
    drawn = kept = 0
    rows: list[tuple[str, str, str, str]] = []
    for entry in issued:
        stem = file_stem(entry.number)
        name = harmless(payload_codec.decode(entry.signed.payload).name)
        opening = "" if entry.opening is None else format_opening(entry.opening)
        rows.append((entry.number, name, opening, stem))
        if _is_there(folder / stem, entry.signed.code_text, pictures=pictures, svg=svg):
            kept += 1
            continue
        _draw(folder / stem, entry.signed.code_text, pictures=pictures, svg=svg)
        drawn += 1
    _write_openings(folder / "openings.csv", rows)
    return WrittenFiles(drawn, kept)


def _path(stem: Path, suffix: str) -> Path:
    return stem.with_name(stem.name + suffix)


def _is_there(stem: Path, code_text: str, *, pictures: bool, svg: bool) -> bool:
    try:
        there = _path(stem, ".txt").read_text("utf-8") == code_text + "\n"
    except (OSError, ValueError):
        return False
    wanted = [".png"] * pictures + [".svg"] * svg
    return there and all(_path(stem, suffix).exists() for suffix in wanted)


def _draw(stem: Path, code_text: str, *, pictures: bool, svg: bool) -> None:
    from etitle.token import draw, read  # noqa: PLC0415  # a dry run draws nothing

    if pictures:
        picture = draw.draw_png(code_text)
        # A code that nobody can scan is useless: each picture is read before it is written.
        if read.read_codes(picture, wanted=lambda seen: seen == code_text) != (code_text,):
            raise IssueError("issue.picture_unreadable", name=stem.name)
        write_atomic(_path(stem, ".png"), picture)
    if svg:
        write_atomic(_path(stem, ".svg"), draw.draw_svg(code_text).encode())
    write_atomic(_path(stem, ".txt"), f"{code_text}\n".encode())


def _table(path: Path) -> list[list[str]]:
    """The rows of a table that a spreadsheet program may have saved again, in its own encoding."""
    data = path.read_bytes()
    try:
        content = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        content = data.decode("gb18030", "replace")
    try:
        return list(csv.reader(io.StringIO(content, newline="")))
    except csv.Error:
        raise IssueError("issue.csv_malformed", path=path, line="?") from None


def _write_openings(path: Path, rows: list[tuple[str, str, str, str]]) -> None:
    """Merge into what earlier batches left there, by number."""
    known: dict[str, list[str]] = {}
    if path.exists():
        known = {row[0]: row for row in _table(path)[1:] if row}
    known.update((row[0], list(row)) for row in rows)
    content = io.StringIO(newline="")
    writer = csv.writer(content)
    writer.writerow(("证号 number", "姓名 name", "核验码 opening", "文件 file"))
    writer.writerows(known[number] for number in sorted(known))
    write_atomic(path, content.getvalue().encode("utf-8-sig"), mode=0o600)
