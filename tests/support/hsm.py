"""A SoftHSM2 of the test run's own: one folder of tokens, made with softhsm2-util."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import pytest

PIN: Final = b"4711-sample"
SO_PIN: Final = "0815-sample"

MODULES: Final = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
)


@dataclass(frozen=True)
class Hsm:
    """Where the module is and how its keys are called."""

    module: str

    def token(self, label: str, *, pin: bytes = PIN) -> str:
        """Make a token."""
        subprocess.run(  # noqa: S603  # arguments of tests
            [shutil.which("softhsm2-util") or "", "--init-token", "--free", "--label", label,
             "--pin", pin.decode(), "--so-pin", SO_PIN],
            check=True, capture_output=True,
        )  # fmt: skip
        return label

    def uri(self, token: str, key: str) -> str:
        path = f"token={quote(token)};object={quote(key)};type=private"
        return f"pkcs11:{path}?module-path={self.module}"


def make_hsm(folder: Path) -> Hsm:
    """Point SoftHSM2 at a folder; without SoftHSM2, skip (in CI that is a failure)."""
    module = next((path for path in MODULES if Path(path).exists()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        pytest.skip("SoftHSM2 is not installed: apt-get install softhsm2")
    (folder / "tokens").mkdir()
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\n")
    # The module reads it when it is first loaded, and the whole process shares the module.
    os.environ["SOFTHSM2_CONF"] = str(settings)
    return Hsm(module)
