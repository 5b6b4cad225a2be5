"""sRGB as an ICC profile: the output intent of every page (ISO 19005-3 §6.2.3)."""

from __future__ import annotations

import struct
from functools import cache
from typing import Final

NAME: Final = "sRGB IEC61966-2.1"

_WHITE: Final = (0.9642, 1.0, 0.8249)
"""D50, the white of the profile connection space."""

_PRIMARIES: Final = {
    b"rXYZ": (0.43607, 0.22249, 0.01392),
    b"gXYZ": (0.38515, 0.71687, 0.09708),
    b"bXYZ": (0.14307, 0.06061, 0.71410),
}
"""Of IEC 61966-2-1, adapted to D50 (Bradford)."""

_ADAPTATION: Final = (
    (1.04788, 0.02292, -0.05022),
    (0.02959, 0.99048, -0.01707),
    (-0.00925, 0.01508, 0.75168),
)
"""Bradford, D65 to D50 (ICC.1:2010 annex E)."""

_CURVE: Final = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
"""The transfer curve of IEC 61966-2-1 as a parametric curve of type 3."""


def _fixed(values: tuple[float, ...]) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def _words(text: str) -> bytes:
    octets = text.encode("utf-16-be")
    return b"mluc" + struct.pack(">4xII2s2sII", 1, 12, b"en", b"US", len(octets), 28) + octets


@cache
def srgb() -> bytes:
    """An ICC profile of version 4.2; always the same bytes.

    >>> srgb()[36:40], len(srgb()) % 4
    (b'acsp', 0)
    """
    curve = b"para" + struct.pack(">4xHxx", 3) + _fixed(_CURVE)
    tags = {
        b"desc": _words(NAME),
        b"cprt": _words("No copyright, use freely"),
        b"wtpt": b"XYZ \0\0\0\0" + _fixed(_WHITE),
        b"chad": b"sf32\0\0\0\0" + b"".join(map(_fixed, _ADAPTATION)),
        **{tag: b"XYZ \0\0\0\0" + _fixed(value) for tag, value in _PRIMARIES.items()},
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    table, data = [struct.pack(">I", len(tags))], bytearray()
    start = 128 + 4 + 12 * len(tags)
    placed: dict[bytes, int] = {}
    for tag, value in tags.items():
        if value not in placed:
            placed[value] = start + len(data)
            data += value + bytes(-len(value) % 4)
        table.append(struct.pack(">4sII", tag, placed[value], len(value)))
    head = struct.pack(
        ">I4s4s4s4s4s6H4s4sI4s4sQI12s4s16s28s",
        start + len(data),
        b"\0\0\0\0",  # no preferred colour engine
        b"\x04\x20\0\0",
        b"mntr",
        b"RGB ",
        b"XYZ ",
        *(2020, 1, 1, 0, 0, 0),
        b"acsp",
        b"\0\0\0\0",
        0,
        b"\0\0\0\0",
        b"\0\0\0\0",
        0,
        0,  # perceptual
        _fixed(_WHITE),
        b"\0\0\0\0",
        bytes(16),
        bytes(28),
    )
    return b"".join((head, *table, bytes(data)))
