"""An issuer's folder, as the commands find it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.support import exampleoffice

from etitle.cli import ceremony


@pytest.fixture(autouse=True)
def answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who says yes to what is to be signed; ``test_ceremony`` holds that they must."""
    monkeypatch.setattr(ceremony, "ask", lambda *_: "yes")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder at hand, with the example authority in ``issuer/`` and nothing of the person's."""
    monkeypatch.chdir(tmp_path)
    for name in ("ETITLE_ISSUER", "ETITLE_TRUST", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    shutil.copytree(exampleoffice.EXAMPLE, "issuer")
    return tmp_path
