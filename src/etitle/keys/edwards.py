"""Points of edwards25519 (RFC 8032 §5.1): whether 32 bytes are a public key that may be trusted.

Libraries take any 32 bytes for an Ed25519 key.  Under a key of small order one signature verifies
for other data too, and bytes off the curve are read by each library in its own way.
"""

from __future__ import annotations

from typing import Final

_P: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _P) % _P
_ROOT_OF_MINUS_1: Final = pow(2, (_P - 1) // 4, _P)
_COFACTOR_DOUBLINGS: Final = 3
"""The cofactor is 8: a point of small order is the neutral one after three doublings."""


def is_sound(key: bytes) -> bool:
    """Whether a key is the one encoding of a point on the curve whose order is not small.

    Args:
        key: 32 bytes, as RFC 8032 §5.1.2 encodes a point.

    >>> is_sound(bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"))
    True
    >>> is_sound(bytes([1]) + bytes(31))  # the neutral point
    False
    """
    y = int.from_bytes(key, "little") & ((1 << 255) - 1)  # the sign of x, but that of 0, is free
    if y >= _P:
        return False
    x = _x_of(y)
    return x is not None and not _is_small(x, y)


def _x_of(y: int) -> int | None:
    """A coordinate x of the point with y (RFC 8032 §5.1.3); None where there is none."""
    u, v = (y * y - 1) % _P, (_D * y * y + 1) % _P
    x = u * pow(v, 3, _P) * pow(u * pow(v, 7, _P), (_P - 5) // 8, _P) % _P
    if v * x * x % _P == u:
        return x
    x = x * _ROOT_OF_MINUS_1 % _P
    return x if v * x * x % _P == u else None


def _is_small(x: int, y: int) -> bool:
    """Whether eight times the point is the neutral one."""
    for _ in range(_COFACTOR_DOUBLINGS):
        product = _D * x * x * y * y % _P
        x, y = (
            2 * x * y * pow(1 + product, -1, _P) % _P,
            (y * y + x * x) * pow(1 - product, -1, _P) % _P,
        )
    return (x, y) == (0, 1)
