"""The structure tree: what each part of a page is, in reading order (ISO 32000-1 §14.7, §14.8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from etitle.page.writer import Writer
from etitle.pdf import references, text_string

PAGE_KEY: Final = 0
"""Key of the page in the parent tree."""
FIELD_KEY: Final = 1
"""Key of the signature field there."""


@dataclass(slots=True)
class StructureElement:
    """One structure element while the page is made.

    Attributes:
        number: of its object.
        kind: structure type, such as ``b"TD"``.
        parent: number of the element above it, or of the tree's root.
        entries: further entries of its dictionary.
        kids: marked content and elements below it, as they are written in /K.
    """

    number: int
    kind: bytes
    parent: int
    entries: bytes
    kids: list[bytes] = field(default_factory=list[bytes])


class StructureTree:
    """Collects the elements of one page."""

    def __init__(self, writer: Writer, page: int) -> None:
        self._writer = writer
        self._page = page
        self._root = writer.reserve()
        self._elements: list[StructureElement] = []
        self._owners: list[int] = []
        self._field: int | None = None
        self.document: Final = self.open(b"Document")

    def open(
        self, kind: bytes, parent: StructureElement | None = None, entries: bytes = b""
    ) -> StructureElement:
        """A new element after its parent's other ones; without a parent, the topmost."""
        number = self._writer.reserve()
        above = self._root if parent is None else parent.number
        element = StructureElement(number, kind, above, entries)
        if parent is not None:
            parent.kids.append(b"%d 0 R" % number)
        self._elements.append(element)
        return element

    def mark(self, element: StructureElement, content: bytes, *, actual: str = "") -> bytes:
        """Page content that belongs to an element.

        Args:
            element: which.
            content: operators.
            actual: the words of a text whose characters stand apart.
        """
        mark = len(self._owners)
        self._owners.append(element.number)
        element.kids.append(b"%d" % mark)
        said = b"/ActualText %b" % text_string(actual) if actual else b""
        return b"/%b <</MCID %d%b>> BDC\n%b\nEMC" % (element.kind, mark, said, content)

    def own_field(self, element: StructureElement, number: int) -> None:
        """Say that an element stands for the signature field."""
        element.kids.append(b"<< /Type /OBJR /Obj %d 0 R /Pg %d 0 R >>" % (number, self._page))
        self._field = element.number

    def finish(self) -> int:
        """Write the tree; the number of its root."""
        writer = self._writer
        page = b" /Pg %d 0 R" % self._page
        owners = frozenset(self._owners)
        for element in self._elements:
            writer.put(
                element.number,
                b"<< /S /%b /P %d 0 R%b%b /K [%b] >>"
                % (
                    element.kind,
                    element.parent,
                    page if element.number in owners else b"",
                    element.entries,
                    b" ".join(element.kids),
                ),
            )
        numbers = b"%d [%b]" % (PAGE_KEY, b" ".join(b"%d 0 R" % owner for owner in self._owners))
        if self._field is not None:
            numbers += b" %d %d 0 R" % (FIELD_KEY, self._field)
        parents = writer.add(b"<< /Nums [%b] >>" % numbers)
        writer.put(
            self._root,
            b"<< /Type /StructTreeRoot /K [%b] /ParentTree %d 0 R /ParentTreeNextKey 2 >>"
            % (references(self.document.number, 1), parents),
        )
        return self._root
