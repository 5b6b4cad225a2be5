"""Headings of columns: which field each names, which are ignored, which are unknown.

A heading is compared after NFKC, without white space, underscores, stars and colons around it, and
without regard to case; first whole, then without what stands in brackets.  Part of a heading never
matches: 所学专业 is not 专业.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Final
from unicodedata import normalize

from etitle.labels import LABELS

MAX_HEADING: Final = 64
"""Characters; no heading is longer."""

_GAPS: Final = re.compile(r"[\s_]+")
_BRACKETED: Final = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕")
_MARKS: Final = "*:※"
"""Signs around a heading that do not belong to its name: mandatory columns are often starred."""


@dataclass(frozen=True, slots=True)
class _Headings:
    """The table of headings, folded."""

    fields: Mapping[str, str]
    silent: frozenset[str]
    ignored: frozenset[str]


@cache
def _table() -> _Headings:
    # Shared: it is package data and never written to.
    place = resources.files("etitle.record").joinpath("tables", "headings.json")
    said = json.loads(place.read_text("utf-8"))
    fields = {
        **{_folded(field): field for field in LABELS},
        **{_folded(label): field for field, label in LABELS.items()},
        **{_folded(each): field for field, names in said["fields"].items() for each in names},
    }
    silent, ignored = (frozenset(map(_folded, said[key])) for key in ("silent", "ignored"))
    return _Headings(MappingProxyType(fields), silent, ignored)


def _folded(heading: str) -> str:
    return _GAPS.sub("", normalize("NFKC", heading)).strip(_MARKS).lower()


@lru_cache(maxsize=1024)
def _spellings(heading: str) -> tuple[str, ...]:
    """A heading as compared: whole, and without what stands in brackets."""
    if len(heading) > MAX_HEADING:
        return ()
    whole = _folded(heading)
    return whole, _BRACKETED.sub("", whole).strip(_MARKS)


def field_of(heading: str) -> str | None:
    """The field that a heading names, Chinese or English.

    >>> field_of("取得资格 时间"), field_of("ID Number"), field_of("备注")
    ('qualified', 'id_number', None)
    >>> field_of("＊姓　名："), field_of("取得时间（yyyy-MM-dd）"), field_of("所学专业")
    ('name', 'qualified', None)
    """
    fields = _table().fields
    return next((fields[each] for each in _spellings(heading) if each in fields), None)


def is_ignored(heading: str) -> bool:
    """Whether a column is known to hold nothing for a certificate.

    >>> is_ignored("所学专业"), is_ignored("序号"), is_ignored("手机")
    (True, True, False)
    """
    table = _table()
    return any(each in table.ignored or each in table.silent for each in _spellings(heading))


def is_silent(heading: str) -> bool:
    """Whether a column is ignored without a finding: the row's own number.

    >>> is_silent("序号"), is_silent("学历")
    (True, False)
    """
    return any(each in _table().silent for each in _spellings(heading))
