"""``make release``: the files of a release, built twice and compared, into ``build/release``.

What is built is the commit: the tree must be clean.  The two copies are built in folders of
different names, with different time zones, file modes and hash seeds; whoever has the commit and
the lock gets the same bytes (docs/howto/release.md).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

from tools.package import Built, build
from tools.sbom import make_sbom

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "build" / "release"

_COPIES = (
    ("first", 0o022, {"TZ": "UTC", "PYTHONHASHSEED": "1", "LC_ALL": "C"}),
    ("a-second-copy", 0o077, {"TZ": "Asia/Shanghai", "PYTHONHASHSEED": "2", "LC_ALL": "C.UTF-8"}),
)
"""Folder, umask and environment of each build: what must not show in the result."""


class ReleaseError(Exception):
    """Why there is no release, in words."""


def git(*arguments: str, tree: Path) -> str:
    """What git answers, without the line's end."""
    command = ["git", *arguments]
    run = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=True)  # noqa: S603  # our own
    return run.stdout.rstrip("\n")


def demand_clean(tree: Path) -> None:
    """Refuse a tree that differs from its commit.

    Raises:
        ReleaseError: with the files that differ.
    """
    changed = git("status", "--porcelain", tree=tree)
    if changed:
        message = f"the tree differs from its commit; commit or remove:\n{changed}"
        raise ReleaseError(message)


def copy_commit(tree: Path, commit: str, target: Path, *, umask: int) -> None:
    """Unpack a commit, and nothing beside it, into a new folder."""
    target.mkdir(parents=True)
    git("archive", f"--output={target}.tar", commit, tree=tree)
    unpack = ["tar", "-xf", f"{target}.tar"]
    subprocess.run(unpack, cwd=target, umask=umask, check=True)  # noqa: S603  # our own


def compare(first: dict[str, bytes], second: dict[str, bytes]) -> None:
    """Refuse two builds of one commit that differ.

    Raises:
        ReleaseError: with the names of the files that differ.
    """
    differing = [name for name in sorted({*first, *second}) if first.get(name) != second.get(name)]
    if differing:
        message = f"two builds of one commit differ: {', '.join(differing)}"
        raise ReleaseError(message)


def make_release(tree: Path, target: Path) -> list[Path]:
    """Build the commit of a tree twice and write the files into a folder made anew.

    Raises:
        ReleaseError: where the tree is not clean or the builds differ; nothing is written then.
    """
    demand_clean(tree)
    commit = git("rev-parse", "HEAD", tree=tree)
    epoch_s = int(git("log", "-1", "--format=%ct", commit, tree=tree))
    with tempfile.TemporaryDirectory() as work:
        builds = []
        for name, umask, settings in _COPIES:
            copy, out = Path(work, name, "tree"), Path(work, name, "out")
            copy_commit(tree, commit, copy, umask=umask)
            built = build(copy, out, epoch_s=epoch_s, settings=settings)
            builds.append(_contents(built, copy, commit=commit, epoch_s=epoch_s))
    compare(*builds)
    return _write(builds[0], target)


def _contents(built: Built, copy: Path, *, commit: str, epoch_s: int) -> dict[str, bytes]:
    """Each file of a release by its name."""
    artefacts = (built.sdist, built.wheel)
    contents = {path.name: path.read_bytes() for path in artefacts}
    sbom = make_sbom(copy, artefacts, commit=commit, epoch_s=epoch_s)
    contents[built.sdist.name.removesuffix(".tar.gz") + ".cdx.json"] = sbom
    sums = [
        f"{sha256(content).hexdigest()}  {name}\n" for name, content in sorted(contents.items())
    ]
    contents["SHA256SUMS"] = "".join(sums).encode()
    return contents


def _write(contents: dict[str, bytes], target: Path) -> list[Path]:
    """Write everything into a new folder and put it in the old one's place."""
    fresh = target.with_name(target.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for name, content in contents.items():
        (fresh / name).write_bytes(content)
    shutil.rmtree(target, ignore_errors=True)
    os.replace(fresh, target)  # noqa: PTH105  # one step
    return sorted(target.iterdir())


def main() -> int:
    """Make the release of this tree and say where it is."""
    try:
        files = make_release(ROOT, TARGET)
    except ReleaseError as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    print(f"two builds of {git('rev-parse', 'HEAD', tree=ROOT)} are the same, byte for byte:")
    for path in files:
        print(f"  {path.relative_to(ROOT)}  {path.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
