"""Clause 5 of docs/spec, read independently: bundles and rescue lists."""

from __future__ import annotations

import re
from hashlib import sha256
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
"""Entries 6 and 7 hold keys that were read; -1 is the fingerprint of the roots."""


def roots_of(value: Item) -> tuple[int, list[Key]]:
    """Clause 5.3."""
    need(isinstance(value, dict) and value.keys() == {1, 2} and isinstance(value[2], list))
    keys = [read_key(item) for item in value[2]]
    prints = [key.thumbprint for key in keys]
    need(len(keys) <= 16 and prints == sorted(set(prints)) and is_int(value[1], 1, len(keys)))
    return value[1], keys


def _only(value: Item, *keys: int) -> bool:
    return isinstance(value, dict) and value.keys() == set(keys)


def _days(first: Item, last: Item) -> bool:
    if not is_int(first, -25_567, 84_005):
        return False
    return last is None or is_int(last, first, 84_005)


def _seal_key(value: Item) -> Key:
    """Clause 5.6."""
    need(_only(value, *range(1, 9)) and _days(value[4], value[5]))
    x509, uses, history = value[2], value[3], value[6]
    need(isinstance(uses, list) and uses and all(is_int(use, 1, 3) for use in uses))
    need(uses == sorted(set(uses)) and isinstance(history, list) and history)
    for step in history:
        need(isinstance(step, list) and len(step) == 2 and is_int(step[0], 1, 3))
        need(is_int(step[1], 0, 253_402_300_799))
    since = [step[1] for step in history]
    need(since == sorted(set(since)) and history[0][0] == 1)
    need(all(step[0] != 3 for step in history[:-1]))
    need(is_text(value[7], 200) and is_text(value[8], 200, 0))
    if isinstance(value[1], dict) and value[1].get(1) in (3, 7):
        key = read_document_key(value[1])
        need(uses == [3] and x509 is not None)
    else:
        key = read_key(value[1])
    if x509 is not None:
        need(isinstance(x509, bytes) and len(x509) <= 16_384 and _held(x509) == key.spki)
    return key


def _held(x509: bytes) -> bytes:
    """Clause 5.6.1: the SubjectPublicKeyInfo in a certificate, as it is spelled there."""
    try:
        found = Certificate.load(x509, strict=True)
        fields = found["tbs_certificate"]
        need(fields["version"].native in ("v2", "v3") and found.dump() == x509)
        return bytes(fields["subject_public_key_info"].dump())
    except (ValueError, TypeError, KeyError):
        raise RefusedError from None


def read_bundle(payload: bytes) -> Bundle:
    """Clause 5.1."""
    need(len(payload) <= 1 << 20)
    b = decode(payload)
    if isinstance(b, dict) and type(b.get(0)) is int and b[0] > 1:
        raise NewerError
    need(_only(b, *range(11)) and is_int(b[0], 1, 1) and is_int(b[2], 1, (1 << 64) - 1))
    need(is_int(b[3], 0, 253_402_300_799) and is_int(b[4], b[3], 253_402_300_799))
    need(isinstance(b[5], bool) and _only(b[1], 1, 2, 3))
    need(isinstance(b[1][1], str) and re.fullmatch("[a-z0-9][a-z0-9-]{0,39}", b[1][1]))
    need(is_text(b[1][2], 200) and is_text(b[1][3], 200))
    need(all(isinstance(b[n], list) for n in (7, 8, 9)))
    keys = [(_seal_key(item), item) for item in b[7]]
    prints = [key.thumbprint for key, _ in keys]
    need(prints == sorted(set(prints)))
    for s in b[8]:
        need(_only(s, *range(1, 9)) and is_text(s[1], 200, 0) and is_int(s[2], 0, 18))
        need(is_int(s[3], 0, 10 ** s[2] - 1) and is_int(s[4], s[3], 10 ** s[2] - 1))
        need(is_text(s[5], 200) and is_int(s[6], 1, 4) and _days(s[7], s[8]))
    for entry in b[9]:
        need(_only(entry, 1, 2, 3, 4) and is_int(entry[1], 0, 65_535) and is_text(entry[4], 200))
        need(is_int(entry[2], 0, (1 << 64) - 1) and is_int(entry[3], 0, (1 << 64) - 1))
    ids = [entry[1] for entry in b[9]]
    need(ids == sorted(set(ids)) and is_text(b[10], 200) and not re.search(r"\s", b[10]))
    need(b[10].startswith("https://") and b[10].count("{number}") == 1)
    return {**b, 6: roots_of(b[6]), 7: keys, -1: sha256(encode(b[6])).digest()}


WORDS: Final = [
    (Path(__file__).parents[2] / "src/etitle/trust" / f"words-{language}.txt").read_text("utf-8")
    for language in ("zh", "en")
]


def in_words(fingerprint: bytes, words: str) -> str:
    """Clause 5.4.1."""
    bits = "".join(f"{byte:08b}" for byte in fingerprint)
    return " ".join(words.split("\n")[int(bits[at : at + 11], 2)] for at in range(0, 66, 11))


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
    return b


def next_bundle(data: bytes, current: Bundle) -> Bundle:
    """Clause 5.5."""
    payload, is_signed_enough = root_signed(data, BUNDLE)
    b = read_bundle(payload)
    need(b[1][1] == current[1][1] and b[2] > current[2] and b[3] >= current[3])
    need(b[5] == current[5])  # 5.9
    need(is_signed_enough(current[6]) and is_signed_enough(b[6]))
    return b


def read_rescue(data: bytes, current: Bundle) -> tuple[bytes, set[bytes]]:
    """Clause 5.8: the compromised key's thumbprint, and the digests."""
    payload, is_signed_enough = root_signed(data, RESCUE)
    r = decode(payload)
    if isinstance(r, dict) and type(r.get(0)) is int and r[0] > 1:
        raise NewerError
    need(isinstance(r, dict))
    known = {
        label: r[label] for label in r if label in range(6) or not is_int(label, -(1 << 64), -1)
    }
    if not known.keys() <= set(range(6)):
        raise NewerError
    need(_only(known, *range(6)) and is_int(r[0], 1, 1) and r[1] == current[1][1])
    need(is_int(r[5], 1, (1 << 64) - 1))
    need(isinstance(r[2], bytes) and len(r[2]) == 32 and is_int(r[3], 0, 253_402_300_799))
    need(isinstance(r[4], bytes) and len(r[4]) % 16 == 0 and len(r[4]) <= 16 << 22)
    digests = [r[4][at : at + 16] for at in range(0, len(r[4]), 16)]
    need(digests == sorted(set(digests)) and is_signed_enough(current[6]))
    return r[2], set(digests)
