"""The child that renders a PDF's pages, and nothing else (docs/spec clause 9.9).

PDFium ends its process on some hostile files, and takes what memory a file asks for; so it runs
here, under limits, and speaks with ``etitle.token.rendered`` over pipes:

- out, once: ``READY`` in a line of its own, behind whatever else wrote to standard output.
- in: ``open`` and 8 bytes of length, then the file; out: one line, ``pages N`` or a word that says
  why there are none, and microseconds of processor time.
- in: ``page`` and 8 bytes, page number and dots per inch; out: a head and grey samples, of the page
  as a screen shows it.
- in: ``prnt`` and the same; out: the same, of the page as it is printed.
"""

from __future__ import annotations

import os
import re
import struct
import sys
import time
from contextlib import suppress
from typing import Any, BinaryIO, Final, NamedTuple

MAX_DATA_BYTES: Final = 200 << 20
"""Bytes of memory that the child may write to."""

CPU_S: Final = 1.0
"""Seconds of processor time for a page, or for opening a file."""

READY: Final = b"etitle renders"
"""The first line that counts."""

REQUEST: Final = struct.Struct(">4sII")
"""What is asked; then the file's length, or a page's number and the resolution in dots per inch."""

HEAD: Final = struct.Struct(">IIIB")
"""Width, height, microseconds of processor time, and whether a print may show something else; no
width where a page can't be rendered."""

MAX_SIDE_PX: Final = 12_000
MAX_RENDERED_PIXELS: Final = 9_000_000
"""Pixels of a rendering: A4 at 300 dpi has 8.7 million."""


_LAYERS: Final = re.compile(rb"/(?:OCProperties|ObjStm|Encrypt|[A-Za-z]*#[0-9A-Fa-f]{2})")
"""Stands in every file with layers, or with places where they can't be seen."""


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the requests end."""
    _raw()  # not on any file's account
    file: _File | None = None
    while len(head := requests.read(REQUEST.size)) == REQUEST.size:
        _limit()
        word, first, second = REQUEST.unpack(head)
        if word == b"open":
            start_s = time.process_time()
            file, line = _open(requests.read(first))
            answers.write(b"%b %d\n" % (line, (time.process_time() - start_s) * 1e6))
        elif file is not None:
            answers.write(_page(file, first, second, printed=word == b"prnt"))
        answers.flush()
        _rest()


class _File(NamedTuple):
    """What PDFium made of a file, and whether it may have layers."""

    document: Any
    layered: bool


def _open(data: bytes) -> tuple[_File | None, bytes]:
    """The file and how many pages it has, or None and the reason."""
    import pypdfium2  # noqa: PLC0415

    raw = _raw()
    try:
        document: Any = pypdfium2.PdfDocument(data)
        if document.get_formtype() in (raw.FORMTYPE_XFA_FULL, raw.FORMTYPE_XFA_FOREGROUND):
            return None, b"xfa"
        file = _File(document, _LAYERS.search(data) is not None)
        return file, b"pages %d" % len(document)
    except pypdfium2.PdfiumError as error:
        return None, b"encrypted" if "password" in str(error).lower() else b"damaged"


def _raw() -> Any:  # noqa: ANN401  # pypdfium2 has no types
    """PDFium's own functions."""
    import importlib  # noqa: PLC0415

    return importlib.import_module("pypdfium2.raw")


def _page(file: _File, number: int, dpi: int, *, printed: bool) -> bytes:
    from PIL import Image  # noqa: PLC0415

    start_s = time.process_time()
    try:
        page, annotated = _load(file, number)
        width, height = page.get_size()
        scale = min(
            dpi / 72,
            MAX_SIDE_PX / max(width, height, 1),
            (MAX_RENDERED_PIXELS / max(width * height, 1)) ** 0.5,
        )
        bitmap = page.render(
            scale=scale,
            rev_byteorder=True,
            prefer_bgrx=True,
            optimize_mode="print" if printed else None,
        )
        samples = Image.frombuffer(
            "RGBX", (bitmap.width, bitmap.height), bitmap.buffer, "raw", "RGBX", bitmap.stride, 1
        ).convert("L")
        size = bitmap.width, bitmap.height
        bitmap.close()
        page.close()
    except Exception:  # noqa: BLE001  # whatever it is, the page was not looked at
        return HEAD.pack(0, 0, int((time.process_time() - start_s) * 1e6), 0)
    spent_us = int((time.process_time() - start_s) * 1e6)
    return HEAD.pack(*size, spent_us, annotated or file.layered) + samples.tobytes()


def _load(file: _File, number: int) -> tuple[Any, bool]:
    """A page, and whether it has annotations.

    PDFium leaves the fields of forms to whoever fills them in; as stamps it paints them too.
    """
    import ctypes  # noqa: PLC0415

    raw = _raw()
    page = file.document[number]
    count: int = raw.FPDFPage_GetAnnotCount(page)
    stamp = ctypes.create_string_buffer("Stamp\0".encode("utf-16-le"))
    for at in range(count):
        annotation = raw.FPDFPage_GetAnnot(page, at)
        if raw.FPDFAnnot_GetSubtype(annotation) == raw.FPDF_ANNOT_WIDGET:
            raw.FPDFAnnot_SetStringValue(
                annotation, b"Subtype", ctypes.cast(stamp, raw.FPDF_WIDESTRING)
            )
        raw.FPDFPage_CloseAnnot(annotation)
    return page, count > 0


def _limit() -> None:
    """Memory for good, and processor time for what is asked next."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415  # POSIX only
    import signal  # noqa: PLC0415

    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (MAX_DATA_BYTES, MAX_DATA_BYTES))
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.setitimer(signal.ITIMER_PROF, CPU_S)  # whose signal ends the process


def _rest() -> None:
    """Nothing is asked: what the processor does now is on no file's account."""
    if sys.platform == "win32":
        return
    import signal  # noqa: PLC0415  # POSIX only

    signal.setitimer(signal.ITIMER_PROF, 0)


def main() -> None:
    """Serve standard input and output, to which nothing else writes from now on."""
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        _raw()
        answers.write(READY + b"\n")
        answers.flush()
        serve(sys.stdin.buffer, answers)
