"""Makes tests/vectors/*.json: ``python -m tools.vectors``; with ``--check`` it only compares."""

from __future__ import annotations

import sys

from tests.vectors.make.build import build
from tests.vectors.make.shop import FOLDER


def main(arguments: list[str]) -> None:
    """Write or compare; stop with the names of the files that differ."""
    differing: list[str] = []
    for name, content in build().items():
        path = FOLDER / name
        if "--check" not in arguments:
            path.write_text(content, encoding="utf-8")
        elif not path.exists() or path.read_text("utf-8") != content:
            differing.append(name)
    if differing:
        sys.exit(f"tools/vectors.py: not as committed: {', '.join(differing)}")


if __name__ == "__main__":
    main(sys.argv[1:])
