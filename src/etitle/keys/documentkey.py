"""Public keys that sign documents and nothing else: RSA and ML-DSA-65 (docs/spec clause 3.2.2).

They are of another type than the keys of tokens, lists and bundles (``etitle.keys.public``), and
can't verify anything: a document is verified under its seal certificate, which holds the
same key.  So no look-up of a kid can return one of them.
"""

from __future__ import annotations

from enum import Enum
from hashlib import sha256
from typing import Final, cast

from etitle import canon
from etitle.errors import DecodeError, SignerError
from etitle.keys import spki
from etitle.keys.public import KID_BYTES

MIN_RSA_BITS: Final = 3072
"""Bits of an RSA modulus (docs/spec clause 9.4); 128 bits of strength (SP 800-57 part 1)."""
MAX_RSA_BITS: Final = 8192
RSA_EXPONENT: Final = b"\x01\x00\x01"
"""65537, the only one: FIPS 186-5 §A.1.1 asks for at least that, and nobody uses another."""
ML_DSA_65_BYTES: Final = 1952
"""Bytes of an ML-DSA-65 public key (FIPS 204 table 2)."""

_KTY, _ALG = 1, 3
_RSA, _N, _E = 3, -1, -2
"""Key type RSA and its parameters (RFC 8230 §4)."""
_AKP, _PUB = 7, -1
"""Key type AKP, an algorithm with its key, and its parameter (RFC 9964 §3)."""


class DocumentSuite(Enum):
    """How documents are signed (docs/spec clause 9.4)."""

    ES256 = "ES256"
    RS256 = "RS256"
    EDDSA = "EdDSA"
    ML_DSA_65 = "ML-DSA-65"


_ALGS: Final = {DocumentSuite.RS256: -257, DocumentSuite.ML_DSA_65: -49}
"""COSE algorithms: RFC 8812 §2, RFC 9964 §5."""


class DocumentKey:
    """A public key for a seal, never for a token.

    Attributes:
        document_suite: RS256 or ML_DSA_65.
        thumbprint: SHA-256 COSE key thumbprint (RFC 9679 §4.4, RFC 9964 §6), 32 bytes.
        kid: its first four bytes, to show; nothing is looked up by it.
        label: kind and size, as people call it.

    Equality and hash are those of the thumbprint.

    >>> DocumentKey.ml_dsa_65(bytes(1952)).label
    'ML-DSA-65'
    """

    __slots__ = ("_parameters", "document_suite", "kid", "label", "thumbprint")

    def __init__(self, document_suite: DocumentSuite, parameters: tuple[bytes, ...]) -> None:
        """Take checked parameters; ``rsa``, ``ml_dsa_65`` and ``from_cose`` check them."""
        self.document_suite = document_suite
        self._parameters = parameters
        if document_suite is DocumentSuite.RS256:
            n, e = parameters
            required: dict[int, int | bytes] = {_KTY: _RSA, _N: n, _E: e}
            self.label = f"RSA-{int.from_bytes(n, 'big').bit_length()}"
        else:
            required = {_KTY: _AKP, _ALG: _ALGS[document_suite], _PUB: parameters[0]}
            self.label = document_suite.value
        self.thumbprint = sha256(canon.encode(required)).digest()
        self.kid = self.thumbprint[:KID_BYTES]

    @classmethod
    def rsa(cls, modulus: int, exponent: int) -> DocumentKey:
        """An RSA key.

        Raises:
            SignerError: ``keys.rsa_size`` unless it has 3072 to 8192 bits,
                ``keys.rsa_exponent`` unless the exponent is 65537.
        """
        bits = modulus.bit_length()
        if not MIN_RSA_BITS <= bits <= MAX_RSA_BITS:
            raise SignerError("keys.rsa_size", count=bits, limit=MIN_RSA_BITS)
        if exponent != int.from_bytes(RSA_EXPONENT, "big") or not modulus & 1:
            raise SignerError("keys.rsa_exponent")
        return cls(DocumentSuite.RS256, (modulus.to_bytes((bits + 7) // 8, "big"), RSA_EXPONENT))

    @classmethod
    def ml_dsa_65(cls, key: bytes) -> DocumentKey:
        """An ML-DSA-65 key, from its 1952 bytes, all of which are keys (FIPS 204 algorithm 23).

        Raises:
            SignerError: ``keys.unsupported_key`` for another length.
        """
        if len(key) != ML_DSA_65_BYTES:
            raise SignerError("keys.unsupported_key", kind="ML-DSA")
        return cls(DocumentSuite.ML_DSA_65, (key,))

    @classmethod
    def from_cose(cls, value: object) -> DocumentKey:
        """Read a COSE_Key map.

        Args:
            value: a decoded map with exactly the labels kty, alg, n and e (RSA), or kty, alg
                and pub (AKP).

        Raises:
            DecodeError: ``keys.cose_key_malformed`` for anything but a key of clause 3.2.2.
        """
        match cast("dict[object, object]", value):
            case {1: kty, 3: alg, -1: bytes() as n, -2: bytes() as e, **rest} if not rest:
                _demand((kty, alg) == (_RSA, _ALGS[DocumentSuite.RS256]), "key type or algorithm")
                _demand(n[:1] > b"\0" and e == RSA_EXPONENT, "modulus or exponent")
                bits = int.from_bytes(n, "big").bit_length()
                _demand(MIN_RSA_BITS <= bits <= MAX_RSA_BITS and n[-1] & 1 == 1, "modulus")
                return cls(DocumentSuite.RS256, (n, e))
            case {1: kty, 3: alg, -1: bytes() as key, **rest} if not rest:
                suite = DocumentSuite.ML_DSA_65
                _demand((kty, alg) == (_AKP, _ALGS[suite]), "key type or algorithm")
                _demand(len(key) == ML_DSA_65_BYTES, "length")
                return cls(suite, (key,))
            case _:
                raise DecodeError("keys.cose_key_malformed", what="labels")

    def to_cose(self) -> dict[int, int | bytes]:
        """The COSE_Key map, with its algorithm (docs/spec clause 3.2.2)."""
        alg = _ALGS[self.document_suite]
        if self.document_suite is DocumentSuite.RS256:
            n, e = self._parameters
            return {_KTY: _RSA, _ALG: alg, _N: n, _E: e}
        return {_KTY: _AKP, _ALG: alg, _PUB: self._parameters[0]}

    def to_bytes(self) -> bytes:
        """The canonical bytes of the COSE_Key, by which bundles order keys (clause 5.3)."""
        return canon.encode(self.to_cose())

    def to_spki(self) -> bytes:
        """The key as X.509 has it: DER SubjectPublicKeyInfo (RFC 3279, RFC 9881)."""
        if self.document_suite is DocumentSuite.RS256:
            n, e = self._parameters
            return spki.rsa(n, e)
        return spki.ml_dsa_65(self._parameters[0])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DocumentKey) and other.thumbprint == self.thumbprint

    def __hash__(self) -> int:
        return hash(self.thumbprint)

    def __repr__(self) -> str:
        return f"DocumentKey({self.label}, kid={self.kid.hex()})"


def _demand(holds: bool, what: str) -> None:  # noqa: FBT001  # what must hold
    if not holds:
        raise DecodeError("keys.cose_key_malformed", what=what)


DOCUMENT_ALGS: Final = frozenset(_ALGS.values())
"""COSE algorithm identifiers of keys that sign only documents."""
