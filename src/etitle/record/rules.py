"""Rules across the fields of a record, and the values that follow from other fields."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final

from etitle.certificate.codes import judge_title, level_names, tier_levels
from etitle.certificate.dates import PartialDate
from etitle.certificate.model import Level, Sex
from etitle.certificate.payload import MAX_PAYLOAD_BYTES
from etitle.errors import FieldError
from etitle.record.cell import shown
from etitle.record.finding import Finding, found, warn
from etitle.record.iddocument import read_document

_ROOM_BYTES: Final = MAX_PAYLOAD_BYTES - 128
"""Bytes for the texts of a payload: its other entries and heads take 127 at most."""

_TEXTS: Final = frozenset({
    "number", "name", "series", "title", "specialty", "review_body", "issuing_body", "url",
    "approving_body", "approval_document", "supersedes",
})  # fmt: skip

_SLACK: Final = datetime.timedelta(days=3)
"""From the 28th to the end of any month; nobody is qualified within days of birth."""


def settle(values: Mapping[str, Any]) -> tuple[dict[str, Any], list[Finding]]:
    """Judge the fields of a record together.

    Args:
        values: values by field; what is missing or could not be read is None or absent.

    Returns:
        The values to put in place (``sex``, ``level``, and the identity document in its plain
        form), and the findings: errors ``record.title_outside_series``, ``record.level_missing``,
        ``record.level_ambiguous``, ``record.level_contradicts``, ``record.qualified_after_issued``,
        ``record.qualified_before_birth``, ``record.supersedes_itself``, ``record.texts_long`` and
        those of ``read_document``; warnings ``record.identity_missing``, ``record.sex_missing``,
        ``record.sex_disagrees``, ``record.series_unknown``, ``record.title_unknown``,
        ``record.title_old`` and ``record.level_doubtful``.
    """
    settled: dict[str, Any] = {}
    findings: list[Finding] = []
    sex = _settle_identity(values, settled, findings)
    if sex is None:
        findings.append(warn("record.sex_missing", "sex"))
    settled["sex"] = Sex.UNSTATED if sex is None else sex
    if values.get("series") is not None and values.get("title") is not None:
        _settle_level(values, settled, findings)
    if values.get("number") is not None and values.get("number") == values.get("supersedes"):
        findings.append(_error("supersedes", "record.supersedes_itself"))
    qualified, issued = values.get("qualified"), values.get("issued")
    if qualified is not None and issued is not None and qualified.earliest > issued:
        findings.append(_error("qualified", "record.qualified_after_issued"))
    texts = [text for field, text in values.items() if field in _TEXTS and text is not None]
    if sum(map(len, texts)) * 4 > _ROOM_BYTES:
        size = sum(len(text.encode()) for text in texts)
        if size > _ROOM_BYTES:
            findings.append(_error("specialty", "record.texts_long", size=size, limit=_ROOM_BYTES))
    return settled, findings


def _error(field: str, code: str, **details: object) -> Finding:
    return found(FieldError(code, field=field, **details), field)


def _settle_identity(
    values: Mapping[str, Any], settled: dict[str, Any], findings: list[Finding]
) -> Sex | None:
    sex: Sex | None = values.get("sex")
    if values.get("id_number") is None:
        findings.append(warn("record.identity_missing", "id_number"))
        return sex
    try:
        document, notes = read_document(
            values["id_number"], kind=values.get("id_kind"), nationality=values.get("nationality")
        )
    except FieldError as error:
        findings.append(found(error, str(error.details["field"])))
        return sex
    findings += notes
    settled["id_number"] = document.number
    settled["id_kind"], settled["nationality"] = document.kind, document.nationality
    qualified, birth = values.get("qualified"), document.birth
    if birth is not None and qualified is not None and _last(qualified) < birth:
        findings.append(_error("qualified", "record.qualified_before_birth"))
    if sex is None:
        return document.sex
    if document.sex not in (None, sex):
        findings.append(warn("record.sex_disagrees", "sex"))
    return sex


def _last(date: PartialDate) -> datetime.date:
    """A day that is not before any the date can mean."""
    return datetime.date(date.year, date.month or 12, date.day or 28) + _SLACK


def _settle_level(
    values: Mapping[str, Any], settled: dict[str, Any], findings: list[Finding]
) -> None:
    judged = judge_title(values["series"], values["title"])
    if judged.code == "record.title_outside_series":
        findings.append(_error("title", judged.code, belongs=judged.belongs))
        return
    if judged.code is not None:
        field = "series" if judged.code == "record.series_unknown" else "title"
        findings.append(warn(judged.code, field, value=shown(values[field])))
    given: Level | str | None = values.get("level")
    told = judged.level
    if isinstance(given, str):
        levels = tier_levels()[given]
        fits = told in levels
    else:
        levels = frozenset[Level]() if given is None else frozenset[Level]((given,))
        fits = given is None or told == given
    if told is None and len(levels) != 1:
        code = "record.level_missing" if given is None else "record.level_ambiguous"
        findings.append(_error("level", code))
        return
    if told is not None and not fits and judged.certain:
        findings.append(_error("level", "record.level_contradicts", level=level_names()[told][0]))
        return
    if told is not None and not fits:
        if len(levels) != 1:
            findings.append(_error("level", "record.level_ambiguous"))
            return
        findings.append(warn("record.level_doubtful", "level", level=level_names()[told][0]))
    settled["level"] = told if fits and told is not None else next(iter(levels))
