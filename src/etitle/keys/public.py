"""Public keys: COSE_Key in and out (RFC 9052 §7), their thumbprint (RFC 9679), and checking."""

from __future__ import annotations

from hashlib import sha256
from typing import Final, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from etitle import canon
from etitle.errors import DecodeError, SignerError
from etitle.keys import edwards, spki
from etitle.keys.suite import BY_ALG, EDDSA, ES256, Suite

KID_BYTES: Final = 4
"""Bytes of the thumbprint that a token, list or delta carries as its key id."""

_KTY, _ALG, _CRV, _X, _Y = 1, 3, -1, -2, -3
_COORDINATE_BYTES: Final = 32
_ECDSA: Final = ec.ECDSA(SHA256())

AnyPublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey


class PublicKey:
    """A public key of one suite.

    Attributes:
        suite: the suite it belongs to.
        x: the x coordinate (P-256) or the whole key (Ed25519), 32 bytes.
        y: the y coordinate, 32 bytes; empty for Ed25519.
        thumbprint: SHA-256 COSE key thumbprint (RFC 9679), 32 bytes.
        kid: its first four bytes.

    Equality and hash are those of the thumbprint.

    Raises:
        SignerError: ``keys.unsupported_key``, or ``keys.point_refused`` for an Ed25519 key that is
            off the curve, of small order, or in a second encoding (docs/spec clause 3.2.1).
    """

    __slots__ = ("_key", "kid", "suite", "thumbprint", "x", "y")

    def __init__(self, key: AnyPublicKey) -> None:
        self._key = key
        if isinstance(key, ed25519.Ed25519PublicKey):
            self.suite: Suite = EDDSA
            self.x, self.y = key.public_bytes_raw(), b""
            if not edwards.is_sound(self.x):
                raise SignerError("keys.point_refused")
        elif isinstance(getattr(key, "curve", None), ec.SECP256R1):
            self.suite = ES256
            point = key.public_numbers()
            self.x = point.x.to_bytes(_COORDINATE_BYTES, "big")
            self.y = point.y.to_bytes(_COORDINATE_BYTES, "big")
        else:
            raise SignerError("keys.unsupported_key", kind=type(key).__name__)
        self.thumbprint = sha256(canon.encode(self._required())).digest()
        self.kid = self.thumbprint[:KID_BYTES]

    def _required(self) -> dict[int, int | bytes]:
        entries: dict[int, int | bytes] = {
            _KTY: self.suite.key_type,
            _CRV: self.suite.curve,
            _X: self.x,
        }
        if self.y:
            entries[_Y] = self.y
        return entries

    def to_cose(self) -> dict[int, int | bytes]:
        """The COSE_Key map, with its algorithm (docs/spec clause 3.2)."""
        return {**self._required(), _ALG: self.suite.alg}

    def to_bytes(self) -> bytes:
        """The canonical bytes of the COSE_Key, by which bundles order keys (clause 5.3)."""
        return canon.encode(self.to_cose())

    def to_spki(self) -> bytes:
        """The key as X.509 has it: DER SubjectPublicKeyInfo (RFC 5480, RFC 8410)."""
        if self.suite is EDDSA:
            return spki.ed25519(self.x)
        return spki.p256(self.x, self.y)

    @property
    def label(self) -> str:
        """Its kind, as people call it."""
        return self.suite.name

    @classmethod
    def from_cose(cls, value: object) -> PublicKey:
        """Read a COSE_Key map.

        Args:
            value: a decoded map with exactly the labels kty, alg, crv, x and, for EC2, y.

        Raises:
            DecodeError: ``keys.cose_key_malformed`` for anything but a point on the curve of a
                known suite.
        """
        if not isinstance(value, dict):
            raise DecodeError("keys.cose_key_malformed", what="not a map")
        value = cast("dict[object, object]", value)
        alg = value.get(_ALG)
        suite = BY_ALG.get(alg) if isinstance(alg, int) else None
        if suite is None:
            raise DecodeError("keys.cose_key_malformed", what=f"algorithm {alg!r:.40}")
        labels = {_KTY, _ALG, _CRV, _X, _Y} if suite is ES256 else {_KTY, _ALG, _CRV, _X}
        curve = (value.get(_KTY), value.get(_CRV))
        # true equals 1 in Python, and would be a second encoding of it.
        if (
            value.keys() != labels
            or curve != (suite.key_type, suite.curve)
            or any(isinstance(part, bool) for part in curve)
        ):
            raise DecodeError("keys.cose_key_malformed", what="labels, key type or curve")
        octets = b""
        for coordinate in (value[label] for label in (_X, _Y) if label in labels):
            if not isinstance(coordinate, bytes) or len(coordinate) != _COORDINATE_BYTES:
                raise DecodeError("keys.cose_key_malformed", what="a coordinate")
            octets += coordinate
        try:
            if suite is EDDSA:
                return cls(ed25519.Ed25519PublicKey.from_public_bytes(octets))
            return cls(
                ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + octets)
            )
        except (ValueError, SignerError):
            raise DecodeError("keys.cose_key_malformed", what="a point off the curve") from None

    def verify(self, signature: bytes, data: bytes) -> bool:
        """Whether a signature in the suite's form verifies for the data under this key.

        Whether the form is the canonical one is another question: ``suite.is_canonical``.
        """
        try:
            if self.suite is ES256:
                r = int.from_bytes(signature[:32], "big")
                s = int.from_bytes(signature[32:], "big")
                self._key.verify(encode_dss_signature(r, s), data, _ECDSA)  # type: ignore[call-arg]
            else:
                self._key.verify(signature, data)  # type: ignore[call-arg]
        except (InvalidSignature, ValueError):
            return False
        return True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicKey) and other.thumbprint == self.thumbprint

    def __hash__(self) -> int:
        return hash(self.thumbprint)

    def __repr__(self) -> str:
        return f"PublicKey({self.suite.name}, kid={self.kid.hex()})"
