"""Attacks on signed documents: none is VALID, none raises, none takes long (docs/spec clause 9)."""

from __future__ import annotations

import hashlib
import re
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from typing import Final

import pytest
from tests.support import forge
from tests.support.authority import AT, AT_S
from tests.support.forge import OPENING_TEXT, Cms, attribute, masked, office, stamped, stream, tlv
from tests.support.population import certificates
from tests.support.question import EXAMPLES
from tests.support.x509 import Maker

from etitle.errors import DecodeError
from etitle.pades.byterange import find_byte_range
from etitle.pades.objects import FORBIDDEN
from etitle.pades.structure import read_strict
from etitle.trust.anchors import Trust
from etitle.verdict import CheckId, Outcome, Reason, Summary, Verdict
from etitle.verify.document import verify_document
from etitle.verify.question import Question

ONE, TWO = certificates(2)
OURS = office(masked(ONE))
TSA = Maker.root("样例时间戳根").leaf("样例时间戳", timestamps=True)
GOOD = OURS.document()
AGAIN = OURS.pdf.make(OURS.cms)
"""The same document signed again: other bytes in the hole, the same everywhere else."""

LIMIT_S = 2.0
"""Seconds of CPU that any of these may take, on a slow machine too."""


def verify(pdf: bytes, trust: Trust | None = None) -> Verdict:
    start = time.process_time()
    verdict = verify_document(
        pdf,
        Question(trust=trust or OURS.world.trust, lists=OURS.world.lists, at=AT, policy=EXAMPLES),
    )
    assert time.process_time() - start < LIMIT_S
    return verdict


def hole(pdf: bytes) -> tuple[int, int]:
    found = re.search(rb"/ByteRange \[0 +(\d+) +(\d+) +(\d+)\]", pdf)
    assert found
    return int(found[1]), int(found[2])


def in_hole(cms: bytes, pdf: bytes = GOOD) -> bytes:
    start, end = hole(pdf)
    digits = cms.hex().encode()
    room = end - start - 2
    assert len(digits) <= room
    return pdf[: start + 1] + digits.ljust(room, b"0") + pdf[end - 1 :]


def cms_of(pdf: bytes = GOOD) -> bytes:
    start, end = hole(pdf)
    content = bytes.fromhex(pdf[start + 1 : end - 1].decode())
    return content[: 4 + int.from_bytes(content[2:4], "big")]


def ranged(text: str) -> bytes:
    """With another /ByteRange of the same width where it fits."""
    return re.sub(rb"/ByteRange \[[^\]]*\]", b"/ByteRange " + text.encode(), GOOD)


def signed_range(change: Callable[[int, int, int], str]) -> bytes:
    start, end = hole(GOOD)
    return ranged(change(start, end, len(GOOD) - end))


@cache
def rogue() -> Maker:
    """An attacker's certificate with the seal's very name."""
    return Maker.root("样例根证书").leaf("样例职称专用章")


OTHER_TOKEN: Final = OURS.world.token(replace(OURS.certificate, name="样例乙")).to_bytes()


# -- added to after signing ------------------------------------------------------------------------

PAGE: Final = (
    b"\n4 0 obj\n<< /Type /Page /Parent 3 0 R /MediaBox [0 0 595 842] /Resources << >>"
    b" /Contents 99 0 R >>\nendobj\n99 0 obj\n" + stream(b"", b"9 9 m 0 0 l S") + b"\nendobj\n"
)


def saved(body: bytes, *, xref: bool, trailer: bool, end: bool) -> bytes:
    """An incremental save in all its degrees of completeness."""
    out = GOOD + body
    if xref:
        out += b"xref\n4 1\n%010d 00000 n \n" % (len(GOOD) + 1)
    if trailer:
        previous = int(GOOD.rpartition(b"startxref\n")[2].split()[0])
        out += b"trailer\n<< /Size 100 /Root 1 0 R /Prev %d >>\n" % previous
    if end:
        out += b"startxref\n%d\n%%%%EOF\n" % (len(GOOD) + len(body))
    return out


ADDED: Final[dict[str, Callable[[], bytes]]] = {
    f"incremental save {xref:d}{trailer:d}{end:d}": partial(
        saved, PAGE, xref=xref, trailer=trailer, end=end
    )
    for xref in (False, True)
    for trailer in (False, True)
    for end in (False, True)
} | {
    "one byte": lambda: GOOD + b"x",
    "a control byte": lambda: GOOD + b"\v",
    "a second end": lambda: GOOD + b"%%EOF\n",
    "more than a kilobyte of spaces": lambda: GOOD + b" " * 1025,
    "a kilobyte without an end": lambda: GOOD + (b"\n9 0 obj\n<< >>\nendobj" * 60)[:1024],
    "376 bytes": lambda: GOOD + PAGE.ljust(376, b" ")[:376],
    "the document twice": lambda: GOOD + GOOD,
    "bytes before": lambda: b"%PDF-1.7\n" + GOOD,
    "an annotation": lambda: saved(
        b"\n5 0 obj\n<< /Type /Annot /Subtype /FreeText /Contents (x) >>\nendobj\n",
        xref=True, trailer=True, end=True,
    ),
    "a second signature": lambda: GOOD + b"\n" + OURS.pdf.make(Cms(rogue())),
    "form overlay": lambda: saved(
        b"\n1 0 obj\n<< /Type /Catalog /Pages 3 0 R /AcroForm << /Fields [98 0 R]"
        b" /NeedAppearances true >> >>\nendobj\n", xref=True, trailer=True, end=True,
    ),
    "optional content": lambda: saved(
        b"\n1 0 obj\n<< /Type /Catalog /Pages 3 0 R /OCProperties << >> >>\nendobj\n",
        xref=True, trailer=True, end=True,
    ),
    "attachment swapped": lambda: saved(
        b"\n7 0 obj\n" + stream(b"/Type /EmbeddedFile", OTHER_TOKEN) + b"\nendobj\n",
        xref=True, trailer=True, end=True,
    ),
    "metadata swapped": lambda: saved(
        b"\n9 0 obj\n<< /Title (other) >>\nendobj\n", xref=True, trailer=True, end=True
    ),
}  # fmt: skip


# -- wrapped ---------------------------------------------------------------------------------------


def moved() -> bytes:
    """The old signed rest is kept after an inserted new one (USF, SWA)."""
    start, end = hole(GOOD)
    rest = GOOD[end:]
    inserted = b"\n>>\nendobj\n" + PAGE
    grown = GOOD[:end] + inserted + rest
    return re.sub(
        rb"/ByteRange \[[^\]]*\]",
        b"/ByteRange [0 %10d %10d %10d]" % (start, end + len(inserted), len(rest)),
        grown,
    )


WRAPPED: Final[dict[str, Callable[[], bytes]]] = {
    "a gap before": lambda: signed_range(lambda a, b, c: f"[0 {a - 9} {b} {c}]"),
    "a gap after": lambda: signed_range(lambda a, b, c: f"[0 {a} {b + 9} {c - 9}]"),
    "overlap": lambda: signed_range(lambda a, b, c: f"[0 {b} {a} {len(GOOD) - a}]"),
    "a start past zero": lambda: signed_range(lambda a, b, c: f"[1 {a} {b} {c}]"),
    "negative": lambda: signed_range(lambda a, b, c: f"[0 -{a} {b} {c}]"),
    "negative rest": lambda: signed_range(lambda a, b, c: f"[0 {a} {b} -{c}]"),
    "giant": lambda: signed_range(lambda a, b, c: f"[0 {a} {b} {2**63}]"),
    "giant start": lambda: signed_range(lambda a, b, c: f"[0 {10**30} {b} {c}]"),
    "empty": lambda: ranged("[]"),
    "zeros": lambda: ranged("[0 0 0 0]"),
    "three numbers": lambda: signed_range(lambda a, b, c: f"[0 {a} {b}]"),
    "six numbers": lambda: signed_range(lambda a, b, c: f"[0 {a} {b} {c} 0 0]"),
    "reals": lambda: signed_range(lambda a, b, c: f"[0 {a}.0 {b}.0 {c}.0]"),
    "a reference": lambda: ranged("9 0 R"),
    "null": lambda: ranged("null"),
    "none": lambda: GOOD.replace(b"/ByteRange", b"/ByteRangf"),
    "two": lambda: GOOD.replace(b"/ByteRange", b"/ByteRange [0 1 2 3] /ByteRange"),
    "bytes moved behind": moved,
    "the hole holds more": lambda: GOOD.replace(b"\n>>\nendobj\nxref", b"\n>>\nendobj\n xref"),
}


# -- other signatures in the hole ------------------------------------------------------------------


def without(*kinds: str) -> Callable[[list[bytes]], list[bytes]]:
    return lambda found: [one for one in found if not any(forge.oid(kind) in one for kind in kinds)]


def signed(**changes: object) -> bytes:
    return OURS.signed(**changes)


def named_twice(found: list[bytes]) -> list[bytes]:
    return [*found, next(one for one in found if forge.oid(forge.ESS_V2) in one)]


def ber(cms: bytes) -> bytes:
    """The outermost length indefinite."""
    return b"\x30\x80" + cms[4:] + b"\x00\x00"


def long_length(cms: bytes) -> bytes:
    return b"\x30\x83\x00" + cms[2:]


def foreign_named(found: list[bytes]) -> list[bytes]:
    digest = tlv(0x30, tlv(0x30, tlv(0x30, tlv(4, hashlib.sha256(rogue().der).digest()))))
    return [*without(forge.ESS_V2)(found), attribute(forge.ESS_V2, digest)]


SIGNED: Final[dict[str, Callable[[], bytes]]] = {
    "null": lambda: in_hole(b""),
    "null element": lambda: in_hole(b"\x05\x00"),
    "empty sequence": lambda: in_hole(b"\x30\x00"),
    "no digits": lambda: GOOD[: hole(GOOD)[0] + 1] + GOOD[hole(GOOD)[1] - 1 :],
    "another document's": lambda: in_hole(
        OURS.document(opening=b"0" * 17)[slice(*hole(OURS.document(opening=b"0" * 17)))][1:-1]
        and cms_of(OURS.document(opening=b"0" * 17))[: len(cms_of())]
    ),
    "two signer infos": lambda: signed(infos=2),
    "no signer info": lambda: signed(infos=0),
    "no signed attributes": lambda: signed(signed=False),
    "no ESS": lambda: signed(attributes=without(forge.ESS_V2)),
    "no message digest": lambda: signed(attributes=without(forge.MESSAGE_DIGEST)),
    "no content type": lambda: signed(attributes=without(forge.CONTENT_TYPE)),
    "ESS of another": lambda: signed(attributes=foreign_named),
    "ESS twice": lambda: signed(attributes=named_twice),
    "ESS of the root": lambda: signed(named=OURS.root.der),
    "a signing time": lambda: signed(
        attributes=lambda found: [
            *found,
            attribute(forge.SIGNING_TIME, tlv(0x17, b"261120040000Z")),
        ]
    ),
    "an attribute of two values": lambda: signed(
        attributes=lambda found: [
            *without(forge.MESSAGE_DIGEST)(found),
            attribute(forge.MESSAGE_DIGEST, tlv(4, bytes(32)), tlv(4, bytes(32))),
        ]
    ),
    "attributes out of order": lambda: signed(order=lambda found: b"".join(sorted(found)[::-1])),
    "another digest": lambda: signed(digest=hashlib.sha256(b"other").digest()),
    "content within": lambda: signed(content=b"other"),
    "another content type": lambda: signed(kind=forge.TST_INFO),
    "BER": lambda: signed(finish=ber),
    "a long length": lambda: signed(finish=long_length),
    "trailing DER": lambda: signed(finish=lambda cms: cms + b"\x05\x00"),
    "padding": lambda: GOOD[: hole(GOOD)[1] - 2] + b"1" + GOOD[hole(GOOD)[1] - 1 :],
    "capitals": lambda: (
        GOOD[: hole(GOOD)[0]] + GOOD[slice(*hole(GOOD))][:99].upper() + GOOD[hole(GOOD)[0] + 99 :]
    ),
    "white space": lambda: GOOD[: hole(GOOD)[1] - 2] + b" " + GOOD[hole(GOOD)[1] - 1 :],
    "the attacker's name": lambda: OURS.pdf.make(Cms(rogue())),
    "the attacker beside the seal": lambda: OURS.pdf.make(Cms(rogue(), chain=(OURS.seal.der,))),
    "the attacker named as the seal": lambda: OURS.pdf.make(
        Cms(rogue(), chain=(OURS.seal.der,), issuer_of=OURS.seal.der, named=OURS.seal.der)
    ),
    "the attacker's key with the seal's certificate": lambda: OURS.pdf.make(
        Cms(Maker(rogue().key, OURS.seal.x509))
    ),
    "the CA as signer": lambda: OURS.pdf.make(Cms(OURS.root)),
    "the TSA as signer": lambda: OURS.pdf.make(Cms(TSA)),
    "a needless certificate": lambda: signed(chain=(rogue().der,)),
    "an issuer of that name": lambda: signed(chain=(Maker.root("样例根证书").der,)),
    "a time-stamp of another signature": lambda: signed(
        stamp=stamped(TSA, AT_S, imprint=bytes(32))
    ),
    "a time-stamp cut": lambda: signed(stamp=lambda value: stamped(TSA, AT_S)(value)[:-9]),
    "a time-stamp by nobody": lambda: signed(stamp=lambda value: b"\x30\x00"),
    "a time-stamp out of its days": lambda: signed(stamp=stamped(TSA, 1_000_000_000)),
    "a time-stamp with a needless certificate": lambda: signed(
        stamp=stamped(TSA, AT_S, chain=(rogue().der,))
    ),
}


# -- documents that the seal itself signed, of a shape that is not ours ----------------------------

SHAPES: Final[dict[str, Callable[[], bytes]]] = {
    "form filling allowed": lambda: OURS.document(permission=2),
    "an action on opening": lambda: changed(1, b"/Lang", b"/OpenAction << /S /JavaScript >> /Lang"),
    "optional content": lambda: changed(1, b"/Lang", b"/OCProperties << /OCGs [] >> /Lang"),
    "XFA": lambda: changed(1, b"/SigFlags", b"/XFA [] /SigFlags"),
    "the opening of none": lambda: OURS.document(opening=None),
    "another opening's form": lambda: OURS.document(opening=OPENING_TEXT.encode() + b" "),
    "no token": lambda: OURS.document(token=None),
    "a token cut": lambda: OURS.document(token=OURS.token[:-1]),
    "a token of a stranger": lambda: OURS.document(token=office(masked(ONE), name="other").token),
    "no date": lambda: OURS.document(sealed="yesterday"),
    "no permission": lambda: changed(1, b"/DocMDP 2 0 R", b""),
}


def changed(number: int, old: bytes, new: bytes) -> bytes:
    body = OURS.pdf.bodies()[number]
    assert old in body
    return OURS.document(objects={number: body.replace(old, new)})


ATTACKS: Final[dict[str, Callable[[], bytes]]] = {
    f"{kind}: {name}": make
    for kind, table in (
        ("added", ADDED), ("wrapped", WRAPPED), ("signed", SIGNED), ("shape", SHAPES),
    )
    for name, make in table.items()
}  # fmt: skip


def test_the_document_attacked_is_valid() -> None:
    assert verify(GOOD).summary is verify(AGAIN).summary is Summary.VALID
    assert verify(in_hole(cms_of())) == verify(GOOD)


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_never_valid(name: str) -> None:
    verdict = verify(ATTACKS[name]())
    assert verdict.summary is not Summary.VALID
    assert verdict.standing.as_of_s is None or verdict.summary is Summary.INVALID


@pytest.mark.parametrize("name", [*ADDED, *WRAPPED])
def test_a_change_around_our_seal_is_invalid(name: str) -> None:
    # The seal is still there for all to see, so this is no stranger's document.
    if name in {"bytes before", "a second end"}:
        return
    pdf = (ADDED | WRAPPED)[name]()
    assert verify(pdf).summary is Summary.INVALID


def test_a_flip_at_every_byte_is_seen() -> None:
    missed = []
    for place in range(len(GOOD)):
        damaged = bytearray(GOOD)
        damaged[place] ^= 1 << place % 8
        if verify(bytes(damaged)).summary is Summary.VALID:
            missed.append(place)
    assert missed == []


def test_another_case_of_a_letter_in_the_hole_is_seen() -> None:
    start, end = hole(GOOD)
    letters = [place for place in range(start, end) if GOOD[place : place + 1].isalpha()]
    for place in letters:
        damaged = bytearray(GOOD)
        damaged[place] ^= 0x20
        assert verify(bytes(damaged)).summary is not Summary.VALID


def test_a_flip_at_every_byte_of_chain_and_time_stamp_is_seen() -> None:
    made = OURS.signed(chain=(OURS.root.der,), stamp=stamped(TSA, AT_S))
    assert verify(made).summary is Summary.VALID
    start, end = hole(made)
    missed = []
    for place in range(start, end, 2):
        damaged = bytearray(made)
        damaged[place] ^= 1 << place // 2 % 3
        if verify(bytes(damaged)).summary is Summary.VALID:
            missed.append(place)
    assert missed == []


def test_every_cut_is_seen() -> None:
    for end in range(0, len(GOOD), 7):
        assert verify(GOOD[:end]).summary is not Summary.VALID


def test_a_signature_stripped_off_leaves_a_picture_and_says_so() -> None:
    # The page of a stripped document speaks for nothing; only a genuine code could.
    stripped = re.sub(rb"/(ByteRange|DocMDP|SubFilter|SigFlags|ETSI.CAdES.detached)", b"/X", GOOD)
    verdict = verify(stripped)
    assert verdict.summary is Summary.INDETERMINATE
    assert verdict.checks[0].reason is Reason.UNSIGNED


# -- shapes by the strict reader -------------------------------------------------------------------

REBUILT: Final[dict[str, Callable[[], bytes]]] = {
    "a duplicate entry": lambda: OURS.document(trailer=b"/Size 3 "),
    "an object outside the table": lambda: OURS.document(
        header=b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n4 0 obj\n<< >>\nendobj\n"
    ),
    "a stream's length too short": lambda: OURS.document(
        objects={6: stream(b"", b"0 0 m 9 9 l S").replace(b"/Length 13", b"/Length 12")}
    ),
    "a stream's length too long": lambda: OURS.document(
        objects={6: stream(b"", b"0 0 m 9 9 l S").replace(b"/Length 13", b"/Length 99")}
    ),
    "two ends": lambda: changed(1, b"(zh-CN)", b"(%%EOF)"),
    "text after the end": lambda: OURS.document(tail=b"x" * 1024),
    "an evil annotation": lambda: changed(4, b"[5 0 R]", b"[5 0 R 6 0 R]"),
    "a second field": lambda: changed(1, b"[5 0 R]", b"[5 0 R 6 0 R]"),
    "a second file of a name": lambda: changed(1, b"/Names [", b"/Names [(token.cose) 10 0 R "),
    "a file that is not associated": lambda: changed(1, b"/AF [", b"/AF [ 8 0 R "),
    "a name escaped": lambda: changed(1, b"/Lang", b"/J#53 1 /Lang"),
    "a key twice": lambda: changed(1, b"/Lang", b"/Lang (x) /Lang"),
    "a comment": lambda: changed(1, b"/Lang", b"% x\n/Lang"),
    "nested": lambda: changed(1, b"(zh-CN)", b"[" * 99 + b"]" * 99),
}


@pytest.mark.parametrize("name", REBUILT)
def test_only_the_one_shape_is_read_fast(name: str) -> None:
    pdf = REBUILT[name]()
    with pytest.raises(DecodeError) as caught:
        read_strict(pdf, find_byte_range(pdf))
    assert caught.value.code == "document.malformed"


@pytest.mark.parametrize("name", sorted(FORBIDDEN))
def test_a_forbidden_name_is_not_read_fast(name: bytes) -> None:
    pdf = changed(4, b"/Resources", name + b" /Resources")
    with pytest.raises(DecodeError) as caught:
        read_strict(pdf, find_byte_range(pdf))
    assert caught.value.details["what"] == name.decode()
    longer = changed(4, b"/Resources", name + b"Xy 1 /Resources")
    assert read_strict(longer, find_byte_range(longer)).token


# -- bounds ----------------------------------------------------------------------------------------


def with_bomb(*, streams: int, size: int) -> bytes:
    """Object streams that inflate to gigabytes; signed by a stranger, and by nobody."""
    bomb = zlib.compress(bytes(size), 9)
    objects = {
        20 + n: stream(b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", bomb)
        for n in range(streams)
    }
    numbers = dict.fromkeys(range(11, 20), b"null")
    return replace(OURS.pdf, objects=numbers | objects).make(Cms(rogue()))


def pages(count: int) -> dict[int, bytes]:
    kids = b" ".join(b"%d 0 R" % n for n in range(11, 11 + count))
    page = b"<< /Type /Page /Parent 3 0 R /MediaBox [0 0 9 9] /Resources << >> >>"
    tree = {3: b"<< /Type /Pages /Count %d /Kids [4 0 R %b] >>" % (count + 1, kids)}
    return tree | {11 + n: page for n in range(count)}


RECURSIVE: Final = {3: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"}

HEAVY: Final[dict[str, Callable[[], bytes]]] = {
    "object-stream bombs": lambda: with_bomb(streams=4, size=20_000_000),
    "ten thousand pages of a stranger": lambda: replace(OURS.pdf, objects=pages(10_000)).make(
        Cms(rogue())
    ),
    "pages that hold themselves": lambda: OURS.document(objects=RECURSIVE),
    "a name tree that holds itself": lambda: changed(
        1, b"/EmbeddedFiles <<", b"/EmbeddedFiles << /Kids [1 0 R]"
    ),
    "brackets": lambda: b"%PDF-1.7\n" + b"[<<" * 500_000 + b"/ByteRange",
    "streams without end": lambda: b"%PDF-1.7\n" + b"stream\n" * 300_000,
    "images without end": lambda: b"%PDF-1.7\n" + b"/Subtype /Image stream\n" * 100_000,
    "holes without end": lambda: b"%PDF-1.7\n/ByteRange" + b"<" + b"0" * 4_000_000,
    "byte ranges": lambda: b"%PDF-1.7\n" + b"/ByteRange [0 1 2 3]" * 100_000,
    "spaces": lambda: b"%PDF-1.7\n/ByteRange [0" + b" " * 2_000_000,
    "parentheses": lambda: changed(1, b"(zh-CN)", b"(\\(" * 100_000),
    "deep DER": lambda: in_hole(b"\x30\x82\x02\x00" * 100),
}


@pytest.mark.parametrize("name", HEAVY)
def test_a_heavy_document_is_bounded(name: str) -> None:
    assert verify(HEAVY[name]()).summary is not Summary.VALID


def test_ten_thousand_pages_under_the_seal_are_bounded() -> None:
    pdf = OURS.document(objects=pages(10_000))
    start = time.process_time()
    verdict = verify_document(
        pdf, Question(trust=OURS.world.trust, lists=OURS.world.lists, at=AT, policy=EXAMPLES)
    )
    assert time.process_time() - start < 10
    assert verdict.checks[2].id is CheckId.DOCUMENT_SIGNATURE
    assert verdict.checks[2].outcome is Outcome.PASS
