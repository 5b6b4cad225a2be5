"""Rescue lists: what an authority knows to have signed before a key was stolen (docs/spec 5.8).

After a compromise a token's own date proves nothing.  The roots then vouch, one digest each, for
the tokens of the record, and every one of them stays authentic.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from operator import lt
from struct import iter_unpack
from typing import Final

from etitle import canon, cose
from etitle.errors import DecodeError, FieldError, TrustError
from etitle.keys.signer import Signer
from etitle.trust.bundle import Bundle
from etitle.trust.mapreader import MAX_UINT, is_critical
from etitle.trust.roots import require_signed
from etitle.trust.statuslist import MAX_TIME_S

RESCUE_TYP: Final = "application/vnd.etitle.rescue+cbor"
SCHEMA: Final = 1
DIGEST_BYTES: Final = 16
MAX_DIGESTS: Final = 1 << 22
"""Tokens of one key: 64 MiB of digests."""
MAX_RESCUE_BYTES: Final = MAX_DIGESTS * DIGEST_BYTES + (1 << 14)
_THUMBPRINT_BYTES: Final = 32


def digest(to_be_signed: bytes) -> bytes:
    """What a rescue list holds of one token: 16 bytes of the hash of its Sig_structure.

    >>> digest(b"").hex()
    'e3b0c44298fc1c149afbf4c8996fb924'
    """
    return sha256(to_be_signed).digest()[:DIGEST_BYTES]


@dataclass(frozen=True, slots=True)
class Rescue:
    """The tokens of one compromised key that stay authentic.

    Attributes:
        authority_id: whose key it was.
        thumbprint: of the compromised key, 32 bytes.
        issued_s: seconds since 1970 UTC.
        digests: 16 bytes each, ascending, without separators.
        number: at least 1, greater in every later list of the key: the greatest counts.
    """

    authority_id: str
    thumbprint: bytes
    issued_s: int
    digests: bytes
    number: int = 1

    def __len__(self) -> int:
        """How many tokens."""
        return len(self.digests) // DIGEST_BYTES

    def __contains__(self, item: object) -> bool:
        """Whether a token's digest is among them; about 20 comparisons for a million."""
        if not isinstance(item, bytes):
            return False
        at = bisect_left(range(len(self)), item, key=self._digest)
        return at < len(self) and self._digest(at) == item

    def _digest(self, at: int) -> bytes:
        return self.digests[at * DIGEST_BYTES : (at + 1) * DIGEST_BYTES]


def make_rescue(
    digests: Iterable[bytes], *, authority_id: str, thumbprint: bytes, issued_s: int, number: int
) -> Rescue:
    """Put digests in order, each once.

    Raises:
        FieldError: ``bundle.rescue_refused`` for a digest that is not 16 bytes, or more than
            ``MAX_DIGESTS``.

    >>> rescue = make_rescue(
    ...     [b"b" * 16, b"a" * 16], authority_id="a", thumbprint=b"", issued_s=0, number=1
    ... )
    >>> len(rescue), b"a" * 16 in rescue, b"c" * 16 in rescue
    (2, True, False)
    """
    ordered = sorted(set(digests))
    if len(ordered) > MAX_DIGESTS or any(len(item) != DIGEST_BYTES for item in ordered):
        raise FieldError("bundle.rescue_refused", field="4")
    return Rescue(authority_id, thumbprint, issued_s, b"".join(ordered), number)


def encode_rescue(rescue: Rescue) -> bytes:
    """The canonical payload of a rescue list.

    Raises:
        FieldError: ``bundle.rescue_refused`` where ``decode_rescue`` would refuse it.
    """
    try:
        data = canon.encode(
            {0: SCHEMA, 1: rescue.authority_id, 2: rescue.thumbprint,
             3: rescue.issued_s, 4: rescue.digests, 5: rescue.number}
        )  # fmt: skip
        decode_rescue(data)
    except DecodeError as error:
        raise FieldError(
            "bundle.rescue_refused", field=error.details.get("field", error.code)
        ) from None
    return data


def decode_rescue(payload: bytes) -> Rescue:
    """Read a rescue list's payload; nothing in it is verified yet.

    Raises:
        DecodeError: ``bundle.version_unknown``, ``bundle.rescue_malformed`` or a ``canon`` code.
    """
    match canon.decode(payload, max_bytes=MAX_RESCUE_BYTES):
        case {0: int() as schema} if type(schema) is int and schema > SCHEMA:
            raise DecodeError("bundle.version_unknown", version=schema)
        case {
            0: 1 as schema, 1: str() as authority_id, 2: bytes() as thumbprint,
            3: int() as issued_s, 4: bytes() as digests, 5: int() as number, **rest,
        }:  # fmt: skip
            pass
        case _:
            raise DecodeError("bundle.rescue_malformed", field="map")
    unknown = [label for label in rest if is_critical(label)]
    if unknown:
        raise DecodeError("bundle.version_unknown", version=unknown[0])
    if type(schema) is not int:
        raise DecodeError("bundle.rescue_malformed", field="0")
    if len(thumbprint) != _THUMBPRINT_BYTES:
        raise DecodeError("bundle.rescue_malformed", field="2")
    if type(issued_s) is not int or not 0 <= issued_s <= MAX_TIME_S:
        raise DecodeError("bundle.rescue_malformed", field="3")
    if not _is_ascending(digests):
        raise DecodeError("bundle.rescue_malformed", field="4")
    if type(number) is not int or not 1 <= number <= MAX_UINT:
        raise DecodeError("bundle.rescue_malformed", field="5")
    return Rescue(authority_id, thumbprint, issued_s, digests, number)


def _is_ascending(digests: bytes) -> bool:
    if len(digests) % DIGEST_BYTES or len(digests) // DIGEST_BYTES > MAX_DIGESTS:
        return False
    # Two walks in step, one digest apart: no list of a million slices is made.
    after = iter_unpack("16s", digests)
    next(after, None)
    return all(map(lt, iter_unpack("16s", digests), after))


def sign_rescue(rescue: Rescue, *, signers: Sequence[Signer]) -> bytes:
    """Sign a rescue list by some of the roots.

    Raises:
        FieldError: ``bundle.rescue_refused``.
    """
    return cose.sign(encode_rescue(rescue), signers=signers, typ=RESCUE_TYP).to_bytes()


def endorse_rescue(data: bytes, *, signers: Sequence[Signer]) -> bytes:
    """Add the signatures of further roots.

    Raises:
        TrustError: ``bundle.rescue_malformed``, ``bundle.version_unknown``.
    """
    body, _ = parse_rescue(data)
    return cose.endorse(body, signers=signers).to_bytes()


def open_rescue(data: bytes, *, bundle: Bundle) -> Rescue:
    """Open a rescue list with enough signatures of the current roots.

    Args:
        data: the signed rescue list.
        bundle: the authority's current bundle.

    Raises:
        TrustError: ``bundle.rescue_malformed``, ``bundle.version_unknown``,
            ``bundle.wrong_authority`` or ``bundle.too_few_signatures``.
    """
    body, rescue = parse_rescue(data)
    if rescue.authority_id != bundle.authority.id:
        raise TrustError(
            "bundle.wrong_authority", authority=rescue.authority_id, current=bundle.authority.id
        )
    require_signed(body, roots=bundle.roots, whose="current")
    return rescue


def parse_rescue(data: bytes) -> tuple[cose.Sign, Rescue]:
    """A rescue list, and the envelope with its signatures, none of which is checked.

    Raises:
        TrustError: ``bundle.rescue_malformed``, or what ``decode_rescue`` raises.
    """
    try:
        body = cose.parse_sign(data, max_bytes=MAX_RESCUE_BYTES)
        if body.typ != RESCUE_TYP:
            raise TrustError("bundle.rescue_malformed", field="typ")
        return body, decode_rescue(body.payload)
    except DecodeError as error:
        if error.code.startswith("bundle."):
            raise TrustError(error.code, **error.details) from None
        raise TrustError("bundle.rescue_malformed", field=error.code) from None
