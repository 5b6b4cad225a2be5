"""One picture -> one verdict: what is found, and what is never called forged (clause 8.5)."""

from __future__ import annotations

import datetime
import io
import struct
import time
import zlib
from dataclasses import replace

import pytest
import qrcode
from PIL import Image
from qrcode.image.pil import PilImage
from tests.support.authority import AT, make_world
from tests.support.population import certificates
from tests.support.question import EXAMPLES

from etitle.token import frame, text
from etitle.token.draw import draw_png
from etitle.verdict import Reason, Summary, Verdict
from etitle.verify.picture import verify_image
from etitle.verify.question import Holder, Question

ONE, OTHER = certificates(2)
WORLD = make_world([ONE, OTHER])
CODE = WORLD.code(ONE)


def judge(data: bytes, holder: Holder | None = None) -> Verdict:
    return verify_image(
        data, Question(trust=WORLD.trust, lists=WORLD.lists, at=AT, holder=holder, policy=EXAMPLES)
    )


def reason(verdict: Verdict) -> Reason:
    return verdict.checks[0].reason


def picture(*codes: str) -> Image.Image:
    """The QR codes of some texts side by side."""
    drawn = [
        qrcode.make(code, box_size=4, image_factory=PilImage).get_image().convert("L")
        for code in codes
    ]
    page = Image.new("L", (sum(one.width for one in drawn), max(one.height for one in drawn)), 255)
    left = 0
    for one in drawn:
        page.paste(one, (left, 0))
        left += one.width
    return page


def saved(page: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    page.save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    "code", [CODE, CODE.replace("/v#", "/v/").upper(), text.to_base45(WORLD.frame(ONE)),
             text.to_number(WORLD.frame(ONE))], ids=["url", "path", "base45", "number"]
)  # fmt: skip
def test_a_picture_of_any_form_of_a_code_is_valid(code: str) -> None:
    for data in (saved(picture(code)), draw_png(code)):
        verdict = judge(data)
        assert verdict.summary is Summary.VALID
        assert verdict.require() == ONE


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_every_accepted_format_is_read(kind: str) -> None:
    assert judge(saved(picture(CODE), kind)).summary is Summary.VALID


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_page_is_read(turn: int) -> None:
    page = picture(CODE).rotate(turn, expand=True, fillcolor=255)
    assert judge(saved(page)).summary is Summary.VALID


def test_a_forged_code_in_a_picture_is_invalid() -> None:
    frame = bytearray(WORLD.frame(ONE))
    frame[-1] ^= 1
    assert (
        judge(draw_png(text.to_url(bytes(frame), base="https://a.cn"))).summary is Summary.INVALID
    )


def test_two_certificates_in_one_picture_have_no_one_verdict() -> None:
    verdict = judge(saved(picture(CODE, WORLD.code(OTHER))))
    assert reason(verdict) is Reason.SEVERAL_CODES
    assert verdict.summary is Summary.INDETERMINATE
    assert verdict.claimed is None


def test_a_good_code_does_not_cover_for_a_forged_one_beside_it() -> None:
    frame = bytearray(WORLD.frame(OTHER))
    frame[-1] ^= 1
    forged = text.to_url(bytes(frame), base="https://zc.sample.cn")
    for codes in ((CODE, forged), (forged, CODE)):
        verdict = judge(saved(picture(*codes)))
        assert verdict.summary is Summary.INVALID
        assert verdict.claimed == OTHER


def test_a_genuine_code_beside_a_foreign_one_of_its_looks_is_judged() -> None:
    for foreign in ("https://zc.sample.cn/v#0123", "https://pay.example.com/v/2026112012345678"):
        assert judge(saved(picture(CODE, foreign))).summary is Summary.VALID
        assert reason(judge(saved(picture(foreign)))) is Reason.NOT_OURS


def test_a_code_that_lost_its_end_beside_a_good_one_is_noticed() -> None:
    verdict = judge(saved(picture(CODE, WORLD.code(OTHER)[:-20])))
    assert (reason(verdict), verdict.summary) == (Reason.INCOMPLETE, Summary.INDETERMINATE)


def test_one_token_deflated_in_two_ways_is_one() -> None:
    framed = WORLD.frame(ONE)
    content = frame.unpack(framed).payload
    size = len(content).to_bytes(2, "little") + (len(content) ^ 0xFFFF).to_bytes(2, "little")
    stored = text.to_url(framed[:5] + b"\x01" + size + content + framed[-64:], base="https://a.cn")
    assert judge(saved(picture(CODE, stored))).summary is Summary.VALID


def test_one_certificate_twice_is_one() -> None:
    spelled = text.to_base45(WORLD.frame(ONE))
    assert judge(saved(picture(CODE, CODE))).summary is Summary.VALID
    assert judge(saved(picture(CODE, spelled))).summary is Summary.VALID


def test_a_foreign_code_beside_ours_does_not_matter() -> None:
    assert judge(saved(picture("https://example.com/a", CODE))).summary is Summary.VALID


def test_a_foreign_code_alone_is_not_ours() -> None:
    verdict = judge(saved(picture("https://example.com/verify?id=1")))
    assert reason(verdict) is Reason.NOT_OURS
    assert verdict.summary is Summary.INDETERMINATE


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_a_picture_without_a_code_is_no_forgery(shade: int) -> None:
    verdict = judge(saved(Image.new("L", (300, 200), shade)))
    assert reason(verdict) is Reason.NOTHING_FOUND
    assert verdict.summary is Summary.INDETERMINATE


@pytest.mark.parametrize(
    "data",
    [b"no picture", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"%PDF-1.7", b"RIFF",
     b"II*\x00\x08\x00\x00\x00\xff\xff", saved(picture(CODE))[:400]],
    ids=lambda data: ascii(data[:8]),
)  # fmt: skip
def test_what_is_no_picture_is_unreadable(data: bytes) -> None:
    verdict = judge(data)
    assert reason(verdict) is Reason.UNREADABLE
    assert verdict.summary is Summary.INDETERMINATE
    assert verdict.checks[0].detail.startswith("image.")


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@pytest.mark.parametrize("side", [10_000, 100_000, 2**31 - 1])
def test_a_header_of_a_hundred_megapixels_is_refused_quickly(side: int) -> None:
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    data += chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    start = time.process_time()
    verdict = judge(data)
    assert time.process_time() - start < 1
    assert reason(verdict) in {Reason.TOO_LARGE, Reason.UNREADABLE}
    assert verdict.summary is Summary.INDETERMINATE


def test_a_holder_is_asked_for_in_a_picture_too() -> None:
    nameless = make_world([ONE])
    code = nameless.code(replace(ONE, identity=None))
    holder = Holder(number="45009919900101123X")
    verdict = verify_image(
        draw_png(code),
        Question(trust=nameless.trust, lists=nameless.lists, at=AT, holder=holder, policy=EXAMPLES),
    )
    assert Reason.NO_HOLDER in {check.reason for check in verdict.checks}
    assert [check.reason for check in judge(b"", holder).checks].count(Reason.NOT_CHECKED) == 14


def test_a_time_without_a_zone_is_the_callers_mistake() -> None:
    naive = datetime.datetime(2026, 11, 20)  # noqa: DTZ001  # the mistake itself
    with pytest.raises(ValueError, match="time zone"):
        verify_image(b"", Question(trust=WORLD.trust, lists=WORLD.lists, at=naive, policy=EXAMPLES))
