"""Documents of every kind, made once by each worker, and judges who trust their roots."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

import pytest
from tests.support.documentkinds import Press
from tests.support.tsa import make_authority, serving
from tests.support.validators import Panel


@pytest.fixture(scope="session")
def press(tmp_path_factory: pytest.TempPathFactory) -> Generator[Press]:
    with serving(make_authority(tmp_path_factory.mktemp("tsa"))) as authority:
        yield Press(authority)


@pytest.fixture(scope="session")
def panels(press: Press, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Panel]:
    """Judges by the kind of key whose root they trust; OpenSSL takes one root of a name."""
    return {
        suite: Panel(tmp_path_factory.mktemp("panel"), (root,), (press.tsa.root,))
        for suite, root in press.roots.items()
    }


@pytest.fixture(scope="session")
def panel(panels: dict[str, Panel], tmp_path_factory: pytest.TempPathFactory) -> Panel:
    """Judges who trust the roots of every kind of key."""
    roots = tuple(root for one in panels.values() for root in one.roots)
    return replace(panels["p256"], folder=tmp_path_factory.mktemp("panel"), roots=roots)
