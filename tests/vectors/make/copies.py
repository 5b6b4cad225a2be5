"""tokens.json, continued: texts in plain form and as people copy them, at their bounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from tests.vectors.make.envelopes import sign1_parts
from tests.vectors.make.people import PLAIN
from tests.vectors.make.shop import BASE, Shop, signed_token, signer
from tests.vectors.make.tokens import Case

from etitle.token import frame, text

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALID: Final = ("VALID", "read.ok")
_SEVERAL: Final = ("INDETERMINATE", "read.several_codes")
_TOO_LARGE: Final = ("INDETERMINATE", "read.too_large")
_NOT_OURS: Final = ("INDETERMINATE", "read.not_ours")
_MALFORMED: Final = ("INVALID", "read.text_malformed")
_INCOMPLETE: Final = ("INDETERMINATE", "read.incomplete")

Row = tuple[str, str, str, str, tuple[str, ...]]


def _plain(number: str, other: str) -> Iterator[Row]:
    """Clause 4.4.2: an address whose host and path hold another code: read alone in plain form."""
    host, path = f"{other}.aZ_b~c-d9", f"/{other}/x.Y_z~q-9/"
    for name, code in (
        ("all", f"https://{host}:12345{path}v#{number}"),
        ("slash", f"https://{host}:1{path}v/{number}"),
        ("capitals", f"HTTPS://{host.upper()}:1/V#{number}"),
        ("spaces", f"\u3000https://{host}/v#{number}\n"),
        ("8192", _filled(f"https://{other}/", f"/v#{number}", 8192)),
    ):
        yield f"plain-{name}", f"普通形式：{name}", f"plain form: {name}", code, _VALID
    for name, code in (
        ("port-6", f"https://{host}:123456/v#{number}"), ("port-0", f"https://{host}:/v#{number}"),
        ("kelvin", f"https://\u212a{host}/v#{number}"), ("scheme", f"http://{host}/v#{number}"),
        ("host", f"https://{host}@a/v#{number}"), ("path", f"https://{host}/a,b/v#{number}"),
        ("query", f"https://{host}/v?{number}"), ("w", f"https://{host}/w#{number}"),
        ("8193", _filled(f"https://{other}/", f"/v#{number}", 8193)),
    ):  # fmt: skip
        said = f"not plain form: {name}"
        yield f"not-plain-{name}", f"不是普通形式：{name}", said, code, _SEVERAL


def _filled(before: str, behind: str, size: int) -> str:
    return before + "a" * (size - len(before) - len(behind)) + behind


def _copied(number: str, cut: str) -> Iterator[Row]:
    """Clause 4.4.3: what is left out, what parts groups, how many groups are left out."""
    at = [number[n : n + 60] for n in range(0, len(number), 60)]
    for name, zh, en, code in (
        ("twice", "同一证书两次", "one code twice", f"{BASE}/v#{number} {BASE}/v#{number}."),
        ("invisible", "数字中有看不见的字符", "invisible characters in it",
         "\xad\u200b\u200f\u202a\u202e\u2060\u2069\ufeff".join(at[:2]) + "".join(at[2:])),
        ("escaped-breaks", "换行写成 %0A", "escaped line breaks",
         "%0A".join(at[:2]) + "%0a" + at[2] + "%0D" + at[3] + "%0d" + "%2520".join(at[4:])),
        ("escape-before", "前面是 %A3", "an escape before it", f"%A3{number}"),
        ("escape-small-before", "前面是 %c3", "a small escape before it", f"%c3{number}"),
        ("entity-before", "前面是 &#35;", "an entity before it", f"&#35;{number}"),
        ("three-before", "前面三组数字", "three groups before it", f"1 2 3 {number}"),
        ("three-both", "前后各三组数字", "three groups on both sides", f"1 2 3 {number} 4 5 6"),
        ("65536", "65536 字", "65,536 characters", _filled("样", f" {number}", 65_536)),
    ):  # fmt: skip
        yield f"copied-{name}", zh, en, code, _VALID
    for name, zh, en, code, expects in (
        ("four-before", "前面四组数字", "four groups before it", f"1 2 3 4 {number}", _NOT_OURS),
        ("four-behind", "前后共五组数字", "four groups behind it", f"9 {number} 1 2 3 4",
         _NOT_OURS),
        ("65537", "65537 字", "65,537 characters", _filled("样", f" {number}", 65_537), _TOO_LARGE),
        ("half-width-dot", "以 U+FF65 分隔", "parted by U+FF65", "\uff65".join(at), _INCOMPLETE),
        ("zeros", "全是零", "zeros and a one", "0" * 29 + "1", _NOT_OURS),
        ("zero-before-cut", "残缺的数字前有零", "a zero before a part", f"0{cut}", _NOT_OURS),
    ):  # fmt: skip
        yield f"copied-{name}", zh, en, code, expects


def _runs(number: str, kid: bytes, stranger: bytes) -> Iterator[Row]:
    """Which frame of a run is read, and what begins as ours."""
    head = b"\x01\x11" + kid
    digits = len(number)
    first = int.from_bytes(head + b"\x80" * 220, "big") // 10**digits
    yield (
        "run-expands", "先看能展开的", "of two frames with a known kid the one that expands",
        f"No. {first} {number}", _VALID,
    )  # fmt: skip
    yield (
        "run-plain", "普通形式只有一种读法", "in plain form the number is that of all digits",
        f"{first} {number}", ("INVALID", "frame.frame_malformed"),
    )  # fmt: skip
    yield (
        "run-plain-wide", "U+3000 不是普通形式的空白", "parted by U+3000 it is not in plain form",
        f"{first}\u3000{number}", _VALID,
    )  # fmt: skip
    odd = str(int.from_bytes(b"\x01\x31" + kid + bytes(range(180)), "big"))
    first = int.from_bytes(head + b"\x80" * 220, "big") // 10 ** len(odd)
    yield (
        "run-first", "都不能展开时取第一个", "where none expands the first with a known kid",
        f"No. {first} {odd}", ("INVALID", "frame.frame_malformed"),
    )  # fmt: skip
    yield (
        "run-stranger", "别人的、能展开的帧", "a stranger's frame that expands",
        text.to_number(stranger), _NOT_OURS,
    )  # fmt: skip
    for size, expects in (
        (61, _MALFORMED), (62, ("INVALID", "frame.frame_malformed")),
        (1129, ("INVALID", "frame.frame_malformed")), (1130, _MALFORMED),
    ):  # fmt: skip
        code = str(int.from_bytes(head + b"\x07" * (size - 5), "big"))
        yield f"run-{size}-bytes", f"{size} 字节的帧", f"a frame of {size} bytes", code, expects
    eddsa = b"\x21" + signer("token-eddsa").public.kid + b"\x07" * 180
    yield (
        "run-eddsa-cut", "EdDSA 的凭据缺末尾", "a token by Ed25519 that lost its end",
        text.to_number(eddsa)[:-5], _INCOMPLETE,
    )  # fmt: skip
    long, beyond = (text.to_number(head[1:] + bytes(size - 5)) for size in (3401, 3402))
    least = str(int.from_bytes(head, "big")).rjust(40, "0")
    for name, code, expects in (
        ("8192", long.rjust(8192, "0"), _MALFORMED), ("8193", beyond, _NOT_OURS),
        ("5-bytes", least, _MALFORMED),
    ):  # fmt: skip
        yield (
            f"run-begins-{name}",
            f"开头是我们的：{name}",
            f"begins as ours: {name}",
            code,
            expects,
        )


def _within(kid: bytes) -> str:
    """Base 45 of a frame that holds the digits of another one."""
    digits = str(int.from_bytes(b"\x01\x11" + kid + b"\x07" * 57, "big"))
    return _spelled(kid, digits + "0" * (-len(digits) % 3))


def _spelled(kid: bytes, characters: str) -> str:
    """Base 45 of a frame of a known kid, in which these characters stand, three by three."""
    inner = b""
    for at in range(0, len(characters), 3):
        low, middle, high = (_ALPHABET.index(one) for one in characters[at : at + 3])
        inner += (low + 45 * middle + 2025 * high).to_bytes(2, "big")
    return text.to_base45(b"\x11" + kid + b"\xff" + inner + b"\xff\xff")


def _base45(base45: str, kid: bytes, stranger: bytes) -> Iterator[Row]:
    body = base45[4:]
    part = body[: 3 * 40]
    for name, zh, en, code, expects in (
        ("crlf", "其中有回车换行", "line breaks within", base45[:50] + "\r\n" + base45[50:],
         _VALID),
        ("kelvin", "末尾是 U+212A", "U+212A behind it", base45 + "\u212a", _VALID),
        ("small-line", "小写，后有换行", "small letters and a line break", f"{base45.lower()}\n",
         _VALID),
        ("65536", "一组恰为 65536", "a group of just 65536", f"ZC1:{part}GGW{body[123:]}",
         _MALFORMED),
        ("lone-zero", "余一个字符 0", "a 0 left over", f"ZC1:{part}0", _INCOMPLETE),
        ("pair-256", "末组两字恰为 256", "a last group of two that is just 256", f"ZC1:{part}V5",
         _INCOMPLETE),
        ("stranger", "别人的、能展开的帧", "a stranger's frame that expands",
         text.to_base45(stranger), _NOT_OURS),
        ("plain", "普通形式只有一种读法", "in plain form it is one frame", _within(kid),
         ("INVALID", "frame.frame_malformed")),
        ("marks", "其中有各种符号", "all marks of base 45 in it",
         f"{_spelled(kid, '$%0*+0-.0/:0 A0')}\u6837", ("INVALID", "frame.frame_malformed")),
        ("not-plain", "不是普通形式", "not in plain form", f"{_within(kid)}\u6837", _SEVERAL),
        ("six-bytes", "六字节之后有错", "six bytes and a fault",
         text.to_base45(b"\x11" + kid + b"\0") + ":::", _MALFORMED),
        ("four-bytes", "四字节之后有错", "four bytes and a fault",
         text.to_base45(b"\x11" + kid[:3]) + ":::", _NOT_OURS),
    ):  # fmt: skip
        yield f"base45-{name}", zh, en, code, expects


def cases(shop: Shop) -> Iterator[Case]:
    """All of this file."""
    token = signed_token(PLAIN)
    for name, zh, en, data in sign1_parts(token.to_bytes(), "token", frame.binding("sample")):
        found = ("INVALID", "frame.frame_malformed") if name != "tag" else _NOT_OURS
        yield Case(name=f"cose-shape-{name}", zh=zh, en=en, envelope=data, expects=found)
    framed = shop.frame(token)
    number = text.to_number(framed)
    other = text.to_number(shop.frame(signed_token(PLAIN, "token-eddsa")))
    bare = replace(token, payload=b"\x01")
    stranger = framed[:1] + bytes(4) + b"\x01\x01\x00\xfe\xff\x01" + bare.signature
    kid = signer("token").public.kid
    base45 = text.to_base45(framed)
    for rows in (
        _plain(number, other), _copied(number, number[:-5]), _runs(number, kid, stranger),
        _base45(base45, kid, stranger),
    ):  # fmt: skip
        for name, zh, en, code, expects in rows:
            yield Case(name=f"text-{name}", zh=zh, en=en, text=code, expects=expects)
