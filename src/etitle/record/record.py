"""Rows of workbooks, CSV, JSON and the API become records, and records certificates.

A row has the headings of 附件1 or the English names of the certificate's attributes.  Cells are
corrected or refused by ``cell``; this module checks fields against each other.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Annotated, Any, Final, TypeVar, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from etitle.certificate.codes import spellings, tier_levels
from etitle.certificate.commitment import commit
from etitle.certificate.dates import PartialDate
from etitle.certificate.decode import MAX_TEXT, MAX_VERSION
from etitle.certificate.identity import DocumentKind, Identity, Profile, mask
from etitle.certificate.model import BodyLevel, Certificate, Level, Sex, Source
from etitle.certificate.number import plain_certificate_number
from etitle.errors import FieldError
from etitle.labels import LABELS
from etitle.record.cell import shown
from etitle.record.column import MAX_WORK_UNIT, read_cell
from etitle.record.finding import Finding, found
from etitle.record.headings import field_of
from etitle.record.rules import settle

_Value = TypeVar("_Value")


def _taken(field: str) -> PlainValidator:
    def take(value: object) -> object:
        try:
            return read_cell(value, field)
        except FieldError as error:
            raise _custom(error.code, dict(found(error, field).details)) from None

    return PlainValidator(take)


def _custom(code: str, details: Mapping[str, str]) -> PydanticCustomError:
    # The message is the bare code: pydantic's own text would show the value.
    text = cast("Any", code)  # ours, not literals
    return PydanticCustomError(text, text, dict(details))


def _said(most: int) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "minLength": 1, "maxLength": most})


def _listed(field: str) -> WithJsonSchema:
    names = list(spellings(field))
    if field == "level":
        names += list(tier_levels())
    codes = sorted(set(spellings(field).values()))
    return WithJsonSchema({"enum": [*codes, *dict.fromkeys(names)]})


_DATED: Final = {
    "type": "string",
    "pattern": "^(19|2[01])[0-9]{2}(-(0[0-9]|1[0-2])(-([0-2][0-9]|3[01]))?)?$",
    "examples": ["2020-06-30", "2020-06", "2020-06-00", "1998"],
}
_DAY: Final = {
    "type": "string",
    "pattern": "^(19|2[01])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
    "examples": ["2026-03-01"],
}


def _field(field: str, description: str, *, required: bool = False, private: bool = False) -> Any:  # noqa: ANN401  # as pydantic's own Field
    return Field(
        default=... if required else (1 if field == "version" else None),
        title=LABELS[field],
        description=description,
        repr=not private,
    )


class _Notes(list[Finding]):
    """Where one validation leaves its findings."""


class Record(BaseModel):
    """One row, read and judged: everything in a certificate except its place in a list.

    Frozen; unknown fields are refused; errors never show a value.  ``id_number`` is kept out of
    ``repr``.  ``read_record`` never raises; building a ``Record`` raises pydantic's
    ``ValidationError``, whose types are our codes.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, title="etitle record"
    )

    number: Annotated[str | None, _taken("number"), _said(MAX_TEXT[1])] = _field(
        "number", "Unique number of the certificate; absent where the issuer assigns one."
    )
    name: Annotated[str, _taken("name"), _said(MAX_TEXT[2])] = _field(
        "name", "Holder's name; every middle dot is U+00B7.", required=True
    )
    sex: Annotated[Sex, _taken("sex"), _listed("sex")] = _field(
        "sex", "GB/T 2261.1; absent: taken from the ID number, or else 9."
    )
    id_number: Annotated[str | None, _taken("id_number"), _said(64)] = _field(
        "id_number", "Whole number of the identity document, as text.", private=True
    )
    id_kind: Annotated[DocumentKind | None, _taken("id_kind"), _listed("id_kind")] = _field(
        "id_kind", "Kind of identity document; absent: told from the number."
    )
    nationality: Annotated[
        str | None, _taken("nationality"), WithJsonSchema({"type": "string", "minLength": 2})
    ] = _field("nationality", "ISO 3166-1 alpha-3; needed for passports only.")
    series: Annotated[str, _taken("series"), _said(MAX_TEXT[5])] = _field(
        "series", "Title series; an unknown one is a warning.", required=True
    )
    title: Annotated[str, _taken("title"), _said(MAX_TEXT[6])] = _field(
        "title", "Title, as printed; a title of another series is an error.", required=True
    )
    specialty: Annotated[str, _taken("specialty"), _said(MAX_TEXT[7])] = _field(
        "specialty", "Specialty, free text.", required=True
    )
    qualified: Annotated[PartialDate, _taken("qualified"), WithJsonSchema(_DATED)] = _field(
        "qualified", "Date of qualification; day or month may be unknown.", required=True
    )
    issued: Annotated[datetime.date | None, _taken("issued"), WithJsonSchema(_DAY)] = _field(
        "issued", "Day of issue in China; absent where the issuer sets it."
    )
    review_body: Annotated[str | None, _taken("review_body"), _said(MAX_TEXT[10])] = _field(
        "review_body", "Review body; absent for a recognised title without one."
    )
    issuing_body: Annotated[str, _taken("issuing_body"), _said(MAX_TEXT[11])] = _field(
        "issuing_body", "Issuing authority.", required=True
    )
    url: Annotated[
        str | None,
        _taken("url"),
        WithJsonSchema({"type": "string", "pattern": "^https://[^ ]{1,192}$"}),
    ] = _field("url", "The certificate's own https address; absent: by the bundle's template.")
    level: Annotated[Level, _taken("level"), _listed("level")] = _field(
        "level", "Level; absent: derived from series and title where the tables know it."
    )
    source: Annotated[Source | None, _taken("source"), _listed("source")] = _field(
        "source", "How the record arose: 1 review, 2 recognition, 3 workbook import."
    )
    body_level: Annotated[BodyLevel | None, _taken("body_level"), _listed("body_level")] = _field(
        "body_level", "Management level of the approving body: 1 region to 4 delegated."
    )
    approving_body: Annotated[str | None, _taken("approving_body"), _said(MAX_TEXT[16])] = _field(
        "approving_body", "Body that approved and answers for it; absent: the issuing authority."
    )
    approval_document: Annotated[str | None, _taken("approval_document"), _said(MAX_TEXT[17])] = (
        _field("approval_document", "Number of the document that granted the title.")
    )
    version: Annotated[
        int,
        _taken("version"),
        WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MAX_VERSION}),
    ] = _field("version", "1 for the first issue.")
    supersedes: Annotated[str | None, _taken("supersedes"), _said(MAX_TEXT[19])] = _field(
        "supersedes", "Number of the certificate that this one replaces."
    )
    work_unit: Annotated[str | None, _taken("work_unit"), _said(MAX_WORK_UNIT)] = _field(
        "work_unit", "Holder's work unit, for templates that print it; no token carries it."
    )

    @model_validator(mode="after")
    def _settled(self, info: ValidationInfo) -> Record:
        settled, findings = settle(self.__dict__)
        if isinstance(info.context, _Notes):
            info.context.extend(findings)
        for finding in findings:
            if finding.severity == "error":
                raise _custom(finding.code, dict(finding.details))
        for field, value in settled.items():
            # Frozen guards assignment; these are the values that the fields stand for.
            object.__setattr__(self, field, value)
        return self


def read_record(row: Mapping[Any, object]) -> tuple[Record | None, tuple[Finding, ...]]:
    """Read one row; total: bad data gives findings, never an exception.

    Args:
        row: cells by heading, Chinese (附件1) or English, in any order; a column that is not
            known is refused unless its cell is empty.

    Returns:
        The record, or None where there is an error, and everything that was found, errors first.

    >>> record, findings = read_record({
    ...     "姓名": "样例甲", "身份证号": "450099199001010072", "职称系列": "工程技术人员",
    ...     "职称名称": "高级工程师", "专业名称": "土木工程", "取得资格时间": "2020年6月",
    ...     "发证机关": "样例省人力资源和社会保障厅",
    ... })
    >>> record.level, record.sex, str(record.qualified)
    (<Level.ASSOCIATE_SENIOR: 2>, <Sex.MALE: 1>, '2020-06')
    >>> [finding.code for finding in findings]
    ['record.address_unknown']
    """
    values: dict[str, object] = {}
    findings: list[Finding] = []
    for heading, value in row.items():
        field = field_of(heading) if isinstance(heading, str) else None
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        if field is None:
            name = shown(heading) if isinstance(heading, str) else "?"
            findings.append(Finding(name, "error", "record.column_unknown"))
        elif field in values:
            findings.append(Finding(field, "error", "record.column_twice"))
        else:
            values[field] = value
    notes = _Notes()
    try:
        record = Record.model_validate(values, context=notes)
    except ValidationError as error:
        return None, _ordered(findings + (list(notes) or _partial(values, error)))
    if findings:
        return None, _ordered(findings + notes)
    return record, tuple(notes)


def _ordered(findings: list[Finding]) -> tuple[Finding, ...]:
    return tuple(dict.fromkeys(sorted(findings, key=lambda finding: finding.severity)))


def _partial(values: Mapping[str, object], error: ValidationError) -> list[Finding]:
    """Findings of cells that can't be read, and of the rules that the others allow to judge."""
    findings: list[Finding] = []
    for each in error.errors(include_url=False, include_input=False):
        field = str(each["loc"][0]) if each["loc"] else "record"
        # Each field has one validator, ours: what is not missing has one of our codes.
        code = "record.value_missing" if each["type"] == "missing" else each["type"]
        details = each.get("ctx", {})
        pairs = tuple((key, str(value)) for key, value in details.items())
        findings.append(Finding(field, "error", code, pairs))
    failed = {finding.field for finding in findings}
    readable = {
        field: read_cell(value, field) for field, value in values.items() if field not in failed
    }
    readable.setdefault("id_number", None)
    later = [
        finding
        for finding in settle(readable)[1]
        if finding.field not in failed
        and not (finding.field == "level" and failed & {"series", "title"})
        and not (finding.code == "record.sex_missing" and "id_number" in failed)
        and not (finding.code == "record.id_kind_unknown" and failed & {"id_kind", "nationality"})
    ]
    return findings + later


def to_certificate(  # noqa: PLR0913  # keywords, each its own decision of the issuer
    record: Record,
    *,
    profile: Profile,
    opening: str | bytes | None,
    number: str,
    issued: datetime.date,
    list_id: int,
    index: int,
    source: Source | None = None,
    body_level: BodyLevel | None = None,
    approving_body: str | None = None,
    template_url: str | None = None,
) -> Certificate:
    """The certificate that a record asks for.

    The arguments are the issuer's decisions; where the record has a value too, both must agree.

    Args:
        record: as ``read_record`` gives it.
        profile: how much of the ID number is shown.
        opening: 10 bytes (``new_opening``) or their text for the profile masked; else not used.
        number: the record's own number, or the next of the issuer's segment.
        issued: the record's own day, or the day of issue in China.
        list_id: the status list.
        index: the index in that list.
        source: needed where the record does not say.
        body_level: needed where the record does not say.
        approving_body: None: the record's, or else the issuing authority.
        template_url: what the bundle's template gives for the number; a URL equal to it is left
            out.

    Raises:
        FieldError: ``record.contradicted``, ``record.value_missing``,
            ``record.identity_needed``, ``record.opening_needed``,
            ``record.qualified_after_issued``, ``record.number_shape``, or those of ``commit``.
    """
    number = plain_certificate_number(_agreed("number", record.number, number))
    issued = _agreed("issued", record.issued, issued)
    if record.qualified.earliest > issued:
        raise FieldError("record.qualified_after_issued", field="qualified")
    return Certificate(
        number=number,
        name=record.name,
        sex=record.sex,
        identity=_identity(record, profile, opening),
        series=record.series,
        title=record.title,
        specialty=record.specialty,
        qualified=record.qualified,
        issued=issued,
        review_body=record.review_body,
        issuing_body=record.issuing_body,
        url=None if record.url == template_url else record.url,
        level=record.level,
        source=_agreed("source", record.source, source),
        body_level=_agreed("body_level", record.body_level, body_level),
        approving_body=(
            record.issuing_body
            if record.approving_body is None and approving_body is None
            else _agreed("approving_body", record.approving_body, approving_body)
        ),
        approval_document=record.approval_document,
        version=record.version,
        supersedes=record.supersedes,
        list_id=list_id,
        index=index,
    )


def _agreed(field: str, said: _Value | None, given: _Value | None) -> _Value:
    if said is not None and given is not None and said != given:
        raise FieldError("record.contradicted", field=field)
    value = given if said is None else said
    if value is None:
        raise FieldError("record.value_missing", field=field)
    return value


def _identity(record: Record, profile: Profile, opening: str | bytes | None) -> Identity | None:
    if profile is Profile.NONE:
        return None
    kind, number, nationality = record.id_kind, record.id_number, record.nationality
    if kind is None or number is None:
        raise FieldError("record.identity_needed", field="id_number", profile=profile.name.lower())
    if profile is Profile.FULL:
        return Identity(kind, number, None, nationality)
    if opening is None:
        raise FieldError("record.opening_needed", field="id_number")
    return Identity(
        kind, mask(kind, number), commit(opening, kind, number, nationality), nationality
    )
