"""Findings: what is wrong or odd in data for a certificate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from etitle.errors import EtitleError, Language, explain

Severity: TypeAlias = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in one field.

    Attributes:
        field: English key of the field; a heading as given for a column that is not known.
        severity: an error keeps the record from being issued, a warning asks for a look.
        code: stable reason code.
        details: values for the message, as pairs; never an unmasked ID number.

    >>> Finding("sex", "warning", "record.sex_disagrees").what("en")
    'sex (性别) does not match the 17th digit of the ID number'
    """

    field: str
    severity: Severity
    code: str
    details: tuple[tuple[str, str], ...] = ()

    def what(self, language: Language) -> str:
        """What was found, naming the field in both languages."""
        return self._explain(language)[0]

    def next(self, language: Language) -> str:
        """How to repair it."""
        return self._explain(language)[1]

    def _explain(self, language: Language) -> tuple[str, str]:
        return explain(self.code, language, **{"field": self.field, **dict(self.details)})


def warn(code: str, field: str, **details: object) -> Finding:
    """A warning."""
    return Finding(field, "warning", code, _pairs(details))


def found(error: EtitleError, field: str) -> Finding:
    """The finding with an error's code and details."""
    return Finding(field, "error", error.code, _pairs(error.details))


def _pairs(details: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    return tuple((key, str(value)) for key, value in details.items() if key != "field")
