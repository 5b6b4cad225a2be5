"""Objects -> a page that lacks only its signature (docs/spec clauses 9.1, 9.2).

Only the shape that clause 9 allows can be written: a header, then objects.  The catalog, the
signature and the cross-reference table follow when the page is sealed (``etitle.pades.prepared``).
"""

from __future__ import annotations

from typing import Final

from etitle.pdf import SIGNATURE, Unsigned

HEADER: Final = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


class Writer:
    """Collects the objects of a document; numbers 1 and 2 are the catalog's and the signature's.

    >>> writer = Writer()
    >>> writer.add(b"<< /Title (x) >>")
    3
    """

    def __init__(self) -> None:
        self._bodies: list[bytes | None] = []

    def reserve(self) -> int:
        """A number for an object that is written later."""
        self._bodies.append(None)
        return len(self._bodies) + SIGNATURE

    def put(self, number: int, body: bytes) -> None:
        """Write an object that was reserved."""
        self._bodies[number - SIGNATURE - 1] = body

    def add(self, body: bytes) -> int:
        """Write an object and return its number."""
        self._bodies.append(body)
        return len(self._bodies) + SIGNATURE

    def finish(self, *, catalog: bytes, info: int) -> Unsigned:
        """The document without its signature.

        Args:
            catalog: entries of the catalog without the brackets around them.
            info: number of the information dictionary.
        """
        parts = [HEADER]
        offsets: list[int] = []
        size = len(HEADER)
        for number, body in enumerate(self._bodies, SIGNATURE + 1):
            if body is None:
                raise ValueError(number)
            whole = b"%d 0 obj\n%b\nendobj\n" % (number, body)
            offsets.append(size)
            parts.append(whole)
            size += len(whole)
        return Unsigned(b"".join(parts), tuple(offsets), catalog, info)
