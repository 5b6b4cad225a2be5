"""tokens.json, continued: each bound of clause 2 and of the frame, just within and just beyond."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from tests.vectors.make.hostile import amended
from tests.vectors.make.people import EVERYTHING, NUMBERS, PLAIN, full, masked
from tests.vectors.make.shop import WrongVectorError, signed_token, signer, token_over
from tests.vectors.make.tokens import Case

from etitle import canon
from etitle.certificate import payload
from etitle.certificate.identity import DocumentKind
from etitle.token import frame

_FORBIDDEN: Final = (
    (0x00, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160),
    (0x17B4, 0x17B5), (0x180E, 0x180E), (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x206F),
    (0x3164, 0x3164), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF9, 0xFFFF),
    (0x1D173, 0x1D17A), (0xE0000, 0xE007F),
)  # fmt: skip
"""The ranges of clause 2.2.1, copied from its text."""

_EDGES: Final = (0xA0, 0x1680, 0x2002, 0x200A, 0x202F, 0x205F, 0x3000)
"""White space that clause 2.2.1 does not forbid within a text."""

_TEXTS: Final = ((2, 100), (5, 60), (6, 60), (7, 60), (10, 100), (11, 100), (16, 100), (17, 60))
"""Keys of clause 2.2 that are texts, and how many characters they may have."""

_MAX_FRAME: Final = 1124


def _bad(name: str, zh: str, en: str, data: bytes) -> Case:
    return Case(
        name=f"payload-{name}",
        zh=zh,
        en=en,
        token=token_over(data),
        expects=("INVALID", "payload.payload_malformed", "signature.ok"),
    )


def _good(name: str, zh: str, en: str, data: bytes) -> Case:
    return Case(
        name=f"payload-{name}",
        zh=zh,
        en=en,
        token=token_over(data),
        expects=("VALID", "payload.ok"),
    )


def characters() -> Iterator[Case]:
    """Clause 2.2.1: both ends of each forbidden range, and white space at either end."""
    for point in dict.fromkeys(one for ends in _FORBIDDEN for one in ends):
        yield _bad(
            f"character-{point:04x}",
            f"不允许的字符 U+{point:04X}",
            f"the forbidden character U+{point:04X}",
            amended(_2=f"样{chr(point)}例"),
        )
    for point in _EDGES:
        yield _bad(
            f"begins-{point:04x}",
            f"以空白 U+{point:04X} 开头",
            f"white space U+{point:04X} at the start",
            amended(_2=f"{chr(point)}样例"),
        )
        yield _bad(
            f"ends-{point:04x}",
            f"以空白 U+{point:04X} 结尾",
            f"white space U+{point:04X} at the end",
            amended(_2=f"样例{chr(point)}"),
        )
    for key in (1, 5, 6, 7, 10, 11, 16, 17, 19):
        yield _bad(
            f"clean-{key}",
            f"键 {key} 也不含不可见字符",
            f"key {key} too holds no invisible character",
            amended(**{f"_{key}": "样\u200b例"}),
        )
    yield _bad(
        "url-clean",
        "网址含零宽空格",
        "a URL with a zero-width space",
        amended(_12="https://a.example/\u200b"),
    )


def lengths() -> Iterator[Case]:
    """Clause 2.2: the longest text of each key, one character more, and none."""
    for key, most in _TEXTS:
        name = f"_{key}"
        bodies = {"_16": PLAIN.approving_body} if key == 11 else {}
        at_most, beyond = ({name: "样" * count} for count in (most, most + 1))
        if key not in (2, 16):  # the name and the body that the segments name have vectors
            yield _good(
                f"longest-{key}",
                f"键 {key} 恰 {most} 字",
                f"key {key} of {most} characters",
                amended(**at_most, **bodies),
            )
        yield _bad(
            f"too-long-{key}",
            f"键 {key} 多 1 字",
            f"key {key} of {most + 1} characters",
            amended(**beyond),
        )
        yield _bad(f"empty-{key}", f"键 {key} 为空", f"key {key} empty", amended(**{name: ""}))
    yield _good(
        "url-200", "网址恰 200 字", "a URL of 200 characters", amended(_12="https://" + "u" * 192)
    )
    yield _bad(
        "url-bare", "网址只有 https://", "a URL of nothing but https://", amended(_12="https://")
    )
    text = EVERYTHING.review_body or ""
    for size in (1024, 1025):
        # The URL's characters are bytes of one each, its head two: filled up to the size.
        filled = amended(
            payload.encode(EVERYTHING), _5="样" * 60, _6="样" * 60, _10=text + "𠮷" * 80
        )
        filled = amended(filled, _12="https://u")
        filled = amended(filled, _12="https://u" + "u" * (size - len(filled) - 1))
        if len(filled) != size:
            raise WrongVectorError("payload-bytes", len(filled))
        envelope = token_over(filled).to_bytes()
        good = size == 1024
        yield Case(
            name=f"payload-{size}-bytes",
            zh=f"载荷 {size} 字节",
            en=f"a payload of {size} bytes",
            envelope=envelope,
            expects=("VALID", "payload.ok") if good else ("INVALID", "payload.payload_malformed"),
        )


def identities() -> Iterator[Case]:
    """Clauses 2.3 and 2.4, for the kinds whose numbers have a check digit and for the others."""
    commitment = bytes(16)
    for kind in (DocumentKind.HMT_RESIDENCE, DocumentKind.FOREIGN_PR_2023):
        number = NUMBERS[kind]
        shown = f"{number[:2]}{'*' * 12}{number[-4:]}"
        whole = payload.encode(replace(PLAIN, identity=full(kind)))
        yield _bad(
            f"identity-full-text-{kind:d}",
            f"类型 {kind:d}：可为整数的号码写成文本",
            f"kind {kind:d}: a number as text that is an integer",
            amended(whole, _3=[int(kind), number]),
        )
        hidden = payload.encode(replace(PLAIN, identity=masked("plain", kind)))
        yield _bad(
            f"identity-mask-text-{kind:d}",
            f"类型 {kind:d}：可为整数的掩码写成文本",
            f"kind {kind:d}: a mask as text that is an integer",
            amended(hidden, _3=[int(kind), shown, commitment]),
        )
    for kind in DocumentKind:
        if kind is not DocumentKind.PASSPORT:
            base = payload.encode(replace(PLAIN, identity=masked("plain", kind), sex=PLAIN.sex))
            values = canon.decode(base, max_bytes=1024)
            assert isinstance(values, dict)
            assert isinstance(values[3], tuple)
            entry = values[3]
            yield _bad(
                f"identity-nationality-kind-{kind:d}",
                f"类型 {kind:d} 带国籍",
                f"a nationality with kind {kind:d}",
                amended(base, _3=[*entry, "ZZZ"]),
            )
    odd = "4500991990010112A0"
    stated = amended(_3=[1, odd], _4=1)
    yield _good(
        "sex-no-digit",
        "第 17 位不是数字，性别须写明",
        "the 17th character is no digit, so the sex is written",
        stated,
    )
    yield _bad(
        "sex-no-digit-missing",
        "第 17 位不是数字而未写明性别",
        "the 17th character is no digit, and no sex is written",
        amended(_3=[1, odd]),
    )
    short = "4500991990010"
    yield _bad(
        "sex-17-characters",
        "不是 18 位而未写明性别",
        "a number that has not 18 characters, and no sex is written",
        amended(_3=[1, short]),
    )


def frames() -> Iterator[Case]:
    """Clause 4.2: what is asked first, and how long a frame may be."""
    yield Case(
        name="frame-short-unknown",
        zh="很短，且格式未知",
        en="short, and of an unknown format",
        framed=b"\x31" + signer("token").public.kid + bytes(60),
        expects=("INDETERMINATE", "frame.format_unknown"),
    )
    yield Case(
        name="frame-short-known",
        zh="很短，格式已知",
        en="short, and of a known format",
        framed=b"\x11" + signer("token").public.kid + bytes(60),
        expects=("INVALID", "frame.frame_malformed"),
    )
    for size in (_MAX_FRAME, _MAX_FRAME + 1):
        yield Case(
            name=f"frame-{size}-bytes",
            zh=f"{size} 字节的帧",
            en=f"a frame of {size} bytes",
            framed=_frame_of(size),
            expects=("VALID", "frame.ok")
            if size == _MAX_FRAME
            else ("INVALID", "frame.frame_malformed"),
        )


def _frame_of(size: int) -> bytes:
    """A frame of so many bytes: one stored block, and empty ones of 5 bytes before it."""
    for letters in range(5):
        token = signed_token(replace(PLAIN, specialty="测试" + "x" * letters))
        content = token.payload
        blocks, rest = divmod(size - 69 - len(content), 5)
        if not rest:
            length = len(content)
            last = b"\x01" + length.to_bytes(2, "little") + (length ^ 0xFFFF).to_bytes(2, "little")
            stream = b"\x00\x00\x00\xff\xff" * (blocks - 1) + last + content
            return frame.pack(token)[:5] + stream + token.signature
    raise WrongVectorError("frame", "no length fits")


def cases() -> Iterator[Case]:
    """All of this file."""
    yield from characters()
    yield from lengths()
    yield from identities()
    yield from frames()
