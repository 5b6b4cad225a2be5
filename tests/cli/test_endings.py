"""How both commands end where something stops them: quietly, and never with a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import etitle
import etitle.cli.etitle as issuers
import etitle.cli.etitle_verify as command
from etitle.cli.terminal import Terminal

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and pipes")

START = (
    "import sys, etitle.cli.etitle_verify as command;"
    "from etitle.trust.anchors import Lists, Trust;"
    "command._load = lambda folder: (Trust(()), Lists());"
)
VERIFY = START + "sys.exit(command.main(sys.argv[1:]))"
ISSUE = "import sys; from etitle.cli.etitle import main; sys.exit(main(sys.argv[1:]))"
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": str(Path(etitle.__file__).parents[1]),
    "LC_ALL": "en_GB.UTF-8",
}


def start(program: str, *arguments: str, stdout: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-c", program, *arguments],
        stdin=subprocess.PIPE, stdout=stdout, stderr=subprocess.PIPE, env=ENVIRONMENT,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        (VERIFY, ("many.txt",)), (VERIFY, ("--json", "many.txt")), (VERIFY, ("--help",)),
        (VERIFY, ("trust", "--help")), (ISSUE, ("--help",)), (ISSUE, ("bundle", "new", "--help")),
    ],
)  # fmt: skip
def test_a_reader_that_has_gone_ends_it_quietly(
    program: str, arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("many.txt").write_text("https://example.com/\n" * 500, "utf-8")
    reading, writing = os.pipe()
    os.close(reading)
    with start(program, *arguments, stdout=writing) as child:
        os.close(writing)
        _, err = child.communicate(timeout=60)
    assert child.returncode == 141
    assert err == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full device")
@pytest.mark.parametrize(
    ("program", "arguments", "code"),
    [
        (VERIFY, ("https://example.com/",), 2), (VERIFY, ("--json", "https://example.com/"), 2),
        (VERIFY, ("--help",), 2), (VERIFY, ("trust", "--help"), 2), (ISSUE, ("--help",), 1),
    ],
)  # fmt: skip
def test_a_full_disk_is_told(program: str, arguments: tuple[str, ...], code: int) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    with start(program, *arguments, stdout=full) as child:
        os.close(full)
        _, err = child.communicate(timeout=60)
    assert child.returncode == code
    error, hint = err.decode().splitlines()
    assert "error[cli.output_failed]: " in error
    assert "No space left" in error
    assert hint.startswith("hint: ")


def test_a_full_disk_for_messages_is_no_traceback() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("a full device")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(  # noqa: S603  # our own program
            [sys.executable, "-c", VERIFY, "nothing-there"], stderr=full, check=False,
            capture_output=False, env=ENVIRONMENT,
        )  # fmt: skip
    assert done.returncode == command.EXIT_USAGE


def test_ctrl_c_ends_it_quietly() -> None:
    with start(VERIFY, "-") as child:  # waits for standard input
        time.sleep(1.5)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
    assert (child.returncode, out, err) == (130, b"", b"")


@pytest.mark.parametrize("kind", [RuntimeError, KeyError, RecursionError, MemoryError])
def test_a_fault_of_ours_is_no_verdict_and_shows_no_value(
    kind: type[Exception], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = "450099199001011234"

    def fail(terminal: Terminal, arguments: list[str]) -> int:
        raise kind(secret)

    monkeypatch.setattr(command, "_act", fail)
    monkeypatch.setattr(issuers, "_act", fail)
    assert command.main(["--lang", "en"]) == command.EXIT_USAGE
    assert issuers.main(["--lang", "en"]) == 1
    err = capsys.readouterr().err
    assert err.count(f"error[cli.unexpected]: internal error ({kind.__name__} at ") == 2
    assert secret not in err
    assert "Traceback" not in err
