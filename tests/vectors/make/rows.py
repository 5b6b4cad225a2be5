"""Rows of lists.json, and what its two halves share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from tests.vectors.make.worlds import status_lists

from etitle import canon, cose
from etitle.trust.statuslist import StatusList


@dataclass(frozen=True)
class Row:
    """One signed file before it is judged.

    Attributes:
        name: unique.
        zh: what it shows.
        en: the same.
        data: the signed file.
        code: expected error code; empty where it is believed.
        base: for deltas, the name of the list or delta it is applied to.
        look_ups: indices to look up in the result.
    """

    name: str
    zh: str
    en: str
    data: bytes
    code: str = ""
    base: str = ""
    look_ups: tuple[int, ...] = ()


def plain_list() -> StatusList:
    """The list of the plain world."""
    return status_lists()["plain"][0]


FIRST_S: Final = 1_577_808_000
"""The first second, in China, of the keys' first day, 2020-01-01."""


def timed(made: StatusList, issued_s: int) -> StatusList:
    """A list of another time."""
    return replace(made, issued_s=issued_s, expires_s=issued_s + 7 * 86_400)


def relabelled(token: cose.Sign1, *, alg: int) -> bytes:
    """A list or delta that names another algorithm."""
    protected = canon.encode({1: alg, 4: token.kid, 16: token.typ})
    return replace(token, protected=protected).to_bytes()
