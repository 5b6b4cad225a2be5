"""Clause 4.4 as a stranger reads it: the frame that a text means."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.second.encoding import NewerError, RefusedError, encode, need, sign1
from tests.second.payload import narrow, read_payload

DICTIONARY: Final = Path(__file__).parents[2] / "src/etitle/token/dict1.bin"
BASE45: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
FORMATS: Final = (0x11, 0x21)
Holds = Callable[[bytes], bool]


class ReasonError(Exception):
    """A check that found something; the reason says what."""

    def __init__(self, check: str, outcome: str, reason: str) -> None:
        self.found = (check, outcome, reason)


def read_text(code: str, holds: Holds) -> bytes:
    """Clauses 4.4.2 to 4.4.4: the one frame of a text."""
    if not code.strip():
        raise ReasonError("read", "unknown", "empty")
    plain = _strict(code.strip())
    frames = [plain] if plain is not None and _counts(plain, holds) else []
    faults: set[str] = set()
    if not frames and len(code) <= 1 << 16:
        for reading in _copied(code, holds):
            if isinstance(reading, bytes):
                frames += [] if reading in frames else [reading]
            else:
                faults.add(reading)
    if len(frames) > 1:
        raise ReasonError("read", "unknown", "several_codes")
    if frames:
        return frames[0]
    if not frames and len(code) > 1 << 16:
        raise ReasonError("read", "unknown", "too_large")
    if "incomplete" in faults:
        raise ReasonError("read", "unknown", "incomplete")
    if "text_malformed" in faults:
        raise ReasonError("read", "fail", "text_malformed")
    raise ReasonError("read", "unknown", "not_ours")


def _strict(code: str) -> bytes | None:
    """Clause 4.4.2."""
    if len(code) > 8192:
        return None
    url = re.fullmatch(
        r"https://[a-z0-9._~-]+(:[0-9]{1,5})?/([a-z0-9._~/-]*/)?v[#/]([0-9]+)",
        code,
        re.IGNORECASE | re.ASCII,
    )
    if url:
        return _of_number(url[3])
    if code.startswith("ZC1:"):
        frame, fault = _of_base45(code[4:])
        return None if fault else frame
    bare = re.sub(r"\s", "", code, flags=re.ASCII)
    return _of_number(bare) if re.fullmatch("[0-9]{150,}", bare, re.ASCII) else None


def _of_number(digits: str) -> bytes | None:
    if len(digits) > 2720 or digits[0] == "0":
        return None
    data = int(digits).to_bytes(len(digits), "big").lstrip(b"\0")
    return data[1:] if data[:1] == b"\1" else None


def _of_base45(text: str) -> tuple[bytes, str]:
    """The bytes before the first fault, and the fault."""
    if not text:
        return b"", "bad"
    frame = b""
    for at in range(0, len(text), 3):
        group = text[at : at + 3]
        if any(c not in BASE45 for c in group):
            return frame, "bad"
        value = sum(BASE45.index(c) * 45**place for place, c in enumerate(group))
        if len(group) == 1 or value >= 1 << 8 * (len(group) - 1):
            return frame, "cut" if len(group) < 3 else "bad"
        frame += value.to_bytes(len(group) - 1, "big")
    return frame, ""


def _copied(code: str, holds: Holds) -> list[bytes | str]:
    """Clause 4.4.3: a frame or a fault for each run of digits, and for each base 45."""
    code = re.sub("[\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|=\r?\n", "", code)
    code = narrow(code)
    spaced = re.sub("%(25)*(0[AaDd]|20)", " ", code)
    spaced = re.sub("%(25)*[0-9A-Fa-f]{2}|&#[0-9]+;", "#", spaced)
    runs = re.finditer(r"[0-9][0-9\s>]*", spaced)
    zc1s = re.finditer(r"zc1:([0-9a-z $%*+\-./:\r\n]*)", code, re.ASCII | re.IGNORECASE)
    return [
        *(_run(run[0].replace(">", " ").split(), holds) for run in runs),
        *(_zc1("".join(zc1[1].splitlines()).upper(), holds) for zc1 in zc1s),
    ]


def _run(groups: list[str], holds: Holds) -> bytes | str:
    digits = "".join(groups)
    if len(digits) < 30:
        return "not_ours"
    held = None
    counts = range(4)
    for _, front, behind in sorted((f + b, f, b) for f in counts for b in counts):
        left = groups[front:]
        kept = "".join(left[:-behind] if behind else left)
        frame = _of_number(kept) if len(kept) >= 150 else None
        if frame is not None and _expands(frame) and _counts(frame, holds):
            return frame
        if held is None and frame is not None and holds(frame[1:5]):
            held = frame
    if held is not None:
        return held
    if len(digits) <= 8192 and _begins(_integer(digits), holds):
        return "text_malformed"
    if digits[0] != "0" and any(
        _begins(_integer(digits) * 10**lost, holds) for lost in range(2721 - len(digits))
    ):
        return "incomplete"
    return "not_ours"


def _integer(digits: str) -> int:
    number = 0
    for at in range(0, len(digits), 600):
        number = number * 10 ** len(digits[at : at + 600]) + int(digits[at : at + 600])
    return number


def _begins(number: int, holds: Holds) -> bool:
    """Clause 4.4.4: guard, format, kid."""
    size = number.bit_length() // 8
    if number.bit_length() % 8 != 1 or size < 5:
        return False
    head = (number >> 8 * (size - 5)).to_bytes(6, "big")
    return head[1] in FORMATS and holds(head[2:])


def _zc1(text: str, holds: Holds) -> bytes | str:
    for choice in (text, text.rstrip()):
        frame, fault = _of_base45(choice)
        if not fault and _counts(frame, holds):
            return frame
    frame, fault = _of_base45(text.rstrip())
    if not holds(frame[1:5]):
        return "not_ours"
    return "incomplete" if fault == "cut" else "text_malformed"


def _expands(frame: bytes) -> bool:
    try:
        read_frame(frame)
    except ReasonError:
        return False
    return True


def _counts(frame: bytes, holds: Holds) -> bool:
    """Clause 4.4.4."""
    if holds(frame[1:5]):
        return True
    try:
        read_payload(sign1(read_frame(frame))[1])
    except NewerError:
        return True
    except (ReasonError, RefusedError):
        return False
    return True


def read_frame(frame: bytes) -> bytes:
    """Clause 4.2: the COSE_Sign1 of a frame."""
    alg = {1: -9, 2: -19}.get(frame[0] >> 4)
    if alg is None or frame[0] & 15 != 1:
        raise ReasonError("frame", "unknown", "format_unknown")
    try:
        need(len(frame) <= 1124)
        payload, rest = _inflate(frame[5:-64])
        need(rest == b"")
    except (zlib.error, RefusedError):
        if _is_cut(frame):
            raise ReasonError("frame", "unknown", "incomplete") from None
        raise ReasonError("frame", "fail", "frame_malformed") from None
    return b"\xd2" + encode([encode({1: alg, 4: frame[1:5]}), {}, payload, frame[-64:]])


def _inflate(data: bytes) -> tuple[bytes, bytes | None]:
    """The payload, and what follows the stream; None where it does not end."""
    reader = zlib.decompressobj(-15, zdict=DICTIONARY.read_bytes())
    payload = reader.decompress(data)
    return payload, reader.unused_data if reader.eof and len(payload) <= 1024 else None


def _is_cut(frame: bytes) -> bool:
    """Clause 4.2.4: the stream does not end, or fewer than 64 bytes follow it."""
    try:
        payload, rest = _inflate(frame[5:])
    except zlib.error:
        return False
    return len(payload) <= 1024 and (rest is None or len(rest) < 64)
