"""Template and certificate -> every word of a page (docs/spec clause 9.6.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from etitle.certificate.model import Certificate, Source
from etitle.labels import page_label
from etitle.page.fields import field_values, label_of
from etitle.page.template import SLOT, SourceWords, Template

_NOTHING = SourceWords()


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one page.

    Attributes:
        subtitle: empty where there is none, as are the next two.
        corner: above the title.
        statement: between title and table.
        labels: by the names of the fields.
        values: by the names of the fields; what is absent has no row.
    """

    subtitle: str
    corner: str
    statement: str
    labels: Mapping[str, str]
    values: Mapping[str, str]


def word_page(
    template: Template, certificate: Certificate, *, url: str, work_unit: str | None
) -> Wording:
    """The words of a certificate's page.

    Args:
        template: texts and labels.
        certificate: what the token says.
        url: 证书网址 as it is printed.
        work_unit: 工作单位; printed where the template places it.
    """
    source = certificate.source.name.lower()
    own = dict(template.sources).get(source, _NOTHING)
    values = field_values(certificate, url, work_unit=work_unit)
    if own.word is not None:
        values["source"] = own.word
    labels = dict((*template.labels, *own.labels))
    placed = [field for field in template.layout.fields if values.get(field)]
    statement = template.statement if own.statement is None else own.statement
    filled = {**values, "review_body": certificate.review_body or ""}
    return Wording(
        subtitle=_filled(template.subtitle, filled),
        corner=_filled(template.corner, filled),
        statement=_filled(statement, filled),
        labels={field: labels.get(field) or label_of(field, certificate) for field in placed},
        values={field: values[field] for field in placed},
    )


def _filled(text: str, values: Mapping[str, str]) -> str:
    """A text with its fields; empty where the value of one is absent."""
    if not all(values.get(field) for field in SLOT.findall(text)):
        return ""
    return SLOT.sub(lambda slot: values[slot[1]], text)


def usual_words(template: Template) -> list[str]:
    """Words that nearly every page of a template has: labels, and texts without their fields."""
    said = [own for _, own in template.sources]
    texts = [template.title, template.subtitle, template.corner, template.statement, template.scan]
    texts += [own.statement or "" for own in said]
    words = [part for text in texts for part in SLOT.split(text)[::2] if part]
    words += [
        label for labels in (template.labels, *(own.labels for own in said)) for _, label in labels
    ]
    words += [
        page_label(field, source=int(Source.REVIEW), id_kind=1).zh
        for field in template.layout.fields
    ]
    return words
