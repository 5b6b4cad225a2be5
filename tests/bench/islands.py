"""Another authority's folder: what it costs the first one's verdicts."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.measure import Row, row
from tests.support.authority import make_world
from tests.support.islands import ENTRIES, great_bundles, great_lists
from tests.support.population import certificates
from tests.support.publisher import NOW_S, OTHER, when

from etitle.store.local import AlarmError, Store
from etitle.trust.bundle import fingerprint
from etitle.trust.roots import sign_bundle
from etitle.trust.statuslist import sign_list

_TRIES = 5


def rows() -> list[Row]:
    """One verification with and without a hostile neighbour, and the neighbour's own update."""
    world = make_world(certificates(1), coverage=1_000_000)
    code = world.code(certificates(1)[0])
    bundle = sign_bundle(world.bundle, signers=world.roots[:2])
    status_list = sign_list(world.status_list, signer=world.list_signer)
    at_s = world.status_list.issued_s + 60
    with TemporaryDirectory() as folder:
        alone, beside = Path(folder) / "alone", Path(folder) / "beside"
        for path in (alone, beside):
            made = Store.init(path, bundle, pin=fingerprint(world.bundle.roots), at=when(NOW_S))
            made.update([("list", status_list)], at=when(at_s))
        Store.init(beside, OTHER.bundle(1, lists=ENTRIES), pin=OTHER.pin, at=when(at_s))
        bundles = list(great_bundles())
        start = time.perf_counter()
        Store(beside).update(bundles, at=when(at_s))
        taken_s = time.perf_counter() - start
        with suppress(AlarmError):  # beyond the budget of one authority
            Store(beside).update(list(great_lists()), at=when(at_s))
        pairs = [
            (_verify_ms(alone, code, at_s), _verify_ms(beside, code, at_s)) for _ in range(_TRIES)
        ]
        quiet, noisy = (min(times) for times in zip(*pairs, strict=True))
    return [
        row("etitle-verify beside 12 great lists and 20 great bundles, against alone",
            noisy, "ms", quiet),
        row("update: 20 bundles of 0.9 MB, each with new roots", taken_s * 1000, "ms"),
    ]  # fmt: skip


def _verify_ms(store: Path, code: str, at_s: int) -> float:
    words = ["-m", "etitle.cli.etitle_verify", code, "--trust", str(store), "--at", str(when(at_s))]
    start = time.perf_counter()
    subprocess.run([sys.executable, *words], capture_output=True, check=False)  # noqa: S603
    return (time.perf_counter() - start) * 1000
