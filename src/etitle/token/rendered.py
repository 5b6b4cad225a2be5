"""A PDF's pages as a person sees them -> grey pictures, by a child process kept warm.

Nothing of a hostile file is read in this process; a child that dies or hangs leaves a page that
was not looked at, and the next page gets a new one.
"""

from __future__ import annotations

import atexit
import importlib.util
import os
import re
import select
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Final

from etitle.errors import ImageError
from etitle.token.pdfium import HEAD, MAX_RENDERED_PIXELS, READY, REQUEST

if TYPE_CHECKING:
    from PIL import Image

WAIT_S: Final = 30.0
"""Seconds by the clock that a page may take on a machine that is busy otherwise."""

_PROGRAM: Final = (
    "import sys; sys.path[:] = sys.argv[1:]; from etitle.token.pdfium import main; main()"
)
_OPENED: Final = re.compile(rb"(pages|encrypted|xfa|damaged)(?: (\d{1,9}))?? (\d{1,12})")
_MAX_LINE_BYTES: Final = 1 << 12
_MAX_LINES: Final = 100
_CHUNK_BYTES: Final = getattr(select, "PIPE_BUF", 1 << 12)
"""What a pipe takes that can be written to, without a wait (POSIX)."""
_locks: list[threading.Lock] = [threading.Lock()]
"""The one lock; a fork gets one of its own, for it may have begun while this was held."""


@contextmanager
def _whole_answers() -> Generator[None]:
    """End the child where something else than a file interrupts what it is asked.

    An answer that nobody took must not be taken for that to the next question.
    """
    try:
        yield
    except ImageError:
        raise
    except BaseException:
        _close()
        raise


class Renderer:
    """A document that is rendered page by page.

    Attributes:
        pages: how many pages it has.
        cpu_s: seconds of processor time that the child has spent on it.
    """

    def __init__(self, pdf: bytes) -> None:
        """Open a document.

        Raises:
            ImageError: ``image.reader_missing``, ``image.encrypted`` or ``image.damaged``.
        """
        if importlib.util.find_spec("pypdfium2") is None:
            raise ImageError("image.reader_missing")
        self._pdf = pdf
        self.cpu_s = 0.0
        with _locks[0], _whole_answers():
            self.pages = self._open()

    def page(self, number: int, dpi: int, *, printed: bool = False) -> tuple[Image.Image, bool]:
        """A page in levels of grey, and whether a print may show something else.

        Args:
            number: of the page, from 1.
            dpi: dots per inch, fewer where the page is larger than any sheet.
            printed: as it is printed; else as a screen shows it.

        Raises:
            ImageError: ``image.page_unread``.
        """
        from PIL import Image  # noqa: PLC0415  # keeps start-up short

        with _locks[0], _whole_answers():
            child = _child()
            try:
                if child.document is not self._pdf:
                    self._open()
                    child = _child()
                child.ask(REQUEST.pack(b"prnt" if printed else b"page", number - 1, dpi))
                width, height, spent_us, otherwise = HEAD.unpack(child.take(HEAD.size))
                if width * height > MAX_RENDERED_PIXELS * 1.01:
                    raise ChildEndedError  # and is ended: what follows is no answer
                samples = child.take(width * height)
            except OSError:
                self.cpu_s += _close()
                raise ImageError("image.page_unread") from None
        self.cpu_s += spent_us / 1e6
        if not samples:
            raise ImageError("image.page_unread")
        return Image.frombytes("L", (width, height), samples), bool(otherwise)

    def _open(self) -> int:
        child = _child()
        try:
            child.ask(REQUEST.pack(b"open", len(self._pdf), 0) + self._pdf)
            line = child.line()
        except OSError:
            self.cpu_s += _close()
            raise ImageError("image.damaged", what="PDF") from None
        told = _OPENED.fullmatch(line)
        if told is None:  # no answer of ours: the next would be none either
            self.cpu_s += _close()
            raise ImageError("image.damaged", what="PDF")
        self.cpu_s += int(told[3]) / 1e6
        if told[1] == b"encrypted":
            raise ImageError("image.encrypted")
        if told[1] == b"xfa":
            raise ImageError("image.kind_unread", kind="XFA")
        if told[2] is None:
            raise ImageError("image.damaged", what="PDF")
        child.document = self._pdf
        return int(told[2])


class _Child:
    """The process, and what it holds.

    Raises:
        OSError: it can't be started, or does not say that it is ready.
    """

    def __init__(self) -> None:
        self.document: bytes | None = None
        self.pid = os.getpid()
        self.process = subprocess.Popen(  # noqa: S603  # our own program
            [sys.executable, "-c", _PROGRAM, *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        try:
            self._greet()
        except OSError:
            self.close()
            raise

    def _greet(self) -> None:
        """Wait until it is ready; what else writes to its output before that is passed over."""
        for _ in range(_MAX_LINES):
            if self.line() == READY:
                return
        raise ChildEndedError

    def has_ended(self) -> bool:
        """Whether somebody ended it while it was idle."""
        return self.process.poll() is not None

    def ask(self, data: bytes) -> None:
        stream = self._stream(self.process.stdin)
        rest = memoryview(data)
        while rest:
            self._wait(stream, selectors.EVENT_WRITE, time.monotonic() + WAIT_S)
            rest = rest[stream.write(rest[:_CHUNK_BYTES]) :]

    def take(self, size: int) -> bytes:
        stream, end_s = self._stream(self.process.stdout), time.monotonic() + WAIT_S
        parts: list[bytes] = []
        while size:
            self._wait(stream, selectors.EVENT_READ, end_s)
            part = stream.read(min(size, 1 << 20))
            if not part:
                raise ChildEndedError
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def line(self) -> bytes:
        line = b""
        while not line.endswith(b"\n"):
            line += self.take(1)
            if len(line) > _MAX_LINE_BYTES:
                raise ChildEndedError
        return line[:-1]

    @staticmethod
    def _wait(stream: IO[bytes], event: int, end_s: float) -> None:
        if sys.platform != "win32":  # there only sockets can be waited for
            with selectors.DefaultSelector() as waiting:
                waiting.register(stream, event)
                if not waiting.select(max(0.0, end_s - time.monotonic())):
                    raise TimeoutError

    def close(self) -> None:
        self.process.kill()
        for stream in (self.process.stdin, self.process.stdout):
            with suppress(OSError):
                self._stream(stream).close()
        self.process.wait()

    @staticmethod
    def _stream(stream: IO[bytes] | None) -> IO[bytes]:
        if stream is None:  # pragma: no cover  # both are pipes
            raise OSError
        return stream


class ChildEndedError(OSError):
    """The child ended."""


_children: list[_Child] = []
"""The child at hand: none or one."""


def _child() -> _Child:
    """The child at hand, or a new one.

    Raises:
        ImageError: ``image.reader_missing`` where none starts.
    """
    if _children and _children[0].pid != os.getpid():  # a fork: its parent's child is not ours
        _children.clear()
    if _children and _children[0].has_ended():
        _close()
    if not _children:
        if not sys.executable:  # Python within another program
            raise ImageError("image.reader_missing")
        try:
            _children.append(_Child())
        except OSError:
            raise ImageError("image.reader_missing") from None
    return _children[0]


def _close() -> float:
    """End the child; the processor time that it may have spent on what it was asked last."""
    for child in _children:
        if child.pid == os.getpid():
            child.close()
    _children.clear()
    return 1.0


def _begin_anew() -> None:
    _locks[:] = [threading.Lock()]


atexit.register(_close)
if sys.platform != "win32":
    os.register_at_fork(after_in_child=_begin_anew)
