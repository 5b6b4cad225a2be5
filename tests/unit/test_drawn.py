"""What property tests draw is the same in every run, so that what they find they find each time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from hypothesis import settings
from tests.support import drawnkeys
from tests.support.x509 import Maker

SHOWN = """
from tests.support.x509 import Maker
made = Maker.root("样例根").ca("样例", kind="ed25519").leaf("样例", timestamps=True)
print(made.der.hex())
"""


def test_examples_are_drawn_alike_in_every_run_and_are_at_least_200() -> None:
    by_chance = os.environ.get("HYPOTHESIS_SEARCH") == "1"
    assert settings().derandomize != by_chance
    assert settings().max_examples >= 200


def test_keys_and_certificates_are_the_same_in_every_process() -> None:
    root = Path(__file__).parents[2]
    path = os.pathsep.join((str(root / "src"), str(root)))
    runs = {
        subprocess.run(  # noqa: S603  # our own
            [sys.executable, "-c", SHOWN], env={"PYTHONPATH": path, "PYTHONHASHSEED": seed},
            capture_output=True, check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(runs) == 1


def test_each_key_of_a_file_is_another() -> None:
    assert len({drawnkeys.octets() for _ in range(9)}) == 9
    assert len({Maker.root("样例").der for _ in range(3)}) == 3
