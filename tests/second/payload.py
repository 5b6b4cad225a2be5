"""Clause 2 of docs/spec, read independently: certificates, masks, openings."""

from __future__ import annotations

import datetime
import hashlib
import re
import unicodedata
from typing import Any, Final

from tests.second.encoding import (
    Item,
    NewerError,
    RefusedError,
    decode,
    encode,
    is_int,
    need,
)

FORBIDDEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\uffff\U0001d173-\U0001d17a"
    "\U000e0000-\U000e007f]"
)
CHECKED: Final = (1, 2, 3)
SIGHT: Final = {1: (2, 4), 2: (2, 4), 3: (2, 4), 4: (3, 2), 5: (1, 3), 6: (0, 3), 7: (1, 2)}
"""Clause 2.4.4."""


def is_text(value: Item, most: int) -> bool:
    """Clause 2.2.1."""
    return (
        isinstance(value, str)
        and 1 <= len(value) <= most
        and not FORBIDDEN.search(value)
        and value == value.strip()
    )


def check_digit(first17: str) -> str:
    """Clause 2.4.2."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(w * int(d) for w, d in zip(weights, first17, strict=True)) % 11]


def read_number(value: Item) -> str:
    """Clause 2.3.1."""
    if is_int(value, 1, 10**18 - 1):
        return str(value)
    need(is_text(value, 40) and not re.fullmatch("[1-9][0-9]{0,17}", value))
    return str(value)


def read_own_number(value: Item) -> str:
    """Clause 2.3.1: the number of a certificate has one spelling."""
    number = read_number(value)
    need(not re.search(r"[\s\uff21-\uff3a\uff41-\uff5a\uff0d]", number))
    kinds = [unicodedata.category(character) for character in number if not character.isascii()]
    need(not any(kind in ("Nd", "Mn", "Mc", "Me") for kind in kinds))
    return number


def _identity(value: Item) -> dict[str, Any]:
    """Clause 2.4."""
    need(isinstance(value, list) and len(value) >= 2 and is_int(value[0], 1, 7))
    kind, shown, *rest = value
    commitment = rest.pop(0) if rest and isinstance(rest[0], bytes) else None
    need(len(rest) <= 1 and (commitment is None or len(commitment) == 16))
    nationality = rest[0] if rest else None
    if rest:
        need(kind == 7 and isinstance(nationality, str) and re.fullmatch("[A-Z]{3}", nationality))
    if isinstance(shown, str):
        need(re.fullmatch("[0-9A-Z*]{5,20}", shown) and ("*" in shown) == (commitment is not None))
        if commitment is None:
            right = re.fullmatch("[1-9][0-9]{16}[0-9X]", shown) and kind in CHECKED
            need(not right or check_digit(shown[:17]) != shown[17])
        else:
            need(not re.fullmatch(r"[0-9]{2}\*{12}[0-9]{3}[0-9X]", shown))
            first, last = SIGHT[kind]
            need(re.fullmatch(rf"[0-9A-Z]{{{first}}}\*+[0-9A-Z]{{{last}}}", shown))
    elif commitment is None:
        need(is_int(shown, 10**16, 10**17 - 1) and kind in CHECKED)
        shown = f"{shown}{check_digit(str(shown))}"
    else:
        need(is_int(shown, 0, 99_999 * 11 + 10) and kind in CHECKED)
        digits, check = divmod(shown, 11)
        shown = f"{digits // 1000:02}{'*' * 12}{digits % 1000:03}{'0123456789X'[check]}"
    return {
        "kind": kind, "shown": shown, "nationality": nationality,
        "commitment": None if commitment is None else commitment.hex(),
    }  # fmt: skip


def _copy(value: Item) -> dict[str, Any]:
    """Clause 2.6.1."""
    need(isinstance(value, list) and len(value) == 4)
    scene, recipient, expires, original = value
    need(is_text(scene, 60) and (recipient is None or is_text(recipient, 60)))
    need(is_int(expires, -25_567, 84_005))
    need(isinstance(original, bytes) and len(original) == 16)
    return {
        "scene": scene, "recipient": recipient, "expires": day(expires).isoformat(),
        "original": original.hex(),
    }  # fmt: skip


def day(number: int) -> datetime.date:
    """Clause 1.2."""
    return datetime.date(1970, 1, 1) + datetime.timedelta(days=number)


def read_payload(data: bytes) -> dict[str, Any]:
    """Clause 2.2: the fields by their names in the vectors."""
    need(len(data) <= 1024)
    p = decode(data)
    need(isinstance(p, dict))
    if type(p.get(0)) is int and p[0] > 1:
        raise NewerError
    need(is_int(p.get(0), 1) and set(p) <= set(range(23)))
    need({1, 2, 5, 6, 7, 8, 9, 11, 13, 14, 15, 20, 21}.issubset(p))
    limits = {2: 100, 5: 60, 6: 60, 7: 60, 10: 100, 11: 100, 12: 200, 16: 100, 17: 60}
    need(all(is_text(p[key], most) for key, most in limits.items() if key in p))
    identity = _identity(p[3]) if 3 in p else None
    derived = None
    if identity and identity["kind"] in CHECKED and re.fullmatch(".{16}[0-9].", identity["shown"]):
        derived = 1 if int(identity["shown"][16]) % 2 else 2
    need(4 not in p or (type(p[4]) is int and p[4] in (0, 1, 2, 9)))
    need((4 in p) == (derived is None or p.get(4) not in (None, derived)))
    qualified = p[8]
    if isinstance(qualified, list):
        need(len(qualified) in (1, 2) and is_int(qualified[0], 1900, 2199))
        need(all(is_int(month, 1, 12) for month in qualified[1:]))
        written = "-".join(f"{part:02}" for part in qualified)
    else:
        need(is_int(qualified, -25_567, 84_005))
        written = day(qualified).isoformat()
    need(is_int(p[9], -25_567, 84_005))
    need(12 not in p or re.fullmatch("https://.+", p[12]))
    for key, least, most in ((13, 1, 5), (14, 1, 3), (15, 1, 4), (20, 0, 65_535)):
        need(is_int(p[key], least, most))
    need(is_int(p[21], 0, 134_217_727) and (18 not in p or is_int(p[18], 2, 999)))
    need(16 not in p or p[16] != p[11])
    copy = _copy(p[22]) if 22 in p else None
    return {
        "number": read_own_number(p[1]), "name": p[2], "sex": p.get(4, derived),
        "identity": identity,
        "series": p[5], "title": p[6], "specialty": p[7], "qualified": written,
        "issued": day(p[9]).isoformat(), "review_body": p.get(10), "issuing_body": p[11],
        "url": p.get(12), "level": p[13], "source": p[14], "body_level": p[15],
        "approving_body": p.get(16, p[11]), "approval_document": p.get(17),
        "version": p.get(18, 1), "supersedes": read_own_number(p[19]) if 19 in p else None,
        "list_id": p[20], "index": p[21], "copy": copy,
    }  # fmt: skip


FORMS: Final = {4: "[A-Z]{3}[0-9]{12}", 5: "[HM][0-9]{8}", 6: "[0-9]{8}", 7: "[0-9A-Z]{5,20}"}
"""Clause 2.4.8, for the kinds without a check digit."""


def person_number(kind: int, number: str) -> str:
    """Clause 2.4.7."""
    if kind == 1 and re.fullmatch("[0-9]{15}", number):
        first17 = number[:6] + "19" + number[6:]
        return first17 + check_digit(first17)
    if kind == 5 and re.fullmatch("[HM][0-9]{10}", number):
        return number[:9]
    if kind == 6 and re.fullmatch("[0-9]{10}", number):
        return number[:8]
    return number


def can_be(kind: int, person: str) -> bool:
    """Clause 2.4.8."""
    if kind in CHECKED:
        right = re.fullmatch("[1-9][0-9]{16}[0-9X]", person)
        return bool(right) and check_digit(person[:17]) == person[17]
    return bool(re.fullmatch(FORMS[kind], person))


def read_typed(text: str) -> str:
    """Clause 2.5.4."""
    kept = re.sub("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|\\s", "", text)
    return narrow(kept).upper()


def narrow(text: str) -> str:
    """Clauses 2.5.4 and 4.4.3: full-width characters as those of ASCII."""
    return "".join(chr(ord(c) - 0xFEE0) if "\uff01" <= c <= "\uff5e" else c for c in text)


def commitment(
    opening: bytes, kind: int, person: str, nationality: str | None, pepper: int
) -> bytes:
    """Clause 2.5.2."""
    password = encode(["etitle-id-1", kind, person, nationality, pepper])
    return hashlib.scrypt(password, salt=opening, n=1024, r=8, p=1, dklen=16)


def times_x(element: int) -> int:
    """Clause 2.5.1: in GF(32) by x^5 + x^2 + 1."""
    return element * 2 if element < 16 else element * 2 - 32 ^ 0b101


def read_opening(typed: str) -> bytes:
    """Clause 2.5.1."""
    need(len(typed) <= 64)
    digits = re.sub("[-\u2010-\u2015\u2212\ufe58\ufe63]", "", read_typed(typed))
    digits = digits.translate(str.maketrans("ILO", "110"))
    need(re.fullmatch("[0-9A-HJKMNP-TV-Z]{17}", digits))
    values = ["0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(c) for c in digits]
    total = 0
    for place, value in enumerate(reversed(values)):
        for _ in range(place):
            value = times_x(value)  # noqa: PLW2901  # as the clause says it
        total ^= value
    need(total == 0)
    return sum(v << 5 * place for place, v in enumerate(reversed(values[:-1]))).to_bytes(10, "big")


def fits(mask: str, person: str) -> bool:
    """Clause 2.5.3: one of the numbers behind a mask."""
    return bool(re.fullmatch(mask.replace("*", "."), person))


def judge_holder(identity: dict[str, Any] | None, holder: dict[str, Any]) -> tuple[str, str]:
    """Clause 2.5.3: the table, row by row."""
    if identity is None:
        return "unknown", "no_holder"
    given, sealed = holder["nationality"], identity["commitment"] is not None
    if len(holder["number"]) > 64 or len(given or "") > 64:
        return "unknown", "number_malformed"
    if sealed and holder["opening"] is not None and not _is_opening(holder["opening"]):
        return "unknown", "opening_mistyped"
    if identity["nationality"] is not None and given is not None:
        if not re.fullmatch("[A-Z]{3}", read_typed(given)):
            return "unknown", "number_malformed"
        if read_typed(given) != identity["nationality"]:
            return "fail", "holder_mismatch"
    return _judge_number(identity, read_typed(holder["number"]), holder["opening"])


def _judge_number(identity: dict[str, Any], number: str, opening: str | None) -> tuple[str, str]:
    """Clause 2.5.3, from the sixth row on."""
    kind, shown, sealed = identity["kind"], identity["shown"], identity["commitment"] is not None
    person = person_number(kind, number)
    if sealed and opening is not None:
        same = fits(shown, person) and any(
            commitment(read_opening(opening), kind, person, identity["nationality"], pepper).hex()
            == identity["commitment"]
            for pepper in range(128)
        )
    else:
        same = not sealed and person == person_number(kind, shown)
    if same:
        return "pass", "ok"
    if not can_be(kind, person):
        return "unknown", "number_malformed"
    if opening is None and fits(shown, person):
        return "unknown", "fits_mask"
    return "fail", "holder_mismatch"


def _is_opening(typed: str) -> bool:
    try:
        read_opening(typed)
    except RefusedError:
        return False
    return True
