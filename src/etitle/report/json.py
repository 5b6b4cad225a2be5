"""Verdict -> one line of JSON (docs/spec clause 8.6)."""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING

from etitle.report.rows import as_json, authority_json, moment
from etitle.verdict import Authenticity

if TYPE_CHECKING:
    from etitle.verdict import Verdict


def as_line(
    verdict: Verdict,
    *,
    file: str,
    page: int | None = None,
    without_code: tuple[int, ...] = (),
    foreign: int = 0,
) -> str:
    """One JSON object, without a line end.

    Args:
        verdict: what was found.
        file: the input's name.
        page: the number of the page that showed the code, where the file has pages.
        without_code: the file's pages that showed no code of ours.
        foreign: how many codes of others its pages showed.
    """
    claimed = None if verdict.claimed is None else as_json(verdict.claimed, url=verdict.url)
    standing = verdict.standing
    believed = verdict.authenticity is Authenticity.AUTHENTIC
    return json.dumps(
        {
            "file": file,
            "page": page,
            "judged": verdict.judged,
            "pages_without_code": list(without_code),
            "foreign_codes": foreign,
            "summary": verdict.summary,
            "authenticity": verdict.authenticity,
            "standing": standing.state,
            "since": None if standing.since is None else standing.since.isoformat(),
            "successor": standing.successor,
            "as_of": {
                "authenticity": _rfc3339(verdict.at_s),
                "standing": None if standing.as_of_s is None else _rfc3339(standing.as_of_s),
            },
            "list_age_s": verdict.list_age_s,
            "authority": authority_json(verdict.authority),
            "example": verdict.example,
            "certificate": claimed if believed else None,
            "claimed": claimed,
            "checks": [
                {"id": c.id, "outcome": c.outcome, "reason": c.reason, "detail": c.detail}
                for c in verdict.checks
            ],
        },
        ensure_ascii=False,
    )


def _rfc3339(at_s: int) -> str:
    # strftime would write the year 999 with three digits.
    return moment(at_s, datetime.UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
