"""Clauses 9.2 to 9.4 as a stranger reads them: the hole, its CMS, and the time-stamp in it.

Imports nothing of etitle; DER is read here, X.509 and signatures by the package cryptography.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from dataclasses import dataclass
from typing import Any, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, padding
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from tests.second.encoding import RefusedError, need

Element: TypeAlias = "tuple[int, bytes, bytes]"
"""Tag, content, and the whole element."""

HASHES = {
    "608648016503040201": "sha256",
    "608648016503040202": "sha384",
    "608648016503040203": "sha512",
}
ALGORITHMS = {
    "2a8648ce3d040302": "ec sha256",
    "2a8648ce3d040303": "ec sha384",
    "2a8648ce3d040304": "ec sha512",
    "2a864886f70d010101": "rsa",
    "2a864886f70d01010b": "rsa sha256",
    "2a864886f70d01010c": "rsa sha384",
    "2a864886f70d01010d": "rsa sha512",
    "2b6570": "ed sha512",
    "608648016503040312": "ml sha512",
}
LATTICE = bytes.fromhex("608648016503040312")
OIDS = {
    "signed data": "2a864886f70d010702",
    "data": "2a864886f70d010701",
    "time": "2a864886f70d0109100104",
    "content type": "2a864886f70d010903",
    "digest": "2a864886f70d010904",
    "ess": "2a864886f70d010910020c",
    "ess v2": "2a864886f70d010910022f",
    "protection": "2a864886f70d010934",
    "stamp": "2a864886f70d010910020e",
}


class NotWholeError(Exception):
    """Step 1 of clause 9.7."""


RANGE = re.compile(
    rb"/ByteRange ?\[ ?0 {1,10}([0-9]{1,10}) {1,10}([0-9]{1,10}) {1,10}([0-9]{1,10}) ?\]"
)


def range_at(pdf: bytes, at: int) -> tuple[int, int, int]:
    """The three numbers of the byte range that stands at a place."""
    found = RANGE.match(pdf, at)
    need(found)
    assert found is not None
    first, second, rest = map(int, found.groups())
    return first, second, rest


def hole_of(pdf: bytes, behind: int = 0) -> tuple[int, int, bytes]:
    """Clause 9.2 and step 1: where the hole is, and what its digits say.

    Of a revision, it is the first byte range behind what was there before (9.10.3).
    """
    at = pdf.find(b"/ByteRange", behind)
    if not behind and pdf.count(b"/ByteRange") != 1:
        raise NotWholeError
    try:
        start, end, rest = range_at(pdf, at)
    except RefusedError:
        raise NotWholeError from None
    text = pdf[start:end]
    fits = start > 0 and end + rest == len(pdf) and len(text) <= 1 << 20
    digits = rb"<(([0-9a-f]{2})*|([0-9A-F]{2})*)>"
    if not fits or not re.fullmatch(digits, text):
        raise NotWholeError
    return start, end, bytes.fromhex(text[1:-1].decode())


def cms_of(content: bytes) -> bytes:
    """Clause 9.2: the one DER element of a hole; zeros alone may follow."""
    (_, _, cms), rest = _first(content)
    need(not rest.strip(b"\0"))
    return cms


def elements(data: bytes) -> list[Element]:
    """DER elements that fill some bytes (X.690 clause 10)."""
    found = []
    while data:
        one, data = _first(data)
        found.append(one)
    return found


def _first(data: bytes) -> tuple[Element, bytes]:
    need(len(data) >= 2 and data[0] & 31 != 31)
    size, head = data[1], 2
    if size >= 128:
        head += size - 128
        size = int.from_bytes(data[2:head], "big")
        need(size >= 128 and data[2] != 0)
    need(len(data) >= head + size)
    return (data[0], data[head : head + size], data[: head + size]), data[head + size :]


def shape(data: bytes, *tags: int) -> list[Element]:
    """Elements of exactly these tags."""
    found = elements(data)
    need([one[0] for one in found] == list(tags))
    return found


def _algorithm(element: Element) -> tuple[str, bytes]:
    """Its OID, and its parameters."""
    found = elements(element[1])
    need(found and found[0][0] == 6)
    return found[0][1].hex(), element[1][len(found[0][2]) :]


@dataclass
class Statement:
    """What a CMS says."""

    signer: bytes
    others: list[bytes]
    kind: str
    hash: str
    digest: bytes
    signed: bytes
    signature: bytes
    content: bytes | None
    stamp: bytes | None
    kinds: set[str]


def read_cms(data: bytes, content_type: str, version: int) -> Statement:
    """Clause 9.3; for time-stamps as RFC 3161 has it."""
    (outer,) = shape(data, 0x30)
    kind, body = shape(outer[1], 6, 0xA0)
    need(kind[1].hex() == OIDS["signed data"])
    (inner,) = shape(body[1], 0x30)
    number, digests, content, certificates, infos = shape(inner[1], 2, 0x31, 0x30, 0xA0, 0x31)
    need(number[1] == bytes((version,)))
    (digest,) = shape(digests[1], 0x30)
    (info,) = shape(infos[1], 0x30)
    fields = elements(info[1])
    unsigned = fields.pop() if fields and fields[-1][0] == 0xA1 else None
    need([one[0] for one in fields] == [2, 0x30, 0x30, 0xA0, 0x30, 4])
    need(fields[0][1] == b"\1")
    name = _hash(fields[2])
    need(_hash(digest) == name)
    attributes = _attributes(fields[3][1])
    need(OIDS["digest"] in attributes)
    held_type = bytes.fromhex(OIDS[content_type])
    need(shape(attributes[OIDS["content type"]], 6)[0][1] == held_type)
    listed = elements(certificates[1])
    need(len(listed) <= 8)
    need(all(len(one[2]) <= 16_384 for one in listed))
    named = [one[2] for one in listed if _issuer_and_serial(one[2]) == fields[1][1]]
    need(len(named) == 1)
    oid, parameters = _algorithm(fields[4])
    found = ALGORITHMS.get(oid, "")
    need(found and parameters in ((b"", b"\5\0") if found.startswith("rsa") else (b"",)))
    need(found == "rsa" or found.split()[1] == name)
    if OIDS["protection"] in attributes:
        (whole,) = shape(attributes[OIDS["protection"]], 0x30)
        one, two = shape(whole[1], 0x30, 0xA1)
        need(one[2] == fields[2][2] and two[1] == fields[4][1])
    if OIDS["ess v2"] in attributes:
        _ess(attributes[OIDS["ess v2"]], named[0])
    (held,) = shape(attributes[OIDS["digest"]], 4)
    return Statement(
        named[0], [one[2] for one in listed if one[2] != named[0]], found.split()[0], name, held[1],
        b"\x31" + fields[3][2][1:], fields[5][1], _content(content[1], content_type),
        None if unsigned is None else _stamp(unsigned[1]), set(attributes),
    )  # fmt: skip


def _hash(element: Element) -> str:
    oid, parameters = _algorithm(element)
    need(oid in HASHES and parameters in (b"", b"\5\0"))
    return HASHES[oid]


def _content(data: bytes, content_type: str) -> bytes | None:
    found = elements(data)
    need(found and found[0][0] == 6 and found[0][1].hex() == OIDS[content_type])
    if len(found) == 1:
        return None
    need(len(found) == 2 and found[1][0] == 0xA0)
    return shape(found[1][1], 4)[0][1]


def _stamp(data: bytes) -> bytes:
    (one,) = shape(data, 0x30)
    kind, values = shape(one[1], 6, 0x31)
    need(kind[1].hex() == OIDS["stamp"])
    return shape(values[1], 0x30)[0][2]


def _attributes(data: bytes) -> dict[str, bytes]:
    found = elements(data)
    need([one[2] for one in found] == sorted(one[2] for one in found))
    values: dict[str, bytes] = {}
    for one in found:
        need(one[0] == 0x30)
        kind, held = shape(one[1], 6, 0x31)
        inside = elements(held[1])
        need(len(inside) == 1 and kind[1].hex() not in values)
        values[kind[1].hex()] = inside[0][2]
    need(OIDS["content type"] in values)
    return values


def _issuer_and_serial(certificate: bytes) -> bytes:
    (whole,) = shape(certificate, 0x30)
    body, _, _ = shape(whole[1], 0x30, 0x30, 3)
    fields = elements(body[1])
    need([one[0] for one in fields[:4]] == [0xA0, 2, 0x30, 0x30])
    return fields[3][2] + fields[1][2]


def _ess(value: bytes, certificate: bytes) -> None:
    (whole,) = shape(value, 0x30)
    names = elements(whole[1])
    need(1 <= len(names) <= 2 and all(one[0] == 0x30 for one in names))
    first = elements(names[0][1])
    need(first and all(one[0] == 0x30 for one in first))
    parts = elements(first[0][1])
    name = "sha256"
    if parts and parts[0][0] == 0x30:
        name = _hash(parts.pop(0))
        need(name != "sha256")
    need(parts and parts[0][0] == 4 and parts[0][1] == hashlib.new(name, certificate).digest())
    if len(parts) > 1:
        need(len(parts) == 2 and parts[1][0] == 0x30)
        issuer, serial = shape(parts[1][1], 0x30, 2)
        (directory,) = shape(issuer[1], 0xA4)
        need(directory[1] + serial[2] == _issuer_and_serial(certificate))


def verifies(one: Statement) -> bool:
    """Clause 9.4."""
    algorithm = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
    try:
        key: Any = x509.load_der_x509_certificate(one.signer).public_key()
        # A key of another kind has no such method, or takes other arguments.
        if one.kind == "ec":
            key.verify(one.signature, one.signed, ec.ECDSA(algorithm[one.hash]))
        elif one.kind == "rsa":
            need(key.key_size >= 2048)  # those of seals have more: clause 5.1
            key.verify(one.signature, one.signed, padding.PKCS1v15(), algorithm[one.hash])
        else:
            need(isinstance(key, mldsa.MLDSA65PublicKey) == (one.kind == "ml"))
            key.verify(one.signature, one.signed)
    except Exception:  # noqa: BLE001  # as above
        return False
    return True


def is_chain(signer: bytes, others: list[bytes], *, to_root: bool) -> bool:
    """Step 3: no certificates beside it, or all its issuers."""
    try:
        below = x509.load_der_x509_certificate(signer)
        left = [x509.load_der_x509_certificate(one) for one in others]
        while left:
            above = next(one for one in left if one.subject == below.issuer)
            _issued(below, above)
            left = [one for one in left if one is not above]
            below = above
        if to_root and others:
            _issued(below, below)
    except Exception:  # noqa: BLE001  # strangers' certificates: errors of any kind
        return False
    return True


def _issued(below: x509.Certificate, above: x509.Certificate) -> None:
    """RFC 5280, and RFC 9881 of ML-DSA-65; an error of any kind where it was not."""
    (whole,) = shape(below.public_bytes(Encoding.DER), 0x30)
    body, algorithm, signature = shape(whole[1], 0x30, 0x30, 3)
    need(signature[1][0] == 0)
    if _algorithm(algorithm)[0] != LATTICE.hex():
        below.verify_directly_issued_by(above)
        return
    key: Any = above.public_key()
    need(below.issuer == above.subject)
    named = elements(body[1])[2]
    need(named[2] == algorithm[2] and _algorithm(algorithm)[1] == b"")
    key.verify(signature[1][1:], body[2])


def read_time(stamp: bytes, signature: bytes) -> tuple[int, bytes]:
    """Step 3: when a time-stamp was made, in seconds, and by whose certificate."""
    at, signer, _ = read_stamp(stamp, signature)
    return at, signer


def read_stamp(stamp: bytes, stamped: bytes) -> tuple[int, bytes, list[bytes]]:
    """RFC 3161: the time in seconds, the certificate that signed, and those beside it."""
    one = read_cms(stamp, "time", 3)
    need(one.content is not None and one.stamp is None)
    need(one.kinds & {OIDS["ess"], OIDS["ess v2"]})
    content = one.content
    assert content is not None
    (whole,) = shape(content, 0x30)
    fields = elements(whole[1])
    need([field[0] for field in fields[:5]] == [2, 6, 0x30, 2, 0x18])
    need(all(field[0] in (0x30, 1, 2, 0xA0, 0xA1) for field in fields[5:]))
    algorithm, imprint = shape(fields[2][1], 0x30, 4)
    need(_algorithm(algorithm)[0] in HASHES)
    name = HASHES[_algorithm(algorithm)[0]]
    need(imprint[1] == hashlib.new(name, stamped).digest())
    need(one.digest == hashlib.new(one.hash, content).digest())
    need(verifies(one) and is_chain(one.signer, one.others, to_root=False))
    found: Any = re.fullmatch(rb"([0-9]{14})(\.[0-9]{0,8}[1-9])?Z", fields[4][1])
    need(found)
    try:
        at = datetime.datetime.strptime(found[1].decode() + "+0000", "%Y%m%d%H%M%S%z")
    except ValueError:
        raise RefusedError from None
    need(is_for_time_stamps(one.signer))
    days = x509.load_der_x509_certificate(one.signer)
    need(days.not_valid_before_utc <= at <= days.not_valid_after_utc)
    assert days.public_bytes(Encoding.DER) == one.signer
    return int(at.timestamp()), one.signer, one.others


def is_for_time_stamps(certificate: bytes) -> bool:
    """RFC 3161 clause 2.3: for time-stamps, critical, and for nothing else."""
    try:
        usage = x509.load_der_x509_certificate(certificate).extensions.get_extension_for_class(
            x509.ExtendedKeyUsage
        )
    except Exception:  # noqa: BLE001  # strangers' certificates: errors of any kind
        return False
    return usage.critical and list(usage.value) == [ExtendedKeyUsageOID.TIME_STAMPING]
