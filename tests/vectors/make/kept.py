"""Signatures of ML-DSA-65, which come out otherwise each time: drawn once, and kept.

What was committed stays as long as it verifies, as compressed bytes do (tests/vectors/README.md).
"""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import mldsa
from tests.vectors.make.shop import FOLDER

_KIND: Final = "ml-dsa-65 "
used: Final[dict[str, str]] = {}
"""By the SHA-256 of key and message; every signature that was asked for in this process."""


@cache
def _stock() -> dict[str, str]:
    file = FOLDER / "compressed.json"
    if not file.exists():
        return {}
    found: dict[str, str] = json.loads(file.read_text("utf-8"))["compressed"]
    return found


def signature(key: mldsa.MLDSA65PrivateKey, data: bytes) -> bytes:
    """The signature of before, where there is a right one; else a new one."""
    public = key.public_key()
    name = _KIND + sha256(public.public_bytes_raw() + data).hexdigest()
    before = bytes.fromhex(used.get(name) or _stock().get(name, ""))
    try:
        public.verify(before, data)
    except InvalidSignature:
        before = key.sign(data)
    used[name] = before.hex()
    return before
