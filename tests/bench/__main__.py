"""``python -m tests.bench``: measure, print each figure with its ratio, write build/bench.json."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.bench import (
    documents,
    holders,
    islands,
    lists,
    pictures,
    rivals,
    signatures,
    suites,
    tables,
    tokens,
)
from tests.bench.measure import Row
from tests.bench.tokens import BASE
from tests.support.authority import make_world
from tests.support.population import certificates

TARGET = Path("build/bench.json")


def main() -> int:
    """Run every benchmark; a figure is a ratio of two things measured in the same run."""
    population = certificates(20)
    world = make_world(population)
    measured: list[Row] = tokens.rows()
    measured += rivals.rows(certificates(200), make_world(certificates(200)), base=BASE)
    measured += holders.rows()
    measured += lists.rows()
    measured += islands.rows()
    measured += signatures.rows()
    measured += suites.rows()
    measured += documents.rows()
    measured += tables.rows()
    measured += pictures.rows([world.code(one) for one in population])
    for name, value, unit, floor, ratio in measured:
        against = "" if ratio is None else f"  floor {floor or 0:12,.3f}  ratio {ratio:8.3f}"
        sys.stdout.write(f"{name:68} {value:14,.3f} {unit:8}{against}\n")
    TARGET.parent.mkdir(exist_ok=True)
    keys = ("name", "value", "unit", "floor", "ratio")
    TARGET.write_text(
        json.dumps([dict(zip(keys, one, strict=True)) for one in measured], indent=1) + "\n",
        "utf-8",
    )
    sys.stdout.write(f"written to {TARGET}, base {BASE}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
