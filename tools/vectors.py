"""Makes tests/vectors/*.json, and docs/spec/examples.md of them: ``python -m tools.vectors``.

With ``--check`` it only compares.
"""

from __future__ import annotations

import sys

from tests.vectors.make.build import build
from tests.vectors.make.shop import FOLDER
from tools.examples import PAGE, page


def main(arguments: list[str]) -> None:
    """Write or compare; stop with the names of the files that differ."""
    differing: list[str] = []
    for name, content in build().items():
        path = FOLDER / name
        if "--check" not in arguments:
            path.write_text(content, encoding="utf-8")
        elif not path.exists() or path.read_text("utf-8") != content:
            differing.append(name)
    content = page()  # of the files as they are now
    if "--check" not in arguments:
        PAGE.write_text(content, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text("utf-8") != content:
        differing.append(PAGE.name)
    if differing:
        sys.exit(f"tools/vectors.py: not as committed: {', '.join(differing)}")


if __name__ == "__main__":
    main(sys.argv[1:])
