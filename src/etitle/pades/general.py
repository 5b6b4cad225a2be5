"""Intact, correctly sealed documents of another shape than our writer's: read by pyHanko.

Only bytes that a trusted seal has signed come here; so nobody but the authority can feed pyHanko,
and we need not bound its time and memory.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final

from etitle.errors import DecodeError
from etitle.pades.byterange import ByteRange
from etitle.pades.layout import check_layout
from etitle.pades.objects import FORBIDDEN
from etitle.pades.structure import (
    FIELD,
    MAX_ATTACHMENT_BYTES,
    MAX_PAGES,
    DocumentContent,
    seconds_of,
)
from etitle.pdf import OPENING_NAME, TOKEN_NAME

_FORBIDDEN: Final = frozenset(name.decode("ascii") for name in FORBIDDEN)
_FIELD: Final = frozenset("/" + key for key in FIELD)


def read_general(pdf: bytes, byte_range: ByteRange, *, seal: bytes) -> DocumentContent:
    """Read a document by pyHanko, which must agree with what was found of its signature.

    What the layout of a file alone refuses is refused without pyHanko too.

    Args:
        pdf: the file.
        byte_range: what its signature covers, by ``find_byte_range``.
        seal: DER of the seal certificate, already known to be trusted.

    Raises:
        DecodeError: ``document.reader_missing`` where pyHanko is not installed, or
            ``document.malformed``.
    """
    numbers = check_layout(pdf)
    try:
        from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415  # an extra
        from pyhanko.sign import validation  # noqa: PLC0415
    except ImportError:
        raise DecodeError("document.reader_missing") from None
    try:
        reader: Any = PdfFileReader(BytesIO(pdf))
        _refuse_names(reader, numbers)
        return _read(reader, validation, byte_range, seal)
    except DecodeError:
        raise
    except Exception as error:  # noqa: BLE001  # pyHanko lets ValueError, TypeError and more out
        raise DecodeError("document.malformed", what=type(error).__name__) from None


def _read(reader: Any, validation: Any, byte_range: ByteRange, seal: bytes) -> DocumentContent:  # noqa: ANN401  # untyped
    from asn1crypto import x509  # noqa: PLC0415
    from pyhanko.sign.fields import MDPPerm  # noqa: PLC0415
    from pyhanko_certvalidator import ValidationContext  # noqa: PLC0415

    signatures = list(reader.embedded_signatures)
    if len(signatures) != 1 or reader.encrypted or reader.total_revisions != 1:
        raise DecodeError("document.malformed", what="signatures or revisions")
    (signature,) = signatures
    anything: Any = x509  # asn1crypto has no types
    roots = [anything.Certificate.load(seal)]
    context = ValidationContext(trust_roots=roots, allow_fetching=False)
    status = validation.validate_pdf_signature(signature, context)
    whole = validation.SignatureCoverageLevel.ENTIRE_FILE
    if not (status.intact and status.valid) or status.coverage is not whole:
        raise DecodeError("document.malformed", what="the signature")
    covered = [int(offset) for offset in signature.byte_range]
    if covered[:3] != [0, byte_range.gap_start, byte_range.gap_end]:
        raise DecodeError("document.malformed", what="the byte range")
    if signature.docmdp_level is not MDPPerm.NO_CHANGES:
        raise DecodeError("document.malformed", what="the permission")
    root = reader.root
    permissions = _dictionary(root["/Perms"])
    if set(permissions) != {"/DocMDP"} or (
        permissions.raw_get("/DocMDP") != signature.sig_field.raw_get("/V")
    ):
        raise DecodeError("document.malformed", what="the permissions")
    _check_tree(root.raw_get("/Pages"))
    _check_field(_dictionary(root), signature.sig_field)
    for place in range(len(_dictionary(signature.sig_object)["/Reference"])):
        _dictionary(_dictionary(signature.sig_object["/Reference"][place])["/TransformParams"])
    files = _files(root)
    sealed_s = seconds_of(str(signature.sig_object["/M"]).encode())
    return DocumentContent(sealed_s, files.get(TOKEN_NAME), files.get(OPENING_NAME))


def _refuse_names(reader: Any, numbers: tuple[int, ...]) -> None:  # noqa: ANN401  # untyped
    """No object, reachable or not, has a name that clause 9.2.1 forbids, nor has the trailer."""
    from pyhanko.pdf_utils import generic  # noqa: PLC0415

    trailer: Any = reader.trailer
    waiting: list[Any] = [generic.Reference(number, 0, reader) for number in numbers]
    waiting += [trailer.raw_get(key) for key in trailer]
    waiting += [generic.NameObject(key) for key in trailer]
    while waiting:
        node: Any = waiting.pop()
        kind: object = node
        if isinstance(kind, generic.Reference):
            waiting.append(reader.get_object(node))
        elif isinstance(kind, generic.DictionaryObject):
            if isinstance(kind, generic.StreamObject) and "/F" in node:
                raise DecodeError("document.malformed", what="an external stream")
            waiting += node.keys()
            waiting += [node.raw_get(key) for key in node]
        elif isinstance(kind, generic.ArrayObject):
            waiting += [node.raw_get(place) for place in range(len(node))]
        elif isinstance(kind, generic.NameObject) and node in _FORBIDDEN:
            raise DecodeError("document.malformed", what=str(node))


def _dictionary(found: Any) -> Any:  # noqa: ANN401  # untyped
    """A dictionary that is no stream (clause 9.7.4)."""
    from pyhanko.pdf_utils import generic  # noqa: PLC0415

    kind: object = found
    if not isinstance(kind, generic.DictionaryObject) or isinstance(kind, generic.StreamObject):
        raise DecodeError("document.malformed", what="a stream for a dictionary")
    return found


def _check_tree(top: Any) -> None:  # noqa: ANN401  # untyped
    """A flat tree of few pages, each listed once, and counted right (clause 9.7.4)."""
    pages = _dictionary(top.get_object())
    kids: Any = pages["/Kids"]
    listed: list[Any] = [kids.raw_get(place) for place in range(len(kids))]
    numbers = [getattr(kid, "idnum", None) for kid in listed]
    flat = (
        pages.get("/Type") == "/Pages"
        and 0 < len(numbers) <= MAX_PAGES
        and None not in numbers
        and pages.get("/Count") == len(numbers) == len(set(numbers))
    )
    found = [_dictionary(kid.get_object()) for kid in listed] if flat else []
    if not found or any(page.get("/Type") != "/Page" or "/A" in page for page in found):
        raise DecodeError("document.malformed", what="the pages")


def _check_field(root: Any, field: Any) -> None:  # noqa: ANN401  # untyped
    """The field of the signature has a name, and is the only field and the only annotation.

    pyHanko looks for signatures in fields with ``/FT /Sig`` only.
    """
    kids = root["/Pages"]["/Kids"]
    found: list[Any] = []
    for kid in range(len(kids)):
        if "/Annots" in kids[kid]:
            listed = kids[kid]["/Annots"]
            found += [listed.raw_get(place) for place in range(len(listed))]
    fields = _dictionary(root["/AcroForm"])["/Fields"]
    if len(found) != 1 or len(fields) != 1 or found[0] != fields.raw_get(0):
        raise DecodeError("document.malformed", what="the annotations")
    if (
        not set(_dictionary(field)) <= _FIELD
        or field != found[0].get_object()
        or field.get("/Subtype") != "/Widget"
        or not str(field["/T"])
    ):
        raise DecodeError("document.malformed", what="the form fields")


def _files(root: Any) -> dict[str, bytes]:  # noqa: ANN401  # untyped
    """The files of the name tree, which must equal the associated files (clause 9.5)."""
    if "/AF" not in root and "/Names" not in root:
        return {}
    found: dict[str, bytes] = {}
    associated = root["/AF"]
    above = _dictionary(root["/Names"])
    names = _dictionary(above["/EmbeddedFiles"])
    listed = names["/Names"]
    numbers = [listed.raw_get(place).idnum for place in range(1, len(listed), 2)]
    also = [associated.raw_get(place).idnum for place in range(len(associated))]
    if set(above) != {"/EmbeddedFiles"} or set(names) != {"/Names"}:
        raise DecodeError("document.malformed", what="the names")
    if len(listed) != 2 * len(also) or sorted(numbers) != sorted(also):
        raise DecodeError("document.malformed", what="the attached files")
    for place in range(0, len(listed), 2):  # by index, which follows references
        specification = _dictionary(listed[place + 1])
        name = str(specification["/UF"])
        held = _dictionary(specification["/EF"])
        inner = held.raw_get("/F")
        other = held.raw_get("/UF") if "/UF" in held else inner
        if not set(held) <= {"/F", "/UF"} or other != inner:
            raise DecodeError("document.malformed", what="the attached files")
        content = bytes(held["/F"].data)
        if (
            name not in {TOKEN_NAME, OPENING_NAME}
            or not name == str(listed[place]) == str(specification["/F"])
            or name in found
            or "/FS" in specification
            or len(content) > MAX_ATTACHMENT_BYTES
        ):
            raise DecodeError("document.malformed", what="the attached files")
        found[name] = content
    return found
