"""``make wheel``: what an installer gets is installed and tested, on each Python that is there.

The source distribution is built from this tree and the wheel from what it unpacks to.  For each
version that ``pyproject.toml`` names and this machine has, a new environment outside the tree gets
the locked packages and the wheel, and tests of the unpacked distribution run in it without its
``src``: twice, as a verifier installs etitle, then with every extra.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.package import Built, build

ROOT = Path(__file__).resolve().parent.parent

_VECTORS = "tests/vectors/test_vectors.py"
_FOREIGN = tuple(
    f"{_VECTORS}::test_{name}"
    for name in (
        "a_document_has_its_verdict",
        "every_file_is_rebuilt_byte_for_byte",
        "compressed_bytes_of_before_are_kept_whatever_the_compressor",
    )
)
"""They judge documents of foreign shapes too, which needs the extra `foreign`."""

_VERIFIER = (
    _VECTORS,
    *(f"--deselect={test}" for test in _FOREIGN),
    *(
        f"tests/unit/{room}"
        for room in (
            "test_canon.py", "test_cose.py", "test_errors.py", "test_messages.py",
            "test_public_names.py", "test_verdict.py",
            "keys", "report", "store", "token", "trust", "verify/test_file.py",
            "verify/test_token.py",
        )
    ),
    # These hold ours against packages that tests alone have, or need an extra.
    *(
        f"--ignore=tests/unit/{file}.py"
        for file in (
            "keys/test_pkcs11", "keys/test_seal", "token/test_draw", "token/test_jpeg",
            "token/test_levels", "token/test_pdfium", "token/test_read", "trust/test_statuslist",
        )
    ),
)  # fmt: skip
"""What must pass with the packages of ``requirements/verify.txt`` alone."""

_EVERYTHING = (*_FOREIGN, "tests/unit/verify/test_document.py", "tests/cli")
"""What must pass with every extra besides."""

_STEP_S = 600
"""Seconds that one command may take."""


class StepError(Exception):
    """A command that failed, with what it said."""


def versions() -> tuple[str, ...]:
    """The versions of Python that the project says it runs on.

    >>> versions()[0]
    '3.11'
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    kind = "Programming Language :: Python :: "
    return tuple(each.removeprefix(kind) for each in project["classifiers"] if kind in each)


def _candidates(version: str) -> Iterator[Path]:
    """Where an interpreter may be: this one, on the path, or one of pyenv's."""
    yield Path(sys.executable)
    for folder in os.get_exec_path():
        yield Path(folder, f"python{version}")
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from sorted(pyenv.glob(f"versions/{version}.*/bin/python{version}"), reverse=True)


def find_interpreter(version: str) -> Path | None:
    """An interpreter of a version that really runs; None where there is none.

    A name on the path is not enough: it may be a shim whose version is not chosen.
    """
    asked = "import sys, venv; print('%d.%d' % sys.version_info[:2], sys.base_prefix)"
    for path in _candidates(version):
        try:
            run = subprocess.run(  # noqa: S603  # named by the caller's own path
                [path, "-I", "-c", asked], capture_output=True, text=True, timeout=30, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        found, _, prefix = run.stdout.strip().partition(" ")
        if run.returncode == 0 and found == version:
            real = Path(prefix, "bin", f"python{version}")
            return real if real.exists() else path
    return None


def _run(*command: str | Path, cwd: Path) -> str:
    """What a command prints.

    Raises:
        StepError: where it fails.
    """
    # Nothing of this environment or of the tree may reach the one that is tested.
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    clean["PYTHONDONTWRITEBYTECODE"] = "1"
    clean.pop("VIRTUAL_ENV", None)
    run = subprocess.run(  # noqa: S603  # our own
        command, cwd=cwd, env=clean, timeout=_STEP_S, check=False,
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    if run.returncode != 0:
        words = " ".join(map(str, command))
        message = f"{words}\n{run.stdout}"
        raise StepError(message)
    return run.stdout


def check_installed(interpreter: Path, wheel: Path, tests: Path, work: Path) -> str:
    """Install a wheel into a new environment and run the tests that stand beside it.

    Args:
        interpreter: which Python.
        wheel: the wheel.
        tests: the folder with ``tests``, ``tools`` and ``requirements``, but no ``src``.
        work: a folder of its own for this interpreter.

    Returns:
        One line on what passed.

    Raises:
        StepError: where anything fails.
    """
    start = time.monotonic()
    environment = work / "environment"
    _run(interpreter, "-m", "venv", "--without-pip", environment, cwd=work)
    python = environment / "bin" / "python"

    def install(*wanted: str | Path) -> None:
        pip = (sys.executable, "-m", "pip", "--python", python, "--quiet", "--no-input", "install")
        _run(*pip, "--disable-pip-version-check", *wanted, cwd=tests)

    def locked(*names: str) -> list[str]:
        return ["--require-hashes", *(f"-rrequirements/{name}.txt" for name in names)]

    def test(*chosen: str) -> str:
        pytest = (python, "-m", "pytest", "-q", "-p", "no:cacheprovider")
        return _run(*pytest, *chosen, cwd=tests).strip().rpartition("\n")[2]

    install(*locked("verify", "runner"))
    install("--no-deps", "--no-index", wheel)
    home = _run(python, "-c", "import etitle; print(etitle.__file__)", cwd=tests)
    if not Path(home).is_relative_to(environment):
        message = f"not the installed package: {home}"
        raise StepError(message)
    _run(environment / "bin" / "etitle-verify", "--help", cwd=work)
    verifier = test(*_VERIFIER)
    install(*locked("verify", "runner", "extras"))
    everything = test(*_EVERYTHING)
    return f"verifier {verifier}; with every extra {everything}; {time.monotonic() - start:.0f} s"


def _check(version: str, built: Built, work: Path) -> tuple[bool, str]:
    """Whether a version is as it should be or is not there, and the line to print."""
    interpreter = find_interpreter(version)
    if interpreter is None:
        return True, f"Python {version}: not on this machine, not tested"
    own = work / version
    # Tests write beside themselves at most what they remove; each interpreter has its own copy.
    shutil.copytree(built.unpacked, own / "tests", ignore=shutil.ignore_patterns("src"))
    try:
        passed = check_installed(interpreter, built.wheel, own / "tests", own)
    except (StepError, subprocess.TimeoutExpired) as error:
        return False, f"Python {version} ({interpreter}): FAILED\n{error}"
    return True, f"Python {version}: {passed}"


def main() -> int:
    """Build, install and test; print one line for each version of Python."""
    with tempfile.TemporaryDirectory(prefix="etitle-wheel-") as folder:
        work = Path(folder)
        built = build(ROOT, work / "built", epoch_s=int(time.time()))
        print(f"{built.wheel.name}, built from {built.sdist.name}", flush=True)
        good = True
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for passed, line in pool.map(lambda each: _check(each, built, work), versions()):
                print(line, flush=True)
                good = good and passed
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
