"""The source distribution of a tree, and the wheel built from it: same tree, same bytes."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path


class BuildError(Exception):
    """What the backend said when it failed."""


@dataclass(frozen=True, slots=True)
class Built:
    """What an installer takes.

    Attributes:
        sdist: the source distribution.
        wheel: the wheel, built from what the source distribution unpacks to.
        unpacked: the folder that the source distribution unpacked to.
    """

    sdist: Path
    wheel: Path
    unpacked: Path


def build(tree: Path, work: Path, *, epoch_s: int, settings: dict[str, str] | None = None) -> Built:
    """Build with the locked backend of this environment; nothing is fetched.

    Args:
        tree: the folder with ``pyproject.toml``.
        work: an empty folder, for the results and for what lies between.
        epoch_s: the one time that is written into the files, seconds since 1970 UTC.
        settings: environment variables beside those of the caller.

    Raises:
        BuildError: where the backend fails.
    """
    environment = {**os.environ, **(settings or {}), "SOURCE_DATE_EPOCH": str(epoch_s)}

    def make(kind: str, source: Path) -> Path:
        folder = work / kind
        command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder)]
        run = subprocess.run(  # noqa: S603  # our own
            command, cwd=source, env=environment, capture_output=True, text=True, check=False
        )
        if run.returncode != 0:
            raise BuildError(run.stderr)
        (result,) = folder.iterdir()
        return result

    sdist = make("sdist", tree)
    with tarfile.open(sdist) as archive:
        archive.extractall(work / "unpacked", filter="data")
    (unpacked,) = (work / "unpacked").iterdir()
    return Built(sdist, make("wheel", unpacked), unpacked)
