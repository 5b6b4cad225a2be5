"""Number segments that share numbers on the same days (docs/spec clause 5.7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from etitle.trust.published import Segment


class Span(NamedTuple):
    """The numbers of a segment of positive width.

    Numbers of two segments can be the same only if they begin with the same text, the prefix
    without its last digits, and have as many digits after it; then the digits are one number.
    """

    stem: str
    digits: int
    first: int
    last: int


def overlaps(segments: Sequence[Segment]) -> Iterator[tuple[Segment, Segment]]:
    """Pairs of segments that share a number and a day.

    Segments of width 0 are compared with each other alone: what fits one of positive width is
    none of theirs.
    """
    for one, other in (*_of_width(segments), *_without_width(segments)):
        if share_a_day(segments[one], segments[other]):
            yield segments[one], segments[other]


def _of_width(segments: Sequence[Segment]) -> Iterator[tuple[int, int]]:
    open_spans: list[tuple[Span, int]] = []
    for span, at in sorted((span_of(each), at) for at, each in enumerate(segments) if each.width):
        open_spans = [
            each
            for each in open_spans
            if (each[0].stem, each[0].digits) == (span.stem, span.digits)
            and each[0].last >= span.first
        ]
        yield from ((other, at) for _, other in open_spans)
        open_spans.append((span, at))


def span_of(segment: Segment) -> Span:
    """The numbers of a segment of positive width."""
    stem = segment.prefix.rstrip("0123456789")
    before = segment.prefix[len(stem) :]
    start = int(before or "0") * 10**segment.width
    digits = len(before) + segment.width
    return Span(stem, digits, start + segment.first, start + segment.last)


def _without_width(segments: Sequence[Segment]) -> Iterator[tuple[int, int]]:
    open_prefixes: list[tuple[str, int]] = []
    for item in sorted((each.prefix, at) for at, each in enumerate(segments) if not each.width):
        open_prefixes = [each for each in open_prefixes if item[0].startswith(each[0])]
        yield from ((each[1], item[1]) for each in open_prefixes)
        open_prefixes.append(item)


def share_a_day(one: Segment, other: Segment) -> bool:
    """Whether both are open on some day."""
    return all(
        last is None or first <= last
        for first, last in (
            (one.not_before, other.not_after),
            (other.not_before, one.not_after),
        )
    )
