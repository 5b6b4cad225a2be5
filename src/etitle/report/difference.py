"""The rows of a difference in words: dates, uses and states in the person's language."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, cast

from etitle.certificate.dates import day_date
from etitle.certificate.model import BodyLevel
from etitle.errors import Language, explain
from etitle.report.foreign import one_line
from etitle.report.rows import china_time
from etitle.trust.difference import At, Change, Day
from etitle.trust.pin import spell_fingerprint
from etitle.trust.published import KeyState, KeyUse

STATE_WORDS: Final[Mapping[KeyState, tuple[str, str]]] = MappingProxyType(
    {
        KeyState.ACTIVE: ("启用", "active"),
        KeyState.RETIRED: ("停用", "retired"),
        KeyState.COMPROMISED: ("已泄露", "compromised"),
    }
)
USE_WORDS: Final[Mapping[KeyUse, tuple[str, str]]] = MappingProxyType(
    {
        KeyUse.TOKEN: ("签发", "token"),
        KeyUse.LIST: ("状态列表", "list"),
        KeyUse.DOCUMENT: ("签章", "document"),
    }
)
_LEVELS: Final[Mapping[BodyLevel, tuple[str, str]]] = MappingProxyType(
    {
        BodyLevel.REGION: ("省级", "region"),
        BodyLevel.CITY: ("市级", "city"),
        BodyLevel.COUNTY: ("县级", "county"),
        BodyLevel.DELEGATED: ("下放单位", "delegated"),
    }
)


def uses_words(uses: frozenset[KeyUse], language: Language) -> str:
    """What a key may sign.

    >>> uses_words(frozenset({KeyUse.LIST, KeyUse.TOKEN}), "en")
    'token, list'
    """
    words = [USE_WORDS[use][language == "en"] for use in sorted(uses)]
    return ("、" if language == "zh" else ", ").join(words)


def change_words(change: Change, language: Language) -> str:
    """One row as a line."""
    shown = {name: one_line(_shown(value, language)) for name, value in change.details.items()}
    return explain(change.code, language, **shown)[0]


def _shown(value: object, language: Language) -> str:  # noqa: PLR0911  # one for each kind
    column = 0 if language == "zh" else 1
    match value:
        case None:
            return ("未定", "no end")[column]
        case At():
            return china_time(value)
        case Day():
            return str(day_date(value))
        case KeyState():
            return STATE_WORDS[value][column]
        case BodyLevel():
            return _LEVELS[value][column]
        case frozenset():
            return uses_words(cast("frozenset[KeyUse]", value), language)
        case bytes():
            return spell_fingerprint(value)
        case tuple():
            return _history(cast("tuple[tuple[KeyState, int], ...]", value), column)
        case _:
            return str(value)


def _history(history: tuple[tuple[KeyState, int], ...], column: int) -> str:
    """Each state of a key with the time since when."""
    steps = [(STATE_WORDS[state][column], china_time(since_s)) for state, since_s in history]
    if column:
        return ", ".join(f"{state} since {since}" for state, since in steps)
    return "、".join(f"自 {since} 起{state}" for state, since in steps)
