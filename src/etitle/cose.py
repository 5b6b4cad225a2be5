"""COSE_Sign1 and COSE_Sign (RFC 9052 §4): the one builder of to-be-signed bytes.

Tokens, lists, deltas, bundles and rescue lists are all signed and checked through this module.
Headers are strict: the protected map is canonical, the unprotected map is empty, there is no
critical header, and everything is tagged (docs/spec clause 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from etitle import canon
from etitle.errors import DecodeError
from etitle.keys.signer import Signer
from etitle.keys.suite import BY_ALG, Suite

ALG: Final = 1
KID: Final = 4
TYP: Final = 16
"""Header labels: algorithm, key id (RFC 9052 §3.1), type (RFC 9596)."""

SIGN1_TAG: Final = b"\xd2"
MAX_ROOT_KID_BYTES: Final = 64
"""Most bytes of a root's kid, its whole thumbprint: 32 for every suite known (clause 1.3)."""
MAX_SIGNATURE_BYTES: Final = 1 << 14
"""Most bytes of one signature of a COSE_Sign, and of its header (docs/spec clause 3.4.4)."""
MAX_HEADER_BYTES: Final = 256
"""Most bytes of every other protected header: a kid of 4 bytes and a typ (clause 3.4)."""

_SIGN_TAG: Final = b"\xd8\x62"

Headers: TypeAlias = "dict[int | str, canon.Value]"


def to_be_signed(
    protected: bytes,
    payload: bytes,
    *,
    external_aad: bytes = b"",
    signer_protected: bytes | None = None,
) -> bytes:
    """Build the Sig_structure (RFC 9052 §4.4).

    Args:
        protected: the body's protected header, as encoded.
        payload: the payload, uncompressed.
        external_aad: what is signed and not carried: empty but for tokens (clause 3.4.1).
        signer_protected: for COSE_Sign, the protected header of the one signature.

    Returns:
        The bytes that are signed.
    """
    head = canon.head
    aad = head(2, len(external_aad)) + external_aad
    if signer_protected is None:
        return b"".join((
            b"\x84\x6aSignature1", head(2, len(protected)), protected,
            aad, head(2, len(payload)), payload,
        ))  # fmt: skip
    return b"".join((
        b"\x85\x69Signature", head(2, len(protected)), protected,
        head(2, len(signer_protected)), signer_protected,
        aad, head(2, len(payload)), payload,
    ))  # fmt: skip


@lru_cache(maxsize=1024)
def protected_header(suite: Suite, kid: bytes, typ: str | None = None) -> bytes:
    """The encoded protected header {alg, kid} or {alg, kid, typ}."""
    headers: dict[int, object] = {ALG: suite.alg, KID: kid}
    if typ is not None:
        headers[TYP] = typ
    return canon.encode(headers)


@dataclass(frozen=True, slots=True)
class Sign1:
    """A parsed COSE_Sign1; nothing in it is verified yet.

    Attributes:
        suite: as named by the protected header.
        kid: as named by the protected header.
        typ: the media type, or None.
        protected: the protected header as received.
        payload: the payload as received.
        signature: the signature as received.
    """

    suite: Suite
    kid: bytes
    typ: str | None
    protected: bytes
    payload: bytes
    signature: bytes

    def to_be_signed(self, *, external_aad: bytes = b"") -> bytes:
        """The Sig_structure of the bytes received."""
        return to_be_signed(self.protected, self.payload, external_aad=external_aad)

    def to_bytes(self) -> bytes:
        """The tagged COSE_Sign1."""
        head = canon.head
        return b"".join((
            SIGN1_TAG, b"\x84", head(2, len(self.protected)), self.protected, b"\xa0",
            head(2, len(self.payload)), self.payload,
            head(2, len(self.signature)), self.signature,
        ))  # fmt: skip


def sign1(
    payload: bytes, *, signer: Signer, typ: str | None = None, external_aad: bytes = b""
) -> Sign1:
    """Sign a payload as COSE_Sign1, headers {alg, kid} and, when given, typ."""
    public = signer.public
    protected = protected_header(public.suite, public.kid, typ)
    signature = signer.sign(to_be_signed(protected, payload, external_aad=external_aad))
    return Sign1(public.suite, public.kid, typ, protected, payload, signature)


def parse_sign1(data: bytes, *, max_bytes: int) -> Sign1:
    """Parse a tagged COSE_Sign1 of the profile of docs/spec clause 3.

    Raises:
        DecodeError: ``cose.malformed``, ``cose.algorithm_unknown``, or a ``canon`` code.
    """
    protected, payload, signature = _read_parts(
        data, tag=SIGN1_TAG, name="COSE_Sign1", max_bytes=max_bytes
    )
    if not isinstance(signature, bytes):
        raise DecodeError("cose.malformed", what="not four COSE_Sign1 parts")
    suite, kid, typ = _read_headers(protected)
    return Sign1(suite, kid, typ, protected, payload, signature)


def _read_parts(
    data: bytes, *, tag: bytes, name: str, max_bytes: int
) -> tuple[bytes, bytes, canon.Value]:
    """Protected header, payload, and what follows: one signature or several."""
    if not data.startswith(tag):
        raise DecodeError("cose.malformed", what=f"no {name} tag")
    match canon.decode(data[len(tag) :], max_bytes=max_bytes - len(tag)):
        case (bytes() as protected, {} as unprotected, bytes() as payload, signed):
            pass
        case _:
            raise DecodeError("cose.malformed", what=f"not four {name} parts")
    if unprotected:
        raise DecodeError("cose.malformed", what="an unprotected header")
    return protected, payload, signed


def _read_endorsement(protected: bytes, signature: bytes) -> Endorsement:
    """One signature of a COSE_Sign; of a form that nobody of ours gives, it counts for nothing."""
    match canon.decode(protected, max_bytes=MAX_SIGNATURE_BYTES):
        case {1: int() | str() as alg, 4: bytes() as kid, **rest} if not isinstance(alg, bool):
            pass
        case _:
            raise DecodeError("cose.malformed", what="the header of a signature")
    if not 1 <= len(kid) <= MAX_ROOT_KID_BYTES or len(signature) > MAX_SIGNATURE_BYTES:
        raise DecodeError("cose.malformed", what="the length of a root's kid or signature")
    suite = None if rest else BY_ALG.get(alg)
    return Endorsement(suite, kid, protected, signature)


@lru_cache(maxsize=64)
def _read_headers(protected: bytes) -> tuple[Suite, bytes, str | None]:
    match canon.decode(protected, max_bytes=MAX_HEADER_BYTES):
        case {1: int() as alg, 4: bytes() as kid, **rest} if not rest:
            typ = None
        case {1: int() as alg, 4: bytes() as kid, 16: str() as typ, **rest} if not rest:
            pass
        case _:
            raise DecodeError("cose.malformed", what="protected header")
    if isinstance(alg, bool):  # Python's booleans are integers; CBOR's are not
        raise DecodeError("cose.malformed", what="protected header")
    suite = BY_ALG.get(alg)
    if suite is None:
        raise DecodeError("cose.algorithm_unknown", alg=alg)
    return suite, kid, typ


@dataclass(frozen=True, slots=True)
class Endorsement:
    """One signature of a COSE_Sign.

    Attributes:
        suite: as named by its protected header; None where it counts for nothing: its algorithm
            is not known, or its header says more than algorithm and kid.
        kid: the whole thumbprint of the root it claims.
        protected: its protected header as received.
        signature: the signature as received.
    """

    suite: Suite | None
    kid: bytes
    protected: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Sign:
    """A parsed COSE_Sign; nothing in it is verified yet."""

    typ: str
    protected: bytes
    payload: bytes
    endorsements: tuple[Endorsement, ...]

    def to_be_signed(self, endorsement: Endorsement) -> bytes:
        """The Sig_structure of one signature, over the bytes received."""
        return to_be_signed(self.protected, self.payload, signer_protected=endorsement.protected)

    def to_bytes(self) -> bytes:
        """The tagged COSE_Sign."""
        unprotected: dict[int, object] = {}
        signatures = [(e.protected, unprotected, e.signature) for e in self.endorsements]
        return _SIGN_TAG + canon.encode((self.protected, unprotected, self.payload, signatures))


def sign(payload: bytes, *, signers: Sequence[Signer], typ: str) -> Sign:
    """Sign a payload by several roots as COSE_Sign; root kids are whole thumbprints."""
    body = Sign(typ, canon.encode({TYP: typ}), payload, ())
    return endorse(body, signers=signers)


def endorse(body: Sign, *, signers: Sequence[Signer]) -> Sign:
    """Add signatures: roots may sign one after another, on different machines.

    Signatures are kept in the order of their kids, so the order of signing leaves no trace.
    """
    known = {e.kid: e for e in body.endorsements}
    for signer in signers:
        public = signer.public
        protected = protected_header(public.suite, public.thumbprint)
        data = to_be_signed(body.protected, body.payload, signer_protected=protected)
        known[public.thumbprint] = Endorsement(
            public.suite, public.thumbprint, protected, signer.sign(data)
        )
    ordered = tuple(known[kid] for kid in sorted(known))
    return Sign(body.typ, body.protected, body.payload, ordered)


def parse_sign(data: bytes, *, max_bytes: int) -> Sign:
    """Parse a tagged COSE_Sign of the profile of docs/spec clause 3: ascending, unique kids.

    Raises:
        DecodeError: ``cose.malformed``, ``cose.algorithm_unknown``, or a ``canon`` code.
    """
    protected, payload, signatures = _read_parts(
        data, tag=_SIGN_TAG, name="COSE_Sign", max_bytes=max_bytes
    )
    if not isinstance(signatures, tuple):
        raise DecodeError("cose.malformed", what="not four COSE_Sign parts")
    match canon.decode(protected, max_bytes=MAX_HEADER_BYTES):
        case {16: str() as typ, **rest} if not rest:
            pass
        case _:
            raise DecodeError("cose.malformed", what="protected header")
    endorsements: list[Endorsement] = []
    for item in signatures:
        match item:
            case (bytes() as own, {} as free, bytes() as signature) if not free:
                one = _read_endorsement(own, signature)
            case _:
                raise DecodeError("cose.malformed", what="a signature")
        if endorsements and one.kid <= endorsements[-1].kid:
            raise DecodeError("cose.malformed", what="the order of the signatures")
        endorsements.append(one)
    return Sign(typ, protected, payload, tuple(endorsements))
