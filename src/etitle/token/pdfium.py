"""The child that renders a PDF's pages, and nothing else (docs/spec clause 9.9).

PDFium ends its process on some hostile files, and takes what memory a file asks for; so it runs
here, under limits, and speaks with ``etitle.token.rendered`` over pipes:

- in: ``open`` and 8 bytes of length, then the file; out: one line, ``pages N`` or a word that says
  why there are none.
- in: ``page`` and 8 bytes, page number and longest pixels a side; out: a head and grey samples.
"""

from __future__ import annotations

import struct
import sys
from contextlib import suppress
from typing import Any, BinaryIO, Final

MAX_DATA_BYTES: Final = 200 << 20
"""Bytes of memory that the child may write to."""

CPU_S: Final = 1.0
"""Seconds of processor time for a page, or for opening a file."""

REQUEST: Final = struct.Struct(">4sII")
"""What is asked; then the file's length, or a page's number and the resolution in dots per inch."""

HEAD: Final = struct.Struct(">III")
"""Width, height, and microseconds of processor time; no width where a page can't be rendered."""

MAX_SIDE_PX: Final = 12_000
MAX_RENDERED_PIXELS: Final = 9_000_000
"""Pixels of a rendering: A4 at 300 dpi has 8.7 million."""


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the requests end."""
    import pypdfium2  # noqa: PLC0415  # named nowhere else

    document = None
    while len(head := requests.read(REQUEST.size)) == REQUEST.size:
        _limit()
        word, first, second = REQUEST.unpack(head)
        if word == b"open":
            data = requests.read(first)
            document = None
            try:
                document = pypdfium2.PdfDocument(data)
                line = f"pages {len(document)}"
            except pypdfium2.PdfiumError as error:
                line = "encrypted" if "password" in str(error).lower() else "damaged"
            answers.write(line.encode() + b"\n")
        elif document is not None:
            answers.write(_page(document, first, second))
        answers.flush()


def _page(document: Any, number: int, dpi: int) -> bytes:  # noqa: ANN401  # pypdfium2 has no types
    import time  # noqa: PLC0415  # the child's own

    from PIL import Image  # noqa: PLC0415

    start = time.process_time()
    try:
        page = document[number]
        width, height = page.get_size()
        scale = min(
            dpi / 72,
            MAX_SIDE_PX / max(width, height, 1),
            (MAX_RENDERED_PIXELS / max(width * height, 1)) ** 0.5,
        )
        bitmap = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=True)
        samples = Image.frombuffer(
            "RGBX", (bitmap.width, bitmap.height), bitmap.buffer, "raw", "RGBX", bitmap.stride, 1
        ).convert("L")
        size = bitmap.width, bitmap.height
        bitmap.close()
        page.close()
    except Exception:  # noqa: BLE001  # whatever it is, the page was not looked at
        return HEAD.pack(0, 0, int((time.process_time() - start) * 1e6))
    return HEAD.pack(*size, int((time.process_time() - start) * 1e6)) + samples.tobytes()


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


def main() -> None:
    """Serve standard input and output."""
    serve(sys.stdin.buffer, sys.stdout.buffer)
