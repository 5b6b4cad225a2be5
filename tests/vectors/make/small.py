"""canon.json, identity.json and pictures.json."""

from __future__ import annotations

import base64
import datetime
import json
import struct
import zlib
from typing import Final

from tests.support.question import EXAMPLES
from tests.vectors.make.people import NATIONALITY, NUMBERS, masked, opening, plain, to_json
from tests.vectors.make.shop import BASE, Json, Shop, WrongVectorError, shows, signed_token
from tests.vectors.make.tokens import expectation, insist
from tests.vectors.make.worlds import AT, load_world

from etitle import canon
from etitle.certificate.commitment import commit, format_opening, matches, parse_opening
from etitle.certificate.identity import (
    DocumentKind,
    check_digit,
    fits_mask,
    is_possible,
    mask,
    person_number,
)
from etitle.errors import DecodeError
from etitle.token import text
from etitle.token.draw import draw_png
from etitle.verify.picture import verify_image
from etitle.verify.question import Question

MAX_BYTES: Final = 64

_CANON: Final[tuple[tuple[str, str, str, str], ...]] = (
    ("int-0", "最小的整数头", "00", ""),
    ("int-23", "头内最大", "17", ""),
    ("int-24", "一字节", "1818", ""),
    ("int-256", "两字节", "190100", ""),
    ("int-65536", "四字节", "1a00010000", ""),
    ("int-2-32", "八字节", "1b0000000100000000", ""),
    ("int-greatest", "最大的整数", "1bffffffffffffffff", ""),
    ("int-minus-1", "负一", "20", ""),
    ("int-least", "最小的整数", "3bffffffffffffffff", ""),
    ("bytes", "字节串", "4401020304", ""),
    ("bytes-empty", "空字节串", "40", ""),
    ("text", "文字", "66e6a0b7e4be8b", ""),
    ("text-beyond-bmp", "BMP 以外的字", "64f0a0aeb7", ""),
    ("text-empty", "空文字", "60", ""),
    ("simple", "false、true、null", "83f4f5f6", ""),
    ("array-empty", "空数组", "80", ""),
    ("map-empty", "空映射", "a0", ""),
    ("map-order", "键按编码的字节次序", "a50001" + "181802" + "2003" + "616104" + "62626205", ""),
    ("map-mixed", "整数键在文本键之前", "a21903e8016161f6", ""),
    ("depth-8", "八层", "8181818181818181" + "00", ""),
    ("too-deep", "九层", "818181818181818181" + "00", "too_deep"),
    ("map-depth-8", "映射八层", "a100" * 8 + "00", ""),
    ("map-too-deep", "映射九层", "a100" * 9 + "00", "too_deep"),
    ("mixed-too-deep", "数组与映射共九层", "81a100" * 4 + "8100", "too_deep"),
    ("mixed-depth-8", "数组与映射共八层", "81a100" * 4 + "00", ""),
    ("too-large", "65 字节，超过上限 64", "583f" + "00" * 63, "too_large"),
    ("truncated-empty", "没有字节", "", "truncated"),
    ("truncated-head", "头不完整", "19ff", "truncated"),
    ("truncated-bytes", "字节串不完整", "4301", "truncated"),
    ("truncated-array", "数组不完整", "820f", "truncated"),
    ("truncated-count", "声称的个数远超所余", "9affffffff00", "truncated"),
    ("truncated-map", "映射缺值", "a101", "truncated"),
    ("trailing", "之后还有字节", "0000", "trailing_bytes"),
    ("long-24", "23 写成两字节", "1817", "not_canonical"),
    ("long-16", "255 写成三字节", "1900ff", "not_canonical"),
    ("long-32", "65535 写成五字节", "1a0000ffff", "not_canonical"),
    ("long-64", "2^32-1 写成九字节", "1b00000000ffffffff", "not_canonical"),
    ("long-text", "文字长度非最短", "780161", "not_canonical"),
    ("map-descending", "键未升序", "a202000100", "not_canonical"),
    ("map-length-first", "键按长度排序", "a220001818" + "00", "not_canonical"),
    ("map-twice", "键重复", "a201000100", "not_canonical"),
    ("indefinite-bytes", "不定长字节串", "5f4101ff", "type_refused"),
    ("indefinite-array", "不定长数组", "9f00ff", "type_refused"),
    ("indefinite-map", "不定长映射", "bf0000ff", "type_refused"),
    ("reserved-length", "保留的长度", "1c", "type_refused"),
    ("float-16", "半精度浮点", "f93c00", "type_refused"),
    ("float-64", "双精度浮点", "fb3ff0000000000000", "type_refused"),
    ("undefined", "undefined", "f7", "type_refused"),
    ("simple-16", "简单值 16", "f0", "type_refused"),
    ("simple-32", "两字节的简单值", "f820", "type_refused"),
    ("break", "孤立的结束符", "ff", "type_refused"),
    ("tag", "标签", "c000", "type_refused"),
    ("bignum", "大整数标签", "c2490100000000" + "00000000", "type_refused"),
    ("key-bytes", "键为字节串", "a1410000", "type_refused"),
    ("key-true", "键为 true", "a1f500", "type_refused"),
    ("not-utf8", "不是 UTF-8", "61ff", "text_refused"),
    ("surrogate", "UTF-8 中的代理码位", "63eda080", "text_refused"),
    ("overlong", "超长 UTF-8", "62c080", "text_refused"),
    ("not-nfc", "不是 NFC", "6365cc81", "text_refused"),
    ("key-not-nfc", "键不是 NFC", "a16365cc8100", "text_refused"),
)


def diagnostic(value: object) -> str:
    """The diagnostic notation of RFC 8949 §8.

    >>> diagnostic({1: (True, None), 2: b"a"})
    "{1: [true, null], 2: h'61'}"
    """
    if isinstance(value, bytes):
        return f"h'{value.hex()}'"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{diagnostic(k)}: {diagnostic(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(diagnostic(item) for item in value)}]"
    return json.dumps(value, ensure_ascii=False)


def canon_file() -> Json:
    """The content of canon.json."""
    vectors: list[Json] = []
    for name, zh, data, reason in _CANON:
        code = f"canon.{reason}" if reason else None
        value = None
        try:
            value = diagnostic(canon.decode(bytes.fromhex(data), max_bytes=MAX_BYTES))
        except DecodeError as error:
            if error.code != code:
                raise WrongVectorError(name, error.code) from error
        else:
            if code:
                raise WrongVectorError(name, "accepted")
        en = name.replace("-", " ")
        vectors.append(
            {"name": name, "shows": shows(zh, en), "data": data, "value": value, "code": code}
        )
    return {"max_bytes": MAX_BYTES, "vectors": vectors}


_EVERY_DASH: Final = (
    "\u00ad0\u200b0\u200f0\u202aG\u202e4\u20600\u2069R\ufeff4",
    "\u20100\u2015M\u221230\ufe58E\ufe6320\u00ad9J",
)


def identity_file() -> Json:
    """The content of identity.json."""
    digits = [f"450099199001{n:05}" for n in range(11_000, 11_040)] + [
        "11010519491231002",
        "12345678912345678",
    ]
    fits = [
        (DocumentKind.CN_RESIDENT, "45************1230", "450099199001011230"),
        (DocumentKind.CN_RESIDENT, "45************1237", NUMBERS[DocumentKind.CN_RESIDENT]),
        (DocumentKind.PASSPORT, "E******01", "e00990001"),
        (DocumentKind.PASSPORT, "E******01", "E0990001"),
        (DocumentKind.TW_TRAVEL, "*****001", "00990001"),
        (DocumentKind.TW_TRAVEL, "*****001", "00990002"),
        (DocumentKind.TW_TRAVEL, "*****001", "000990001"),
        (DocumentKind.TW_TRAVEL, "*****001", "0099000103"),
        (DocumentKind.HM_TRAVEL, "H*****001", "h0099 000102"),
        (DocumentKind.HM_TRAVEL, "H*****001", "X00990001"),
        (DocumentKind.CN_RESIDENT, "11************002X", "110105491231002"),
        (DocumentKind.HMT_RESIDENCE, "11*********002", "110105491231002"),
        (DocumentKind.FOREIGN_PR_2017, "ZZZ**********01", "\u202dzzz450099010101\u202c"),
        (DocumentKind.FOREIGN_PR_2017, "ZZZ**********01", "ZZZ45009901AA01"),
    ]
    persons = [
        (DocumentKind.CN_RESIDENT, "110105491231002"),
        (DocumentKind.CN_RESIDENT, "11010549123100X"),
        (DocumentKind.CN_RESIDENT, "11010519491231002X"),
        (DocumentKind.CN_RESIDENT, "110105194912310021"),
        (DocumentKind.CN_RESIDENT, "01010519491231002X"),
        (DocumentKind.CN_RESIDENT, "ABC"),
        (DocumentKind.HMT_RESIDENCE, "810099900101123"),
        (DocumentKind.HMT_RESIDENCE, NUMBERS[DocumentKind.HMT_RESIDENCE]),
        (DocumentKind.FOREIGN_PR_2023, NUMBERS[DocumentKind.FOREIGN_PR_2023]),
        (DocumentKind.FOREIGN_PR_2023, "910099199001011250"),
        (DocumentKind.FOREIGN_PR_2017, "ZZZ450099010101"),
        (DocumentKind.FOREIGN_PR_2017, "ZZ9450099010101"),
        (DocumentKind.HM_TRAVEL, "H00990001"),
        (DocumentKind.HM_TRAVEL, "M0099000107"),
        (DocumentKind.HM_TRAVEL, "K0099000107"),
        (DocumentKind.HM_TRAVEL, "H009900010"),
        (DocumentKind.TW_TRAVEL, "00990001"),
        (DocumentKind.TW_TRAVEL, "0099000112"),
        (DocumentKind.TW_TRAVEL, "009900011"),
        (DocumentKind.PASSPORT, "E0099000112"),
        (DocumentKind.PASSPORT, "H0099000112"),
        (DocumentKind.PASSPORT, "0099000112"),
        (DocumentKind.PASSPORT, "E00-9001"),
        (DocumentKind.PASSPORT, "E009"),
    ]
    openings = [bytes(10), b"\xff" * 10, bytes(range(10)), opening("plain")]
    typed = [
        ("ooog 4or4 om3o e2o9j", "O 读作 0", "O reads as 0"),
        ("LLLL-IIII-1111-llllY", "I、L 读作 1", "I and L read as 1"),
        ("０００Ｇ40R40M30E209J", "全角与无连字符", "full width, no hyphens"),
        (
            "\u202a000G\u201040R4\u22120M30\ufe63E2\u200b09J\u202c",
            "各种连字符与不可见字符",
            "other dashes and unseen characters",
        ),
        ("000G\u3000-40R4\u00a0-0M30\n-E209J".ljust(64), "64 个字符", "64 characters"),
        ("000G\u3000-40R4\u00a0-0M30\n-E209J".ljust(65), "65 个字符", "65 characters"),
        (
            "".join(_EVERY_DASH),
            "各种连字符与各种不可见字符",
            "every dash and every unseen character",
        ),
        ("000G-40R4-0M30-E209", "没有校验位", "no check character"),
        ("000G-40R4-0M30-E209JJ", "多一个字符", "one character too many"),
        ("000G-40R4-0M30-E20UJ", "U 不在字母表中", "U is not in the alphabet"),
        ("000G-40R4-0M30-E208J", "错一个字符", "a wrong character"),
        ("000G-40R4-0M30-E209K", "校验位错", "a wrong check character"),
        ("100G-40R4-0M30-E209J", "首位错", "a wrong first character"),
        ("000G-4R04-0M30-E209J", "相邻两位颠倒", "two neighbours that changed places"),
        ("900G-40R4-0M30-E200J", "首末两位颠倒", "two far apart that changed places"),
        ("000G-40R4-0M30-E20J9", "末位与校验位颠倒", "the last two changed places"),
    ]
    return {
        "check_digits": [{"first17": one, "check": check_digit(one)} for one in digits],
        "masks": [
            {"kind": int(kind), "number": number, "mask": mask(kind, number)}
            for kind, number in NUMBERS.items()
        ],
        "fits": [
            {"kind": int(kind), "mask": shown, "number": number,
             "fits": fits_mask(kind, shown, number)}
            for kind, shown, number in fits
        ],
        "persons": [_person(kind, number) for kind, number in persons],
        "openings": [{"bytes": one.hex(), "printed": format_opening(one)} for one in openings],
        "typed": [_typed(*one) for one in typed],
        "commitments": [
            _commitment(kind, number, key, pepper)
            for kind, number in (*NUMBERS.items(), *_RENEWED)
            for key, pepper in ((openings[2], 0), (openings[3], 127))
        ],
        "matches": [
            {"identity": to_json(plain(identity=identity))["identity"],
             "number": number, "nationality": nationality,
             "opening": format_opening(opening("match")),
             "matches": matches(identity, opening("match"), number, nationality)}
            for kind in (DocumentKind.CN_RESIDENT, DocumentKind.PASSPORT, DocumentKind.HM_TRAVEL)
            for identity in (masked("match", kind),)
            for number in (NUMBERS[kind], f" {NUMBERS[kind].lower()}", NUMBERS[kind][:-1] + "9")
            for nationality in (None, NATIONALITY, "ABC")
        ],
    }  # fmt: skip


_RENEWED: Final = (
    (DocumentKind.CN_RESIDENT, "110105491231002"),
    (DocumentKind.HM_TRAVEL, "H0099000103"),
    (DocumentKind.TW_TRAVEL, "0099000103"),
)
"""Numbers that give another person's number (clause 2.4.7)."""


def _person(kind: DocumentKind, number: str) -> Json:
    person = person_number(kind, number)
    possible = is_possible(kind, person)
    return {"kind": int(kind), "number": number, "person": person, "possible": possible}


def _typed(given: str, zh: str, en: str) -> Json:
    try:
        found, code = parse_opening(given).hex(), None
    except DecodeError as error:
        found, code = None, error.code
    return {"typed": given, "shows": shows(zh, en), "bytes": found, "code": code}


def _commitment(kind: DocumentKind, number: str, key: bytes, pepper: int) -> Json:
    person = person_number(kind, number)
    nationality = NATIONALITY if kind is DocumentKind.PASSPORT else None
    return {
        "opening": key.hex(),
        "kind": int(kind),
        "number": number,
        "nationality": nationality,
        "pepper": pepper,
        "password": canon.encode(("etitle-id-1", int(kind), person, nationality, pepper)).hex(),
        "commitment": commit(key, kind, number, nationality, pepper=pepper).hex(),
    }


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(width: int, height: int, rows: bytes | None = None) -> bytes:
    """A grey PNG whose one IDAT is a stored block: no compressor has a choice."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = b""
    if rows is not None:
        size = struct.pack("<HH", len(rows), len(rows) ^ 0xFFFF)
        body = b"\x78\x01\x01" + size + rows + struct.pack(">I", zlib.adler32(rows))
    chunks = (_chunk(b"IHDR", header), _chunk(b"IDAT", body), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _beside(shop: Shop, *codes: str) -> bytes:
    import io  # noqa: PLC0415  # one picture

    from PIL import Image  # noqa: PLC0415

    pictures = [Image.open(io.BytesIO(draw_png(code, module_px=2))) for code in codes]
    page = Image.new("1", (sum(p.width for p in pictures), max(p.height for p in pictures)), 1)
    left = 0
    for picture in pictures:
        page.paste(picture, (left, 0))
        left += picture.width
    out = io.BytesIO()
    page.save(out, "PNG")
    return shop.settle("png", out.getvalue())


def pictures_file(shop: Shop, trust_json: Json) -> Json:
    """The content of pictures.json."""
    first, second = (shop.frame(signed_token(one)) for one in (plain(), plain(name="样例乙")))
    voided = shop.frame(signed_token(plain(index=100), "token-eddsa"))
    url, other = (text.to_url(one, base=BASE) for one in (first, second))
    one = shop.settle("png", draw_png(url, module_px=3))
    rows = (
        ("one-code", "一个二维码", "one code", one, ("VALID", "read.ok")),
        ("base45", "base 45 的二维码", "a code in base 45",
         shop.settle("png", draw_png(text.to_base45(first), module_px=3)), ("VALID", "read.ok")),
        ("number", "只有数字的二维码", "a code of digits alone",
         shop.settle("png", draw_png(text.to_number(voided), module_px=3)),
         ("NOT_IN_FORCE", "standing.voided")),
        ("same-code-twice", "同一凭据的两种写法", "one token in two forms",
         _beside(shop, url, text.to_base45(first)), ("VALID", "read.ok")),
        ("two-codes", "两张证书的二维码", "the codes of two certificates",
         _beside(shop, url, other), ("INDETERMINATE", "read.several_codes")),
        ("blank", "空白图片", "a blank picture", _png(64, 64, (b"\0" + b"\xff" * 64) * 64),
         ("INDETERMINATE", "read.nothing_found")),
        ("cut", "文件被截断", "a file cut short", one[: len(one) // 2],
         ("INDETERMINATE", "read.unreadable")),
        ("no-picture", "不是图片", "no picture", b"%PDF-1.7", ("INDETERMINATE", "read.unreadable")),
        ("too-many-pixels", "像素过多", "too many pixels", _png(8_000, 8_000),
         ("INDETERMINATE", "read.too_large")),
    )  # fmt: skip
    trust, lists = load_world(trust_json, "plain")
    vectors: list[Json] = []
    for name, zh, en, data, expects in rows:
        expected = expectation(
            verify_image(data, Question(trust=trust, lists=lists, at=AT, policy=EXAMPLES))
        )
        insist(name, expects, expected)
        vectors.append({
            "name": name,
            "shows": shows(zh, en),
            "world": "plain",
            "at": AT.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "examples": True,
            "picture": base64.b64encode(data).decode(),
            "expected": expected,
        })  # fmt: skip
    return {"vectors": vectors}
