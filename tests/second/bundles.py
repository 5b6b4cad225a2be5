"""Clause 5 of docs/spec, read independently: bundles and rescue lists."""

from __future__ import annotations

import re
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import quote

from asn1crypto.x509 import Certificate
from tests.second.encoding import (
    Item,
    Key,
    NewerError,
    RefusedError,
    decode,
    encode,
    is_int,
    need,
    read_document_key,
    read_key,
    root_signed,
)
from tests.second.payload import is_text

Bundle: TypeAlias = dict[int, Any]
"""Entries 6 and 7 hold keys that were read; -1 is the fingerprint of the roots, -2 the certificates
of all keys, also of unknown suites (clause 5.12)."""


def roots_of(value: Item) -> tuple[int, list[Key]]:
    """Clause 5.3."""
    need(_only(value, 1, 2) and len(value) == 2 and isinstance(value[2], list))
    need(len(value[2]) <= 16 and is_int(value[1], 1, len(value[2])))
    _in_order(value[2])
    return value[1], [read_key(item) for item in value[2] if not _is_unknown(item)]


def _in_order(cose_keys: list[Item]) -> None:
    """Clause 5.3: by their bytes, none twice."""
    octets = [encode(item) for item in cose_keys]
    need(octets == sorted(set(octets)))


def _is_unknown(cose_key: Item) -> bool:
    """Clause 5.12: of an algorithm that the registry does not have."""
    if not isinstance(cose_key, dict) or 1 not in cose_key:
        return False
    alg = cose_key.get(3)
    return isinstance(alg, str) or (type(alg) is int and alg not in (-9, -19, -257, -49))


def _only(value: Item, *keys: int, also: tuple[int, ...] = ()) -> bool:
    """Clause 5.11: these entries, perhaps those, and unknown ones with negative labels."""
    if not isinstance(value, dict) or not value.keys() >= set(keys):
        return False
    rest = value.keys() - {*keys, *also}
    if any(not isinstance(label, int) or label >= 0 for label in rest):
        raise NewerError
    return True


def _days(first: Item, last: Item) -> bool:
    if not is_int(first, -25_567, 84_005):
        return False
    return last is None or is_int(last, first, 84_005)


def _seal_key(value: Item) -> Key:
    """Clause 5.6."""
    need(_days(value[4], value[5]))
    x509, uses, history = value[2], value[3], value[6]
    need(isinstance(uses, list) and uses and all(is_int(use, 1) for use in uses))
    if 9 in value:
        _scope(value[9])
    need(uses == sorted(set(uses)) and isinstance(history, list) and history)
    for step in history:
        need(isinstance(step, list) and len(step) == 2 and is_int(step[0], 1, 3))
        need(is_int(step[1], 0, 253_370_764_799))
    since = [step[1] for step in history]
    need(since == sorted(set(since)) and history[0][0] == 1)
    need(all(step[0] != 3 for step in history[:-1]))
    need(is_text(value[7], 200) and (value[8] == "" or is_text(value[8], 200)))
    if isinstance(value[1], dict) and value[1].get(3) in (-257, -49):
        key = read_document_key(value[1])
        need([use for use in uses if use in (1, 2, 3)] == [3] and x509 is not None)
    else:
        key = read_key(value[1])
    if x509 is not None:
        need(_held(x509) == key.spki)
    return key


def _scope(value: Item) -> None:
    """Clause 5.13."""
    need(_only(value, also=(1, 2, 3, 4)))
    parts = {label: value[label] for label in (1, 2, 3, 4) if label in value}
    need(parts)
    need(all(isinstance(part, list) and part for part in parts.values()))
    need(all(is_text(body, 200) for body in parts.get(1, [])))
    bodies = [body.encode() for body in parts.get(1, [])]
    need(bodies == sorted(set(bodies)))
    for label, least, most in ((2, 1, 4), (3, 1, 5), (4, 0, (1 << 32) - 1)):
        numbers = parts.get(label, [])
        need(all(is_int(number, least, most) for number in numbers))
        need(numbers == sorted(set(numbers)))


def _contact(value: Item) -> None:
    """Clause 5.14."""
    need(_only(value, 1, also=(2, 3)))
    need(all(is_text(value[label], 200) for label in (1, 2, 3) if label in value))
    need(3 not in value or re.fullmatch(r"https://\S+", value[3]))


def overlaps(one: Item, other: Item) -> bool:
    """Clause 5.7: whether two segments take one number on one day, as far as this matters."""
    if (one[5], one[6]) == (other[5], other[6]) or (one[2] == 0) != (other[2] == 0):
        return False
    if any(a[8] is not None and a[8] < b[7] for a, b in ((one, other), (other, one))):
        return False
    shorter, longer = sorted((one, other), key=lambda segment: len(segment[1]))
    rest = longer[1][len(shorter[1]) :]
    if not longer[1].startswith(shorter[1]) or len(rest) + longer[2] != shorter[2]:
        return False
    if not re.fullmatch("[0-9]*", rest):
        return False
    base = int(rest or "0") * 10 ** longer[2]
    return bool(base + longer[3] <= shorter[4] and shorter[3] <= base + longer[4])


def _held(x509: bytes) -> bytes:
    """Clause 5.6.1: the SubjectPublicKeyInfo in a certificate, as it is spelled there."""
    try:
        found = Certificate.load(x509, strict=True)
        fields = found["tbs_certificate"]
        need(fields["version"].native in ("v2", "v3"))
        return bytes(fields["subject_public_key_info"].dump())
    except (ValueError, TypeError, KeyError):
        raise RefusedError from None


def read_bundle(payload: bytes) -> Bundle:
    """Clause 5.1."""
    need(len(payload) <= 1 << 20)
    b = decode(payload)
    if isinstance(b, dict) and type(b.get(0)) is int and b[0] > 1:
        raise NewerError
    need(_only(b, *range(11), also=(11,)) and is_int(b[0], 1) and is_int(b[2], 1))
    need(is_int(b[3], 0) and is_int(b[4], b[3], 253_370_764_799))
    need(isinstance(b[5], bool) and _only(b[1], 1, 2, 3))
    need(isinstance(b[1][1], str) and re.fullmatch("[a-z0-9][a-z0-9-]{0,39}", b[1][1]))
    need(is_text(b[1][2], 200) and is_text(b[1][3], 200))
    need(all(isinstance(b[n], list) for n in (7, 8, 9)))
    need(all(isinstance(item, dict) and 1 in item for item in b[7]))
    _in_order([item[1] for item in b[7]])
    for item in b[7]:
        need(_only(item, *range(1, 9), also=(9,)))
        need(item[2] is None or (isinstance(item[2], bytes) and len(item[2]) <= 16_384))
    keys = [(_seal_key(item), item) for item in b[7] if not _is_unknown(item[1])]
    if 11 in b:
        _contact(b[11])
    for s in b[8]:
        need(_only(s, *range(9)) and is_int(s[0], 0, (1 << 32) - 1))
        need((s[1] == "" or is_text(s[1], 200)) and type(s[2]) is int and s[2] <= 18)
        need(is_int(s[3], 0) and is_int(s[4], s[3], 10 ** s[2] - 1))
        need(is_text(s[5], 200) and is_int(s[6], 1, 4) and _days(s[7], s[8]))
    need(len(b[9]) <= 64)
    for entry in b[9]:
        need(_only(entry, 1, 2, 3, 4) and is_int(entry[1], 0, 65_535) and is_text(entry[4], 200))
        need(is_int(entry[2], 0) and is_int(entry[3], 0))
    segment_ids = [s[0] for s in b[8]]
    need(segment_ids == sorted(set(segment_ids)))
    ids = [entry[1] for entry in b[9]]
    need(ids == sorted(set(ids)) and is_text(b[10], 200) and not re.search(r"\s", b[10]))
    need(b[10].startswith("https://") and b[10].count("{number}") == 1)
    certificates = [item[2] for item in b[7] if item[2]]
    return {**b, 6: roots_of(b[6]), 7: keys, -2: certificates, -1: sha256(encode(b[6])).digest()}


WORDS: Final = [
    (Path(__file__).parents[2] / "src/etitle/trust" / f"words-{language}.txt").read_text("utf-8")
    for language in ("zh", "en")
]


def in_words(fingerprint: bytes, words: str) -> str:
    """Clause 5.4.1."""
    bits = "".join(f"{byte:08b}" for byte in fingerprint)
    return " ".join(words.split("\n")[int(bits[11 * n : 11 * n + 11], 2)] for n in range(6))


def naming(b: Bundle) -> dict[str, str]:
    """Clause 8.6: the authority as a verdict names it."""
    words = [in_words(b[-1], words) for words in WORDS]
    values = [b[1][1], b[1][2], b[1][3], *words]
    return dict(zip(("id", "name_zh", "name_en", "words_zh", "words_en"), values, strict=True))


def facts(b: Bundle) -> dict[str, Any]:
    """What the vectors compare of a bundle."""
    return {
        "authority": b[1][1], "version": b[2], "fingerprint": b[-1].hex(),
        "words": [in_words(b[-1], words) for words in WORDS],
        "kids": [key.thumbprint[:4].hex() for key, _ in b[7]],
        "url": b[10].replace("{number}", quote("样-1/2", safe="")),
    }  # fmt: skip


BUNDLE: Final = "application/vnd.etitle.bundle+cbor"
RESCUE: Final = "application/vnd.etitle.rescue+cbor"


def first_bundle(data: bytes, pin: bytes) -> Bundle:
    """Clause 5.4."""
    payload, is_signed_enough = root_signed(data, BUNDLE)
    b = read_bundle(payload)
    need(b[-1] == pin and is_signed_enough(b[6]))
    need(not any(overlaps(*pair) for pair in combinations(b[8], 2)))
    return b


def next_bundle(data: bytes, current: Bundle) -> Bundle:
    """Clause 5.5."""
    payload, is_signed_enough = root_signed(data, BUNDLE)
    b = read_bundle(payload)
    need(b[1][1] == current[1][1] and b[2] > current[2] and b[3] >= current[3])
    need(b[5] == current[5])  # 5.9
    need(is_signed_enough(current[6]) and is_signed_enough(b[6]))
    need(not any(overlaps(*pair) for pair in combinations(b[8], 2)))
    return b


def read_rescue(data: bytes, current: Bundle) -> tuple[bytes, set[bytes]]:
    """Clause 5.8: the compromised key's thumbprint, and the digests."""
    payload, is_signed_enough = root_signed(data, RESCUE)
    r = decode(payload)
    if isinstance(r, dict) and type(r.get(0)) is int and r[0] > 1:
        raise NewerError
    need(_only(r, *range(6)) and is_int(r[0], 1) and r[1] == current[1][1])
    need(is_int(r[5], 1))
    need(isinstance(r[2], bytes) and len(r[2]) == 32 and is_int(r[3], 0, 253_370_764_799))
    need(isinstance(r[4], bytes) and len(r[4]) % 16 == 0 and len(r[4]) <= 16 << 22)
    digests = [r[4][at : at + 16] for at in range(0, len(r[4]), 16)]
    need(digests == sorted(set(digests)) and is_signed_enough(current[6]))
    return r[2], set(digests)
