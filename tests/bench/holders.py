"""What it costs to make a commitment, to confirm and refute a holder, and to search a number."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Sequence

from tests.bench.measure import Row, per_item_us, row

from etitle.certificate.commitment import PEPPERS, commit, matches
from etitle.certificate.identity import DocumentKind, Identity, check_digit, mask

CANDIDATES = 426_555
"""Numbers behind one mask of Guangxi: the divisions of the table, days of birth, sequences."""

_KIND = DocumentKind.CN_RESIDENT
_FIRST17 = "45009919900101123"
_NUMBER = _FIRST17 + check_digit(_FIRST17)
_STRANGER = "450099196003011235"
_OPENING = bytes(range(10))
_HOUR_S = 3600


def rows() -> list[Row]:
    """Every figure of this module; trials of 9 peppers stand for all 128."""
    peppers = range(PEPPERS // 18, PEPPERS, PEPPERS // 9)
    hidden = [
        Identity(_KIND, mask(_KIND, _NUMBER), commit(_OPENING, _KIND, _NUMBER, pepper=pepper))
        for pepper in peppers
    ]
    make_us = per_item_us(lambda pepper: commit(_OPENING, _KIND, _NUMBER, pepper=pepper), peppers)
    confirm_ms, confirm_cpu_ms = _mean_ms(lambda one: matches(one, _OPENING, _NUMBER), hidden)
    refute_ms, refute_cpu_ms = _mean_ms(lambda one: matches(one, _OPENING, _STRANGER), hidden)
    trial_s = make_us / 1e6
    return [
        row("commitment: make one, CPU", make_us / 1000, "ms"),
        row(f"holder: confirm, {os.cpu_count()} processors, mean", confirm_ms, "ms"),
        row("holder: confirm, CPU, mean", confirm_cpu_ms, "ms"),
        row(f"holder: refute, {os.cpu_count()} processors, mean", refute_ms, "ms"),
        row("holder: refute, CPU, mean", refute_cpu_ms, "ms"),
        row("holder: number that does not fit the mask, CPU", _plain_ms(hidden), "ms"),
        row(
            "search of a number, mask and opening known, mean",
            CANDIDATES * PEPPERS / 2 * trial_s / _HOUR_S,
            "core-h",
        ),
        row(
            "search of a number, mask and opening known, all",
            CANDIDATES * PEPPERS * trial_s / _HOUR_S,
            "core-h",
        ),
    ]


def _plain_ms(hidden: Sequence[Identity]) -> float:
    return per_item_us(lambda one: matches(one, _OPENING, "11010519491231002X"), hidden) / 1000


def _mean_ms(work: Callable[[Identity], object], items: Sequence[Identity]) -> tuple[float, float]:
    """Mean time and processor time of one call, the best of three passes."""
    passes = []
    for _ in range(3):
        spent = []
        for item in items:
            wall, cpu = time.perf_counter(), time.process_time()
            work(item)
            spent.append((time.perf_counter() - wall, time.process_time() - cpu))
        passes.append(tuple(statistics.mean(one) * 1000 for one in zip(*spent, strict=True)))
    wall_ms, cpu_ms = min(passes)
    return wall_ms, cpu_ms
