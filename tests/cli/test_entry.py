"""Ctrl-C at any time: exit code 130 and no traceback, also while the program is being loaded."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
from tests.support import exampleoffice

PROGRAM = """
import importlib.abc, os, signal, sys
from etitle.cli import entry
class Interrupt(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)
            for _ in range(10_000_000): pass
sys.meta_path.insert(0, Interrupt())
sys.argv = ["x", "--help"]
{setup}
sys.exit(entry.{command}())
"""


def run(command: str, module: str, setup: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", PROGRAM.format(command=command, module=module, setup=setup)],
        capture_output=True, text=True, check=False, cwd=exampleoffice.EXAMPLE.parent,
    )  # fmt: skip


@pytest.mark.parametrize("command", ["issuer", "verifier"])
@pytest.mark.parametrize("module", ["etitle.cli.terminal", "etitle.cli.program", "argparse"])
def test_an_interruption_while_loading_is_quiet(command: str, module: str) -> None:
    done = run(command, module)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.parametrize("command", ["issuer", "verifier"])
def test_who_ignores_it_goes_on(command: str) -> None:
    ignored = "signal.signal(signal.SIGINT, signal.SIG_IGN)"
    done = run(command, "etitle.cli.terminal", ignored)
    assert done.returncode == 0
    assert "usage" in done.stdout or "用法" in done.stdout


def test_an_interruption_between_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    from etitle.cli import entry, etitle  # noqa: PLC0415  # as the command has it

    def interrupt() -> int:
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        raise KeyboardInterrupt

    monkeypatch.setattr(etitle, "main", interrupt)
    before = signal.getsignal(signal.SIGINT)
    try:
        assert entry.issuer() == 130
        signal.signal(signal.SIGINT, before)
        monkeypatch.setattr(etitle, "main", lambda: 7)
        assert entry.issuer() == 7
    finally:
        signal.signal(signal.SIGINT, before)
