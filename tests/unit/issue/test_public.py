"""Every public name of ``etitle.issue`` is there, and nothing else."""

from __future__ import annotations

import subprocess
import sys

import pytest

from etitle import issue


def test_every_public_name_is_there() -> None:
    assert [name for name in issue.__all__ if getattr(issue, name, None) is None] == []
    assert dir(issue) == sorted(issue.__all__)
    with pytest.raises(AttributeError):
        getattr(issue, "nothing")  # noqa: B009  # type checkers refuse the plain access


def test_names_are_loaded_when_they_are_used() -> None:
    code = (
        "import sys, etitle.issue; print('etitle.page' in sys.modules, 'pydantic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)  # noqa: S603  # ours
    assert done.stdout.split() == ["False", "False"]
