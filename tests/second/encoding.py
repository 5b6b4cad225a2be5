"""Clauses 2.1 and 3 of docs/spec, read independently: canonical bytes, keys, envelopes."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, TypeAlias
from unicodedata import is_normalized

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


Y_OF_8: Final = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
"""A point of edwards25519 of order 8; the other y of that order is its opposite."""

Item: TypeAlias = Any
"""A decoded item, before anything is known of it."""


class RefusedError(Exception):
    """Bytes that the specification does not allow."""


class NewerError(Exception):
    """Bytes of a version that this reader does not know."""


def need(condition: object) -> None:
    """Refuse unless."""
    if not condition:
        raise RefusedError


# -- clause 2.1 ------------------------------------------------------------------------------------


def encode(value: object, depth: int = 0) -> bytes:
    """Deterministic CBOR of the subset."""
    need(depth <= 8)
    if value is None or isinstance(value, bool):
        return {None: b"\xf6", True: b"\xf5", False: b"\xf4"}[value]
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        need(is_normalized("NFC", value))
        return _head(3, len(value.encode())) + value.encode()
    if isinstance(value, (list, tuple)):
        return _head(4, len(value)) + b"".join(encode(item, depth + 1) for item in value)
    assert isinstance(value, dict)
    need(all(type(key) in (int, str) for key in value))
    entries = sorted((encode(key), encode(item, depth + 1)) for key, item in value.items())
    return _head(5, len(value)) + b"".join(key + item for key, item in entries)


def _head(major: int, argument: int) -> bytes:
    if argument < 24:
        return bytes((major << 5 | argument,))
    width = next(n for n in (0, 1, 2, 3) if argument < 1 << (8 << n))
    return bytes((major << 5 | 24 + width,)) + argument.to_bytes(1 << width, "big")


def decode(data: bytes) -> Item:
    """One item, spelled in the one way."""
    try:
        value = cbor2.loads(data)
        need(encode(value) == data)
    except Exception as error:
        raise RefusedError from error
    return value


# -- clause 3 --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Key:
    """A public key."""

    alg: int
    thumbprint: bytes
    point: bytes
    spki: bytes

    def is_signature(self, signature: bytes, data: bytes) -> bool:
        """Clause 3.3, but for its one form."""
        try:
            if self.alg == -19:
                okp = ed25519.Ed25519PublicKey.from_public_bytes(self.point)
                okp.verify(signature, data)
            else:
                ec2 = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), self.point)
                r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
                ec2.verify(utils.encode_dss_signature(r, s), data, ec.ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return True


def is_one_form(alg: int, signature: bytes) -> bool:
    """Clause 3.3."""
    half = int.from_bytes(signature[32:], "big")
    return len(signature) == 64 and (alg == -19 or half <= ORDER // 2)


def read_document_key(value: Item) -> Key:
    """Clause 3.2.2."""
    if value.get(1) == 3:
        need(value.keys() == {1, 3, -1, -2} and (value[3], value[-2]) == (-257, b"\x01\x00\x01"))
        need(isinstance(value[-1], bytes))
        n = int.from_bytes(value[-1], "big")
        need(3072 <= n.bit_length() <= 8192 and n % 2 and len(value[-1]) * 8 - n.bit_length() < 8)
        public = rsa.RSAPublicNumbers(65537, n).public_key()
        spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        required = {label: entry for label, entry in value.items() if label != 3}
    else:
        need(value.keys() == {1, 3, -1} and (value[1], value[3]) == (7, -49))
        need(isinstance(value[-1], bytes) and len(value[-1]) == 1952)
        lattice = mldsa.MLDSA65PublicKey.from_public_bytes(value[-1])
        spki = lattice.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        required = value
    return Key(0, sha256(encode(required)).digest(), b"", spki)


def is_edwards(key: bytes) -> bool:
    """Clause 3.2.1: a point of RFC 8032 §5.1.3 that eight times is not the neutral one."""
    p = 2**255 - 19
    d = -121665 * pow(121666, -1, p) % p
    y = int.from_bytes(key, "little") % 2**255
    square = (y * y - 1) * pow(d * y * y + 1, -1, p) % p  # of x; Euler tells whether it is one
    small = {0, Y_OF_8, p - Y_OF_8}  # and those whose x is 0
    return y < p and pow(square, p // 2, p) == 1 and y not in small


def read_key(value: Item) -> Key:
    """Clause 3.2."""
    need(isinstance(value, dict) and not any(isinstance(item, bool) for item in value.values()))
    if value.get(1) == 2:
        need(value.keys() == {1, 3, -1, -2, -3} and (value[3], value[-1]) == (-9, 1))
        need(all(isinstance(value[n], bytes) and len(value[n]) == 32 for n in (-2, -3)))
        point = b"\x04" + value[-2] + value[-3]
        try:
            ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        except ValueError:
            raise RefusedError from None
    else:
        need(value.keys() == {1, 3, -1, -2} and (value[1], value[3], value[-1]) == (1, -19, 6))
        need(isinstance(value[-2], bytes) and len(value[-2]) == 32)
        point = value[-2]
        need(is_edwards(point))
    required = {label: entry for label, entry in value.items() if label != 3}
    public = (
        ed25519.Ed25519PublicKey.from_public_bytes(point)
        if value[1] == 1
        else ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    )
    spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Key(value[3], sha256(encode(required)).digest(), point, spki)


def sign1(data: bytes, external_aad: bytes = b"") -> tuple[dict[int, Any], bytes, bytes, bytes]:
    """A COSE_Sign1: header, payload, signature, Sig_structure (3.4)."""
    need(data[:1] == b"\xd2")
    parts = decode(data[1:])
    need(isinstance(parts, list) and len(parts) == 4 and parts[1] == {})
    protected, _, payload, signature = parts
    need(all(isinstance(part, bytes) for part in (protected, payload, signature)))
    header = decode(protected)
    need(isinstance(header, dict) and {1, 4} <= header.keys() <= {1, 4, 16})
    need(type(header[1]) is int and isinstance(header[4], bytes))
    return header, payload, signature, encode(["Signature1", protected, external_aad, payload])


def root_signed(data: bytes, typ: str) -> tuple[bytes, Any]:
    """A COSE_Sign: its payload, and who signed it as a function of roots (3.4, 5.3)."""
    need(data[:2] == b"\xd8\x62")
    parts = decode(data[2:])
    need(isinstance(parts, list) and len(parts) == 4 and parts[1] == {})
    protected, _, payload, signatures = parts
    need(isinstance(payload, bytes) and isinstance(signatures, list))
    need(decode(protected) == {16: typ})
    found: dict[bytes, tuple[Item, bytes, bytes]] = {}
    for item in signatures:
        need(isinstance(item, list) and len(item) == 3 and item[1] == {})
        header = decode(item[0])
        need(len(item[0]) <= 16_384)  # 3.4.4
        need(isinstance(header, dict) and header.keys() >= {1, 4})
        need(type(header[1]) in (int, str) and isinstance(header[4], bytes))
        need(1 <= len(header[4]) <= 64 and isinstance(item[2], bytes) and len(item[2]) <= 16_384)
        need(not found or header[4] > max(found))
        found[header[4]] = (
            header[1] if header.keys() == {1, 4} else None,
            item[2],
            encode(["Signature", protected, item[0], b"", payload]),
        )

    def is_signed_enough(roots: tuple[int, list[Key]]) -> bool:
        count = 0
        for key in (one for one in roots[1] if one.thumbprint in found):
            alg, signature, signed = found[key.thumbprint]
            good = alg == key.alg and is_one_form(alg, signature)
            count += good and key.is_signature(signature, signed)
        return count >= roots[0]

    return payload, is_signed_enough


def is_int(value: Item, least: int, most: int | None = None) -> bool:
    """An integer, and no boolean; without a greatest one, that of clause 2.1.1 is it."""
    return type(value) is int and least <= value and (most is None or value <= most)
