"""What a hostile authority may publish: many lists of great coverage, many large bundles."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

from tests.support import drawnkeys
from tests.support.publisher import DAY_S, NOW_S, OTHER, roots_of

from etitle import canon, cose
from etitle.certificate.model import BodyLevel
from etitle.keys.suite import ES256
from etitle.trust.bundle import ListEntry, Segment
from etitle.trust.roots import sign_bundle
from etitle.trust.statuslist import LIST_TYP

COVERAGE = 1 << 27
ENTRIES = tuple(ListEntry(n, 0, 1, "u") for n in range(1, 13))


def great_lists(count: int = 12, coverage: int = COVERAGE) -> Iterator[tuple[str, bytes]]:
    """Lists of the greatest coverage, 33 KB each: nothing in them is revoked."""
    zeros = bytes((coverage + 3) // 4)
    bits = zlib.compress(zeros, 9)
    for list_id in range(1, count + 1):
        head = canon.encode((list_id, 0, coverage))
        claims = {
            2: "u", 4: NOW_S + DAY_S, 6: NOW_S - 60, 65533: {"bits": 2, "lst": bits}, 65534: DAY_S,
            -70001: {
                1: "other", 2: list_id, 3: 0, 4: 1, 5: coverage, 6: None,
                7: sha256(head + zeros + b"\x80").digest(),
                8: zlib.compress(b""), 9: zlib.compress(b"\x80"),
            },
        }  # fmt: skip
        data = cose.sign1(canon.encode(claims), signer=OTHER.seal, typ=LIST_TYP).to_bytes()
        yield f"lists/{list_id}.cwt", data


def great_bundles(count: int = 20, segments: int = 9000) -> Iterator[tuple[str, bytes]]:
    """Large bundles, each with new roots, so that every one of them must be kept."""
    roots, before = OTHER.roots, OTHER.roots
    crowd = tuple(
        Segment(
            f"4{n:07}", 10, 0, 9, "样例市职称改革工作领导小组办公室", BodyLevel.CITY, 18262, None, n
        )
        for n in range(segments)
    )
    for version in range(2, count + 2):
        before, roots = roots, [drawnkeys.signer(ES256) for _ in range(2)]
        made = replace(OTHER.make(version), roots=roots_of(roots), segments=crowd, lists=ENTRIES)
        yield (
            f"bundles/{version:04}.cose",
            sign_bundle(made, signers=[*before[:2], *roots]),
        )
