"""Small signed documents for tests, and every way of making them wrong.

A writer of its own, of PDF and of DER: what the program's writer can't write, an attacker can.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from tests.support.authority import AT_S, START_DAY, World, make_world
from tests.support.x509 import AnyKey, Maker, new_key

from etitle.certificate.commitment import commit, format_opening
from etitle.certificate.identity import DocumentKind, Identity, check_digit
from etitle.certificate.model import Certificate, Sex
from etitle.keys.documentkey import DocumentKey
from etitle.keys.public import PublicKey
from etitle.trust.bundle import KeyState, KeyUse, PublishedKey, decode_bundle, encode_bundle

OPENING: Final = bytes(range(10))
FIRST17: Final = "45009919900101123"
NUMBER: Final = FIRST17 + check_digit(FIRST17)
OPENING_TEXT: Final = format_opening(OPENING).replace("-", "")


def masked(certificate: Certificate) -> Certificate:
    shown = f"45{'*' * 12}{NUMBER[-4:]}"
    commitment = commit(OPENING, DocumentKind.CN_RESIDENT, NUMBER, pepper=1)
    identity = Identity(DocumentKind.CN_RESIDENT, shown, commitment)
    return replace(
        certificate, identity=identity, sex=Sex.MALE, index=41, issued=datetime.date(2026, 11, 2)
    )


# -- DER -------------------------------------------------------------------------------------------


def tlv(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    if len(body) < 128:
        return bytes((tag, len(body))) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, 128 + len(size))) + size + body


def oid(text: str) -> bytes:
    found = x509.ObjectIdentifier(text).dotted_string.split(".")
    numbers = [int(found[0]) * 40 + int(found[1]), *map(int, found[2:])]
    body = bytearray()
    for number in numbers:
        digits = [number & 127]
        while number := number >> 7:
            digits.append(128 | number & 127)
        body += bytes(reversed(digits))
    return tlv(6, bytes(body))


def attribute(kind: str, *values: bytes) -> bytes:
    return tlv(0x30, oid(kind), tlv(0x31, *values))


def set_of(items: Sequence[bytes]) -> bytes:
    return b"".join(sorted(items))


SIGNED_DATA: Final = "1.2.840.113549.1.7.2"
DATA: Final = "1.2.840.113549.1.7.1"
CONTENT_TYPE: Final = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST: Final = "1.2.840.113549.1.9.4"
SIGNING_TIME: Final = "1.2.840.113549.1.9.5"
ESS_V2: Final = "1.2.840.113549.1.9.16.2.47"
PROTECTION: Final = "1.2.840.113549.1.9.52"
STAMP: Final = "1.2.840.113549.1.9.16.2.14"
TST_INFO: Final = "1.2.840.113549.1.9.16.1.4"
SHA256: Final = tlv(0x30, oid("2.16.840.1.101.3.4.2.1"))
SHA512: Final = tlv(0x30, oid("2.16.840.1.101.3.4.2.3"))


@dataclass(frozen=True)
class Cms:
    """A CMS that says what it is told to; the defaults are right (clause 9.3)."""

    maker: Maker
    chain: tuple[bytes, ...] = ()
    named: bytes | None = None
    """Certificate that ESS names; None for the signer's."""
    attributes: Callable[[list[bytes]], list[bytes]] = lambda found: found
    order: Callable[[Sequence[bytes]], bytes] = set_of
    infos: int = 1
    digest: bytes | None = None
    stamp: Callable[[bytes], bytes] | None = None
    issuer_of: bytes | None = None
    content: bytes | None = None
    kind: str = DATA
    signed: bool = True
    finish: Callable[[bytes], bytes] = lambda cms: cms
    signing: Callable[[object, bytes], bytes] | None = None
    """Makes the signature; another one where it must come out the same each time."""

    def make(self, covered: bytes) -> bytes:
        key, own = self.maker.key, self.maker.der
        digest_algorithm, algorithm = SHA256, tlv(0x30, oid("1.2.840.10045.4.3.2"))
        name = "sha256"
        if isinstance(key, ed25519.Ed25519PrivateKey):
            name, digest_algorithm = "sha512", SHA512
            algorithm = tlv(0x30, oid("1.3.101.112"))
        elif isinstance(key, mldsa.MLDSA65PrivateKey):
            name, digest_algorithm = "sha512", SHA512
            algorithm = tlv(0x30, oid("2.16.840.1.101.3.4.3.18"))
        elif isinstance(key, rsa.RSAPrivateKey):
            algorithm = tlv(0x30, oid("1.2.840.113549.1.1.11"), b"\x05\x00")
        digest = self.digest or hashlib.new(name, covered).digest()
        named = hashlib.sha256(self.named or own).digest()
        attributes = self.attributes(
            [
                attribute(CONTENT_TYPE, oid(self.kind)),
                attribute(MESSAGE_DIGEST, tlv(4, digest)),
                attribute(ESS_V2, tlv(0x30, tlv(0x30, tlv(0x30, tlv(4, named))))),
                attribute(PROTECTION, tlv(0x30, digest_algorithm, tlv(0xA1, algorithm[2:]))),
            ]
        )
        ordered = self.order(attributes)
        signature = (self.signing or sign)(key, tlv(0x31, ordered) if self.signed else covered)
        loaded = x509.load_der_x509_certificate(self.issuer_of or own)
        sid = tlv(0x30, loaded.issuer.public_bytes(), integer(loaded.serial_number))
        info = [tlv(2, b"\x01"), sid, digest_algorithm]
        if self.signed:
            info.append(tlv(0xA0, ordered))
        info += [algorithm, tlv(4, signature)]
        if self.stamp is not None:
            info.append(tlv(0xA1, attribute(STAMP, self.stamp(signature))))
        content = [] if self.content is None else [tlv(0xA0, tlv(4, self.content))]
        version = b"\x01" if self.kind == DATA else b"\x03"
        return self.finish(
            tlv(
                0x30,
                oid(SIGNED_DATA),
                tlv(
                    0xA0,
                    tlv(
                        0x30,
                        tlv(2, version),
                        tlv(0x31, digest_algorithm),
                        tlv(0x30, oid(self.kind), *content),
                        tlv(0xA0, set_of((own, *self.chain))),
                        tlv(0x31, tlv(0x30, *info) * self.infos),
                    ),
                ),
            )
        )


def integer(value: int) -> bytes:
    return tlv(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def sign(key: object, data: bytes) -> bytes:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, ec.ECDSA(hashes.SHA256()))
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    assert isinstance(key, ed25519.Ed25519PrivateKey | mldsa.MLDSA65PrivateKey)
    return key.sign(data)


def stamped(
    tsa: Maker,
    at_s: int,
    *,
    imprint: bytes | None = None,
    chain: tuple[bytes, ...] = (),
    signing: Callable[[object, bytes], bytes] | None = None,
    attributes: Callable[[list[bytes]], list[bytes]] = lambda found: found,
) -> Callable[[bytes], bytes]:
    """A time-stamp of that time, on the signature given or on another's."""

    def stamp(signature: bytes) -> bytes:
        at = datetime.datetime.fromtimestamp(at_s, datetime.UTC)
        digest = imprint or hashlib.sha256(signature).digest()
        info = tlv(
            0x30,
            tlv(2, b"\x01"),
            oid("1.3.6.1.4.1.99999.1"),
            tlv(0x30, SHA256, tlv(4, digest)),
            tlv(2, b"\x07"),
            tlv(0x18, f"{at:%Y%m%d%H%M%S}Z".encode()),
        )
        made = Cms(
            tsa, kind=TST_INFO, content=info, chain=chain, signing=signing, attributes=attributes
        )
        return made.make(info)

    return stamp


class LocalTsa:
    """A time-stamp authority without a network, at any time that it is told."""

    def __init__(
        self,
        own: Maker,
        at_s: int,
        *,
        chain: tuple[bytes, ...] = (),
        imprint: bytes | None = None,
        room: int = 1000,
    ) -> None:
        self.make = stamped(own, at_s, chain=chain, imprint=imprint)
        self.room = room
        self.asked = 0

    def room_bytes(self) -> int:
        return self.room

    def timestamp(self, signature: bytes, *, near_s: int) -> bytes:
        assert near_s
        self.asked += 1
        token = self.make(signature)
        self.room = max(self.room, len(token) + 64)
        return token


# -- PDF -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pdf:
    """A document of clause 9 in the least number of objects; each may be replaced."""

    token: bytes | None
    opening: bytes | None = OPENING_TEXT.encode()
    objects: dict[int, bytes] = field(default_factory=dict)
    sealed: str = "D:20261120120000+08'00'"
    header: bytes = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
    hole_bytes: int = 0
    """Bytes for the CMS; 0 for what a trial gives and 16 to spare."""
    tail: bytes = b""
    trailer: bytes = b""
    permission: int = 1
    byte_range: bytes = b"[0 %10d %10d %10d]"

    def bodies(self) -> dict[int, bytes]:
        files = {b"opening.txt": self.opening, b"token.cose": self.token}
        kinds = {b"opening.txt": b"text#2Fplain", b"token.cose": b"application#2Fcose"}
        relations = {b"opening.txt": b"Supplement", b"token.cose": b"Data"}
        found = {
            1: b"<< /Type /Catalog /Pages 3 0 R /Lang (zh-CN) /Perms << /DocMDP 2 0 R >>\n"
            b"/AcroForm << /Fields [5 0 R] /SigFlags 3 >>\n%b >>",
            3: b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
            4: b"<< /Type /Page /Parent 3 0 R /MediaBox [0 0 595 842] /Resources << >>\n"
            b"/Contents 6 0 R /Annots [5 0 R] >>",
            5: b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (seal) /F 132 /P 4 0 R\n"
            b"/Rect [400 80 520 200] /V 2 0 R >>",
            6: stream(b"", b"0 0 m 9 9 l S"),
        }
        names = b""
        for name, data in files.items():
            if data is None:
                continue
            number = max(found) + 1
            found[number] = stream(b"/Type /EmbeddedFile /Subtype /" + kinds[name], data)
            found[number + 1] = (
                b"<< /Type /Filespec /F (%b) /UF (%b) /AFRelationship /%b\n/EF << /F %d 0 R >> >>"
                % (name, name, relations[name], number)
            )
            names += b"(%b) %d 0 R " % (name, number + 1)
        numbers = b" ".join(names.split()[at] + b" 0 R" for at in range(1, len(names.split()), 4))
        attached = b"/AF [%b] /Names << /EmbeddedFiles << /Names [%b] >> >>" % (numbers, names)
        found[1] %= attached if names else b""
        return found | self.objects

    def make(self, cms: Cms) -> bytes:
        out = bytearray(self.header)
        offsets: dict[int, int] = {}
        bodies = self.bodies()
        for number, body in bodies.items():
            offsets[number] = len(out)
            out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
        offsets[2] = len(out)
        out += (
            b"2 0 obj\n<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached\n"
            b"/M (%b) /Reference [<< /Type /SigRef /TransformMethod /DocMDP\n"
            b"/TransformParams << /Type /TransformParams /P %d /V /1.2 >> >>]\n/ByteRange %%b "
            b"/Contents " % (self.sealed.encode(), self.permission)
        )
        room = self.hole_bytes or len(cms.make(b"")) + 16
        start = len(out) + 36 - 2
        end = start + 2 * room + 2
        after = bytearray(b"\n>>\nendobj\n")
        table = end + len(after)
        size = max(offsets) + 1
        after += b"xref\n0 %d\n0000000000 65535 f \n" % size
        for number in range(1, size):
            after += b"%010d 00000 n \n" % offsets[number]
        after += b"trailer\n<< /Size %d /Root 1 0 R %b>>\nstartxref\n%d\n%%%%EOF\n" % (
            size, self.trailer, table,
        )  # fmt: skip
        after += self.tail
        byte_range = (self.byte_range % (start, end, len(after))).ljust(36)
        before = byte_range.join(bytes(out).rsplit(b"%b", 1))
        assert len(before) == start, (len(before), start)
        signature = cms.make(before + after)
        digits = signature.hex().encode().ljust(2 * room, b"0")
        return before + b"<" + digits + b">" + bytes(after)


def stream(entries: bytes, data: bytes) -> bytes:
    return b"<< %b /Length %d >>\nstream\n%b\nendstream" % (entries, len(data), data)


# -- who -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Office:
    """An authority whose bundle names a seal, and a right document by it."""

    world: World
    certificate: Certificate
    root: Maker
    seal: Maker
    signing: Callable[[object, bytes], bytes] | None = None
    """As of its CMS."""

    @property
    def token(self) -> bytes:
        return self.world.token(self.certificate).to_bytes()

    @property
    def pdf(self) -> Pdf:
        return Pdf(self.token)

    @property
    def cms(self) -> Cms:
        return Cms(self.seal, signing=self.signing)

    def document(self, **changes: object) -> bytes:
        return replace(self.pdf, **changes).make(self.cms)  # type: ignore[arg-type]

    def signed(self, **changes: object) -> bytes:
        return self.pdf.make(replace(self.cms, **changes))  # type: ignore[arg-type]

    def with_seal(self, **changes: object) -> Office:
        """The same with the seal's key changed in the bundle."""
        keys = tuple(
            replace(key, **changes) if key.x509 == self.seal.der else key  # type: ignore[arg-type]
            for key in self.world.bundle.keys
        )
        return replace(self, world=self.world.with_bundle(keys=keys))


def public_of(key: AnyKey) -> PublicKey | DocumentKey:
    """The public half as a bundle publishes it."""
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.public_key().public_numbers()
        return DocumentKey.rsa(numbers.n, numbers.e)
    if isinstance(key, mldsa.MLDSA65PrivateKey):
        return DocumentKey.ml_dsa_65(key.public_key().public_bytes_raw())
    return PublicKey(key.public_key())


@cache
def office(certificate: Certificate, *, kind: str = "p256", name: str = "sample") -> Office:
    world = make_world([certificate], authority_id=name)
    root = Maker.root("样例根证书")
    key = new_key(kind)
    seal = root.leaf("样例职称专用章", key=key)
    entry = PublishedKey(
        public=public_of(key),
        x509=seal.x509.public_bytes(Encoding.DER),
        uses=frozenset({KeyUse.DOCUMENT}),
        not_before=START_DAY,
        not_after=None,
        history=((KeyState.ACTIVE, 1_577_836_800),),
        seal_name="样例职称专用章",
        seal_number="0000000000002",
    )
    keys = tuple(sorted((*world.bundle.keys, entry), key=lambda each: each.public.to_bytes()))
    made = world.with_bundle(keys=keys)
    # Honest: what the bundle says is what a verifier takes (its certificate holds its key).
    assert decode_bundle(encode_bundle(made.bundle)) == made.bundle
    return Office(made, certificate, root, seal)


SEALED_S: Final = AT_S
"""When the documents here say that they were sealed: the time that they are judged for."""
