"""documents.json: documents as changes of a few bases, and the verdict on each."""

from __future__ import annotations

import base64
import re
from difflib import SequenceMatcher
from itertools import chain
from typing import Final

from tests.vectors.make import (
    archives,
    damages,
    dialects,
    elements,
    notations,
    outcomes,
    ranges,
    revisions,
    shapes,
    sheets,
    stamps,
    suites,
)
from tests.vectors.make.papers import maker
from tests.vectors.make.shop import Json, Shop, WrongVectorError, shows
from tests.vectors.make.tokens import expectation, holder_json, insist, required
from tests.vectors.make.worlds import AT, load_world

from etitle.verify.document import verify_document
from etitle.verify.question import DEFAULT_GRACE_S, Policy, Question

_NEAR: Final = 8
"""Bytes: changes that lie nearer to each other are written as one."""
_PARTS: Final = re.compile(rb".*?(?:30|\n|\Z)", re.DOTALL)
"""Lines, and in a hole what lies between SEQUENCEs: so an element more or less is a small edit."""


def documents_file(shop: Shop, trust_json: Json) -> Json:
    """The content of documents.json."""
    bases = (
        sheets.bases(shop)
        | archives.bases()
        | elements.bases()
        | suites.bases()
        | revisions.bases()
    )
    cases = chain(sheets.cases(bases), stamps.cases(), shapes.cases(), archives.cases(bases),
                  elements.cases(), dialects.cases(), suites.cases(bases),
                  ranges.cases(), damages.cases(bases), outcomes.cases(bases),
                  notations.cases(), revisions.cases(bases))  # fmt: skip
    return {
        "tsas": [maker("tsa").der.hex()],
        "bases": {name: base64.b64encode(pdf).decode() for name, pdf in bases.items()},
        "vectors": [_make(one, bases, trust_json) for one in cases],
    }


def _make(sheet: sheets.Sheet, bases: dict[str, bytes], trust_json: Json) -> Json:
    trust, lists = load_world(trust_json, sheet.world)
    tsas = frozenset({maker("tsa").der}) if sheet.tsas else frozenset[bytes]()
    policy = Policy(
        tsas=tsas, archival=sheet.archival, require=sheet.require, examples=sheet.examples
    )
    verdict = verify_document(
        sheet.pdf, Question(trust=trust, lists=lists, at=AT, policy=policy, holder=sheet.holder)
    )
    expected = expectation(verdict)
    insist(sheet.name, sheet.expects, expected)
    changes = edits(bases[sheet.base], sheet.pdf)
    if apply(bases[sheet.base], changes) != sheet.pdf:
        raise WrongVectorError(sheet.name, "its edits")
    return {
        "name": sheet.name,
        "shows": shows(sheet.zh, sheet.en),
        "base": sheet.base,
        "edits": changes,
        "world": sheet.world,
        "at": AT.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "grace_s": DEFAULT_GRACE_S,
        "examples": sheet.examples,
        "tsas": sheet.tsas,
        "archival": sheet.archival,
        "holder": None if sheet.holder is None else holder_json(sheet.holder),
        **required(sheet.require),
        "expected": expected,
    }


def apply(base: bytes, changes: list[Json]) -> bytes:
    """A base with its edits; offsets are those of the base."""
    out, at = b"", 0
    for one in changes:
        out += base[at : one["at"]] + base64.b64decode(one["insert"])
        at = one["at"] + one["remove"]
    return out + base[at:]


def edits(base: bytes, pdf: bytes) -> list[Json]:
    """What to change in a base, in ascending order."""
    old, new = (_PARTS.findall(text) for text in (base, pdf))
    found: list[Json] = []
    at = 0
    starts = [at, *(at := at + len(line) for line in old)]
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        before, after = b"".join(old[a:b]), b"".join(new[c:d])
        found += [_edit(starts[a] + place, *pair) for place, *pair in _runs(before, after)]
    return found


def _edit(at: int, old: bytes, new: bytes) -> Json:
    return {"at": at, "remove": len(old), "insert": base64.b64encode(new).decode()}


def _runs(old: bytes, new: bytes) -> list[tuple[int, bytes, bytes]]:
    """Where two texts of one length differ; else one change without the common ends."""
    if len(old) != len(new):
        head = next((n for n, (x, y) in enumerate(zip(old, new, strict=False)) if x != y),
                    min(len(old), len(new)))  # fmt: skip
        most = min(len(old), len(new)) - head
        tail = next((n for n in range(most) if old[-1 - n] != new[-1 - n]), most)
        return [(head, old[head : len(old) - tail], new[head : len(new) - tail])]
    spans: list[list[int]] = []
    for place in (n for n, (x, y) in enumerate(zip(old, new, strict=True)) if x != y):
        if spans and place - spans[-1][1] < _NEAR:
            spans[-1][1] = place + 1
        else:
            spans.append([place, place + 1])
    return [(first, old[first:last], new[first:last]) for first, last in spans]
