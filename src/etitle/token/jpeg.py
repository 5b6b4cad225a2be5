"""What decoding a JPEG takes, by its markers (ISO/IEC 10918-1 annex B); nothing is decoded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

_START_OF_SCAN: Final = 0xDA
_ALONE: Final = frozenset({0x01, 0xD8, *range(0xD0, 0xD8)})
"""Markers that no length follows."""
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE: Final = frozenset({0xC2, 0xC6, 0xCA, 0xCE})


def coefficient_bytes(data: bytes, pixels: int) -> int:
    r"""Bytes of coefficients that a decoder keeps until the last scan; none where one scan is all.

    A picture of several scans is held whole, two bytes for each sample, however small it is drawn.

    >>> coefficient_bytes(b"\xff\xd8\xff\xda", 100)
    0
    """
    frame = b""
    progressive = False
    for marker, content in _segments(data):
        if marker in _FRAMES:
            frame, progressive = content, marker in _PROGRESSIVE
        elif marker == _START_OF_SCAN:
            several = progressive or (frame[5:6] > content[:1])  # numbers of components
            return round(2 * pixels * _samples_per_pixel(frame)) if several else 0
    return 0


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Markers and what stands behind their lengths; within a scan they mean nothing."""
    at = 0
    while 0 <= (at := data.find(b"\xff", at)) < len(data) - 1:
        marker = data[at + 1]
        at += 1 if marker == 0xFF else 2  # noqa: PLR2004  # filling
        if marker in _ALONE or marker in {0, 0xFF}:
            continue
        length = int.from_bytes(data[at : at + 2], "big")
        yield marker, data[at + 2 : at + length]
        at += length


def _samples_per_pixel(frame: bytes) -> float:
    """Samples of all components by their sampling factors: 3 for 4:4:4, 1.5 for 4:2:0."""
    factors = [(each >> 4, each & 15) for each in frame[7::3]]
    most = max([1, *(across for across, _ in factors)]) * max([1, *(down for _, down in factors)])
    return sum(across * down for across, down in factors) / most
