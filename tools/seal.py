"""Makes the example seal of keys-example/ again: ``python -m tools.seal``."""

from __future__ import annotations

import sys

from tests.support.exampleseal import FOLDER, files


def main() -> int:
    """Write its files."""
    for name, data in files().items():
        (FOLDER / name).write_bytes(data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
