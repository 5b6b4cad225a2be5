"""What all vectors are made with: fixed keys, settled compressed bytes, signed things.

Nothing here is secret.  Private keys come from their labels, and signatures are deterministic, so
everything can be made again byte for byte.
"""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from PIL import Image

from etitle import canon, cose
from etitle.certificate.model import Certificate
from etitle.keys.signer import AnyPrivateKey, SoftSigner
from etitle.keys.suite import EDDSA, ES256, Suite
from etitle.token import frame, text
from etitle.token.draw import qr_version
from etitle.trust.delta import DELTA_TYP, Delta, sign_delta
from etitle.trust.statuslist import LIST_TYP, StatusList, sign_list

Json: TypeAlias = dict[str, Any]

FOLDER: Final = Path(__file__).resolve().parents[1]
BASE: Final = "https://zc.sample.cn"
KEY_LABEL: Final = "etitle test key: "

KEYS: Final[dict[str, Suite]] = {
    "root-1": ES256,
    "root-2": ES256,
    "root-3": ES256,
    "root-4": EDDSA,
    "root-5": ES256,
    "token": ES256,
    "token-eddsa": EDDSA,
    "list": ES256,
    "list-eddsa": EDDSA,
    "list-old": ES256,
    "list-retired": ES256,
    "retired": ES256,
    "stolen": ES256,
    "stranger": ES256,
    "ca": EDDSA,
    "seal": ES256,
    "seal-eddsa": EDDSA,
    "seal-rsa": ES256,
    "seal-short": EDDSA,
    "tsa": ES256,
    "tsa-ml-dsa": ES256,
    # Found by search: these two have one kid.
    "shared-7993": EDDSA,
    "shared-17067": EDDSA,
    # So have this one and the ML-DSA-65 key ml-dsa-119264.
    "twin-16654": EDDSA,
}

# RFC 6979 A.2.5: P-256, SHA-256, message "sample".
_KNOWN_KEY: Final = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721
_KNOWN_R: Final = 0xEFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716
_KNOWN_S: Final = 0xF7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8


class NotDeterministicError(RuntimeError):
    """This OpenSSL can't sign as RFC 6979 says, so vectors can't be made with it."""


class WrongVectorError(AssertionError):
    """A vector does not show what it is there for: its name, and what was found instead."""


def demand_deterministic_signatures() -> None:
    """Refuse to go on unless ES256 signatures are those of RFC 6979, with low S."""
    found = SoftSigner(ec.derive_private_key(_KNOWN_KEY, ec.SECP256R1())).sign(b"sample")
    low = min(_KNOWN_S, ES256.order - _KNOWN_S)
    if found != _KNOWN_R.to_bytes(32, "big") + low.to_bytes(32, "big"):
        raise NotDeterministicError


def secret(label: str) -> bytes:
    """The private scalar (P-256) or seed (Ed25519) of a label, 32 bytes."""
    digest = sha256((KEY_LABEL + label).encode()).digest()
    if KEYS[label] is EDDSA:
        return digest
    return (int.from_bytes(digest, "big") % (ES256.order - 1) + 1).to_bytes(32, "big")


@cache
def signer(label: str) -> SoftSigner:
    """The signer of a label."""
    key: AnyPrivateKey
    if KEYS[label] is EDDSA:
        key = ed25519.Ed25519PrivateKey.from_private_bytes(secret(label))
    else:
        key = ec.derive_private_key(int.from_bytes(secret(label), "big"), ec.SECP256R1())
    return SoftSigner(key)


def signers(*labels: str) -> tuple[SoftSigner, ...]:
    """The signers of some labels."""
    return tuple(signer(label) for label in labels)


def describe_keys() -> Json:
    """Every key, private half and all."""
    return {
        label: {
            "suite": suite.name,
            "private": secret(label).hex(),
            "cose_key": canon.encode(signer(label).public.to_cose()).hex(),
            "thumbprint": signer(label).public.thumbprint.hex(),
        }
        for label, suite in KEYS.items()
    }


def high_s(signature: bytes) -> bytes:
    """The second form of an ES256 signature."""
    s = ES256.order - int.from_bytes(signature[32:], "big")
    return signature[:32] + s.to_bytes(32, "big")


def spoil(signature: bytes) -> bytes:
    """A signature with one bit changed, far from what decides its form."""
    return signature[:20] + bytes((signature[20] ^ 1,)) + signature[21:]


def inflate_raw(data: bytes) -> bytes:
    """Undo the compression of a frame, dictionary 1."""
    return zlib.decompressobj(-15, zdict=frame.dictionary(1)).decompress(data)


def _pixels(png: bytes) -> bytes:
    with Image.open(io.BytesIO(png), formats=("PNG",)) as picture:
        size = b"%dx%d " % picture.size
        return size + picture.convert("L").tobytes()


_UNDO: Final[dict[str, Callable[[bytes], bytes]]] = {
    "raw1": inflate_raw,
    "zlib": zlib.decompress,
    "png": _pixels,
}


class Shop:
    """Makes the signed things, and keeps the compressed bytes that were made before.

    How a compressor chooses its matches is no part of any format, and other builds of zlib
    choose otherwise.  So what was committed stays as long as it inflates to the same content.
    """

    def __init__(self, stock: dict[str, str]) -> None:
        self._stock = stock
        self.used: dict[str, str] = {}

    @classmethod
    def open(cls, folder: Path = FOLDER) -> Shop:
        """A shop with the compressed bytes of a folder of vectors."""
        file = folder / "compressed.json"
        if not file.exists():
            return cls({})
        return cls(json.loads(file.read_text("utf-8"))["compressed"])

    def settle(self, how: str, made: bytes) -> bytes:
        """Bytes that inflate to what ``made`` does: those of before, where there are any."""
        undo = _UNDO[how]
        content = undo(made)
        name = f"{how} {sha256(content).hexdigest()}"
        before = bytes.fromhex(self._stock.get(name, ""))
        kept = before if before and undo(before) == content else made
        self.used[name] = kept.hex()
        return kept

    def frame(self, token: cose.Sign1) -> bytes:
        """The frame of a token."""
        packed = frame.pack(token)
        return packed[:5] + self.settle("raw1", packed[5:-64]) + packed[-64:]

    def token_stages(self, token: cose.Sign1, *, authority: str = "sample") -> Json:
        """A token at each stage of its way into a QR code."""
        framed = self.frame(token)
        return {
            "payload": token.payload.hex(),
            "protected": token.protected.hex(),
            "sig_structure": token.to_be_signed(external_aad=frame.binding(authority)).hex(),
            "cose_sign1": token.to_bytes().hex(),
            "frame": framed.hex(),
            "text": text.to_url(framed, base=BASE),
            "base45": text.to_base45(framed),
            "qr_version": qr_version(text.to_url(framed, base=BASE)),
        }

    def list(self, made: StatusList, label: str) -> bytes:
        """A signed list."""
        return self.resign_list(sign_list(made, signer=signer(label)), label)

    def resign_list(self, data: bytes, label: str, **changes: canon.Value) -> bytes:
        """A list with settled bytes and, where given, other entries of the claim -70001."""
        claims = claims_of(data)
        status, own = claims[65533], claims[-70001]
        status["lst"] = self.settle("zlib", status["lst"])
        for key in (8, 9):
            own[key] = self.settle("zlib", own[key])
        own.update({int(key.removeprefix("_")): value for key, value in changes.items()})
        return signed(claims, label, typ=LIST_TYP)

    def delta(self, made: Delta, label: str) -> bytes:
        """A signed delta."""
        claims = claims_of(sign_delta(made, signer=signer(label)))
        for key in (12, 13):
            claims[key] = self.settle("zlib", claims[key])
        return signed(claims, label, typ=DELTA_TYP)

    def zlib(self, content: bytes) -> bytes:
        """Settled zlib bytes of some content."""
        return self.settle("zlib", zlib.compress(content, 9))


def signed_token(
    certificate: Certificate, label: str = "token", *, authority: str = "sample"
) -> cose.Sign1:
    """A certificate's token, by the key of a label."""
    return frame.sign(certificate, signer=signer(label), authority_id=authority)


def token_over(payload: bytes, label: str = "token", *, authority: str = "sample") -> cose.Sign1:
    """A token of an authority over any bytes, by the key of a label."""
    return cose.sign1(payload, signer=signer(label), external_aad=frame.binding(authority))


def claims_of(data: bytes) -> dict[Any, Any]:
    """The decoded payload of a signed list or delta."""
    payload = cose.parse_sign1(data, max_bytes=1 << 26).payload
    return cast("dict[Any, Any]", canon.decode(payload, max_bytes=1 << 26))


def signed(claims: object, label: str, *, typ: str | None) -> bytes:
    """A COSE_Sign1 over the canonical bytes of a value."""
    return cose.sign1(canon.encode(claims), signer=signer(label), typ=typ).to_bytes()


def shows(zh: str, en: str) -> Json:
    """What a vector shows, for people."""
    return {"zh": zh, "en": en}
