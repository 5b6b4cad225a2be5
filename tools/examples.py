"""Writes docs/spec/examples.md: structures taken apart byte by byte, from the vectors.

Nothing is typed in: each example is a vector of ``tests/vectors``, read by the code, so the page
changes when a format does (``make vectors``).
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.vectors.make.small import diagnostic

from etitle import canon, cose
from etitle.pades.byterange import find_byte_range

ROOT = Path(__file__).parents[1]
VECTORS = ROOT / "tests/vectors"
PAGE = ROOT / "docs/spec/examples.md"
WIDE = 16
"""Bytes of a long string that are shown at either end."""

HEAD = """\
# 11 Worked examples

These are vectors taken apart; they add no rule.
`tools/examples.py` writes this page from `tests/vectors`.
In hexadecimal, `…` stands for bytes left out, and their number follows.
Test keys guard nothing, and nobody named here exists.
"""

FIELDS = (
    "schema", "number", "name", "identity", "sex", "series", "title", "specialty", "qualified",
    "issued", "review body", "issuing body", "url", "level", "source", "body level",
    "approving body", "approval document", "version", "supersedes", "list id", "index",
)  # fmt: skip
BUNDLE = (
    "format", "authority", "version", "issued", "next update", "example", "roots", "keys",
    "segments", "lists", "url template", "contact",
)  # fmt: skip
OIDS = {
    "2a864886f70d010702": "id-signedData",
    "2a864886f70d010701": "id-data",
    "2a864886f70d010903": "contentType",
    "2a864886f70d010904": "messageDigest",
    "2a864886f70d010910022f": "signingCertificateV2",
    "2a864886f70d010934": "cmsAlgorithmProtection",
    "608648016503040201": "sha-256",
    "2a8648ce3d040302": "ecdsa-with-SHA256",
}
TAGS = {
    0x02: "INTEGER", 0x03: "BIT STRING", 0x04: "OCTET STRING", 0x05: "NULL", 0x06: "OID",
    0x0C: "UTF8String", 0x13: "PrintableString", 0x17: "UTCTime", 0x30: "SEQUENCE", 0x31: "SET",
    0xA0: "[0]", 0xA1: "[1]", 0xA3: "[3]", 0xA4: "[4]", 0x80: "[0]", 0x86: "[6]",
}  # fmt: skip

CERTIFICATES = (0x30, 0xA0, 0x30, 0xA0)
"""What stands around the certificates of a CMS."""

Json = dict[str, Any]


def vector(file: str, name: str) -> Json:
    """One vector."""
    found: Json = json.loads((VECTORS / f"{file}.json").read_text("utf-8"))
    return next(one for one in found["vectors"] if one["name"] == name)


def short(data: bytes) -> str:
    """Hexadecimal, without the middle of what is long."""
    if len(data) <= 3 * WIDE:
        return data.hex()
    return f"{data[:WIDE].hex()} … {data[-WIDE:].hex()} ({len(data)} bytes)"


def cut(text: str, width: int = 96) -> str:
    """Text in lines of a width."""
    return "\n".join(text[at : at + width] for at in range(0, len(text), width))


def block(text: str) -> str:
    """A block of the page."""
    return f"```text\n{text}\n```\n"


def noted(data: bytes) -> str:
    """What canonical bytes say."""
    return diagnostic(canon.decode(data, max_bytes=1 << 20))


def map_rows(data: bytes, names: tuple[str, ...]) -> str:
    """Each entry of a map of small labels: its bytes and what they say."""
    value = canon.decode(data, max_bytes=1 << 20)
    if not isinstance(value, dict):
        raise TypeError
    rows = [f"{data[:1].hex():<10} map of {len(value)}"]
    for key, item in value.items():
        label = names[key] if isinstance(key, int) and 0 <= key < len(names) else ""
        entry = canon.encode(item)
        shown = diagnostic(item)
        rows.append(f"{canon.encode(key).hex():<4} {short(entry)}")
        rows.append(f"     {key!s:>2} {label}: {shown if len(shown) < 90 else f'{shown[:86]} …'}")
    return "\n".join(rows)


# -- a token ---------------------------------------------------------------------------------------


def token() -> Iterator[str]:
    """A token from its payload to its text."""
    one = vector("tokens", "plain")
    names = ("payload", "protected", "sig_structure", "cose_sign1", "frame")
    stages = {name: bytes.fromhex(one["stages"][name]) for name in names}
    framed = stages["frame"]
    aad = canon.encode(["etitle-token-1", one["authority"]])
    parts: tuple[Any, ...] = (
        "Signature1", stages["protected"], aad, stages["payload"],
    )  # fmt: skip
    if canon.encode(parts) != stages["sig_structure"]:
        raise ValueError(one["name"])
    yield "## 11.1 A token, from payload to text\n"
    yield f"Vector `{one['name']}` of `tokens.json`, authority `{one['authority']}`.\n"
    yield f"**Payload** (2.2), {len(stages['payload'])} bytes:\n"
    yield block(map_rows(stages["payload"], FIELDS))
    yield "The same in one:\n"
    yield block(cut(stages["payload"].hex()))
    yield "**Protected header** (3.4.2):\n"
    yield block(f"{stages['protected'].hex()}   {noted(stages['protected'])}")
    yield (
        "**Sig_structure** (3.4.1), of four parts: the context, the protected header, the "
        "external_aad and the payload.\nThis is what is signed:\n"
    )
    size = canon.encode(stages["payload"])[: -len(stages["payload"])].hex()
    yield block(
        f"84                         array of 4\n"
        f'6a{b"Signature1".hex()}     "Signature1"\n'
        f"{canon.encode(stages['protected']).hex()}     protected header, as a byte string\n"
        f"{canon.encode(aad).hex()}\n"
        f"                           external_aad, as a byte string: {noted(aad)}\n"
        f"{size} and the payload       as a byte string\n"
        f"SHA-256 of all {len(stages['sig_structure'])} bytes: "
        f"{sha256(stages['sig_structure']).hexdigest()}"
    )
    signature = framed[-64:]
    yield "**Signature** (3.3), `r ‖ s`:\n"
    yield block(f"r {signature[:32].hex()}\ns {signature[32:].hex()}")
    sign1 = stages["cose_sign1"]
    yield f"**COSE_Sign1** (4.1), {len(sign1)} bytes:\n"
    yield block(
        f"d2                         tag 18\n84                         array of 4\n"
        f"{canon.encode(stages['protected']).hex()}       protected header\n"
        f"a0                         no unprotected header\n"
        f"{size} and the payload\n"
        f"5840 and the signature"
    )
    yield f"**Frame** (4.2), {len(framed)} bytes:\n"
    yield block(
        f"{framed[:1].hex()}         format: suite {framed[0] >> 4}, dictionary {framed[0] & 15}\n"
        f"{framed[1:5].hex()}   kid\n{cut(framed[5:-64].hex())}\n"
        f"           payload, deflated with dictionary {framed[0] & 15}: {len(framed) - 69} bytes\n"
        f"{cut(signature.hex())}\n           signature"
    )
    yield "**Code text** (4.4): the integer of `01 ‖ frame` in decimal.\n"
    yield block(cut(one["stages"]["text"]))


# -- a bundle --------------------------------------------------------------------------------------


def bundle() -> Iterator[str]:
    """A COSE_Sign, and what each of its roots signed."""
    one = vector("bundles", "two-of-three")
    data = bytes.fromhex(one["data"])
    protected, free, content, signatures = cast_list(canon.decode(data[2:], max_bytes=1 << 20))
    yield "## 11.2 A bundle\n"
    yield f"Vector `{one['name']}` of `bundles.json`, {len(data)} bytes.\n"
    yield block(
        f"d862      tag 98\n84        array of 4\n{canon.encode(protected).hex()}\n"
        f"          protected header: {noted(protected)}\n"
        f"{canon.encode(free).hex()}        no unprotected header\n"
        f"{short(canon.encode(content))}\n          payload\n"
        f"{canon.encode(signatures)[:1].hex()}        {len(signatures)} signatures"
    )
    yield "**Payload** (5.1):\n"
    yield block(map_rows(content, BUNDLE))
    for place, (header, none, signature) in enumerate(map(cast_list, signatures), 1):
        signed = canon.encode(("Signature", protected, header, b"", content))
        yield f"**Signature {place}.**\n"
        yield block(
            f"83        array of 3\n{canon.encode(header).hex()}\n"
            f"          protected header: {noted(header)}\n"
            f"{canon.encode(none).hex()}        no unprotected header\n5840 {short(signature)}"
        )
        yield "Its Sig_structure has five parts, and an empty external_aad:\n"
        yield block(
            f'85        array of 5\n69{b"Signature".hex()}   "Signature"\n'
            f"{canon.encode(protected).hex()}\n          protected header of the COSE_Sign\n"
            f"{canon.encode(header).hex()}\n          protected header of this signature\n"
            f"40        external_aad\n{short(canon.encode(content))}\n          payload\n"
            f"whole: {len(signed)} bytes, SHA-256 {sha256(signed).hexdigest()}"
        )


def cast_list(value: object) -> Any:  # noqa: ANN401  # an item of the page
    """An array."""
    if not isinstance(value, (list, tuple)):
        raise TypeError
    return value


# -- a delta ---------------------------------------------------------------------------------------


def delta() -> Iterator[str]:
    """A delta, with the bits of its gaps."""
    one = vector("lists", "delta")
    parsed = cose.parse_sign1(bytes.fromhex(one["data"]), max_bytes=1 << 22)
    content = canon.decode(parsed.payload, max_bytes=1 << 22)
    if not isinstance(content, dict):
        raise TypeError
    count, k, data = cast_list(content[11])
    yield "## 11.3 A delta\n"
    yield f"Vector `{one['name']}` of `lists.json`; its payload (6.8):\n"
    yield block(map_rows(parsed.payload, (
        "version", "authority", "list id", "epoch", "base sequence", "sequence", "base hash",
        "new hash", "coverage", "issued", "expires", "gaps", "columns", "successors",
    )))  # fmt: skip
    bits = "".join(f"{octet:08b}" for octet in data)
    yield f"**Gaps**: {count} indices, k = {k}, `{data.hex()}`, which is these bits:\n"
    rows, at, index = ["bits              quotient  remainder  gap  index"], 0, -1
    for _ in range(count):
        end = bits.index("0", at)
        rest = bits[end + 1 : end + 1 + k]
        gap = ((end - at) << k) + int("0" + rest, 2)
        index += 1 + gap
        rows.append(f"{bits[at : end + 1]} {rest}".ljust(18)
                    + f"{end - at:>8}  {int('0' + rest, 2):>9}  {gap:>3}  {index:>5}")  # fmt: skip
        at = end + 1 + k
    rows.append(f"{bits[at:]}".ljust(18) + "padding")
    yield block("\n".join(rows))


# -- a CMS -----------------------------------------------------------------------------------------


def cms() -> Iterator[str]:
    """The CMS of one page, element by element."""
    found: Json = json.loads((VECTORS / "documents.json").read_text("utf-8"))
    pdf = base64.b64decode(found["bases"]["p256"])
    byte_range = find_byte_range(pdf)
    data = byte_range.contents
    numbers = re.search(rb"/ByteRange ?\[[0-9 ]+\]", pdf)
    if numbers is None:
        raise ValueError(pdf)
    yield "## 11.4 The CMS of a document\n"
    yield (
        f"Base `p256` of `documents.json`: {len(pdf)} bytes, `{numbers[0].decode()}`, and "
        f"{len(data)} bytes in the gap.\nOffset in the gap's content, length of the content of "
        "each element, and what it is:\n"
    )
    yield block("\n".join(elements(data, 0, ())))


def elements(data: bytes, start: int, above: tuple[int, ...]) -> Iterator[str]:
    """The elements of some bytes; certificates are not taken apart."""
    at, depth = 0, len(above)
    while at < len(data) and (depth or not at):  # zeros fill the gap behind the one element
        tag, head, size = element_head(data, at)
        content = data[at + head : at + head + size]
        line = f"{start + at:>5} {'  ' * depth}{TAGS.get(tag, f'{tag:02x}')} ({size})"
        is_certificate = above == CERTIFICATES and tag == 0x30
        if tag == 6:
            line += f" {OIDS.get(content.hex(), content.hex())}"
        elif is_certificate:
            line += f" certificate, SHA-256 {sha256(data[at : at + head + size]).hexdigest()}"
        elif not tag & 0x20:
            line += f" {short(content)}"
        yield line
        if tag & 0x20 and not is_certificate:
            yield from elements(content, start + at + head, (*above, tag))
        at += head + size


def element_head(data: bytes, at: int) -> tuple[int, int, int]:
    """Tag, bytes of the head, and length of the content."""
    tag, size = data[at], data[at + 1]
    if size < 0x80:
        return tag, 2, size
    width = size & 0x7F
    return tag, 2 + width, int.from_bytes(data[at + 2 : at + 2 + width], "big")


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *token(), *bundle(), *delta(), *cms()])


def main() -> None:
    """Write it."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
