"""``etitle-verify``: whose certificate it must be, by whose time (docs/spec clauses 2.5, 9.8)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.authority import AT_S
from tests.support.forge import NUMBER, OPENING, OPENING_TEXT, LocalTsa, masked, office, stamped
from tests.support.population import certificates
from tests.support.x509 import Maker

import etitle.cli.etitle_verify as command
from etitle.certificate.commitment import format_opening
from etitle.certificate.dates import DAY_S
from etitle.certificate.identity import check_digit
from etitle.pades.augment import augment
from etitle.pades.dss import ValidationData
from etitle.token.draw import draw_png
from etitle.trust.bundle import KeyState

OURS = office(masked(certificates(1)[0]))
TSA = Maker.root("样例时间戳根").leaf("样例时间戳", timestamps=True)
SINCE_S = AT_S - 9 * DAY_S
LATER = OURS.with_seal(history=((KeyState.ACTIVE, 1_577_836_800), (KeyState.COMPROMISED, SINCE_S)))
STAMPED = OURS.pdf.make(replace(OURS.cms, stamp=stamped(TSA, SINCE_S - DAY_S)))
OTHER = NUMBER[:-4] + "999" + check_digit(NUMBER[:-4] + "999")
FITS = next(
    first + NUMBER[-1]
    for first in (
        f"4500991990{month:02}{day:02}123" for month in range(2, 9) for day in range(1, 28)
    )
    if check_digit(first) == NUMBER[-1]
)
"""Fits the mask, and is somebody else's."""
AT = "2026-11-20T12:00:00"


@pytest.fixture(autouse=True)
def _world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(command, "_load", lambda folder: (OURS.world.trust, OURS.world.lists))
    monkeypatch.chdir(tmp_path)
    Path("a.pdf").write_bytes(OURS.document())
    Path("a.png").write_bytes(draw_png(OURS.world.code(OURS.certificate)))
    Path("number").write_text(f"{NUMBER}\nsecond line\n", "utf-8")
    Path("tsa.pem").write_bytes(TSA.pem)


Run = Callable[..., tuple[int, dict[str, str]]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command; its exit code, and outcome and reason of each check of the one input."""

    def run(*arguments: str) -> tuple[int, dict[str, str]]:
        code = command.main(["--examples", "--at", AT, "--json", "--lang", "en", *arguments])
        captured = capsys.readouterr()
        for number in (NUMBER, OTHER, FITS):
            assert number not in captured.out + captured.err
        (line,) = captured.out.splitlines()
        checks = json.loads(line)["checks"]
        return code, {one["id"]: f"{one['outcome']} {one['reason']}" for one in checks}

    return run


def refused(*arguments: str) -> None:
    assert command.main(["--at", AT, *arguments]) == command.EXIT_USAGE


@pytest.mark.parametrize("given", [NUMBER, "@number", NUMBER.lower(), f" {NUMBER} "])
def test_a_document_matches_its_holder_by_its_own_opening(run: Run, given: str) -> None:
    code, checks = run("--id", given, "a.pdf")
    assert (code, checks["holder"]) == (command.EXIT_VALID, "pass ok")


@pytest.mark.parametrize("other", [OTHER, FITS])
def test_another_number_is_not_the_holders(run: Run, other: str) -> None:
    code, checks = run("--id", other, "a.pdf")
    assert (code, checks["holder"]) == (command.EXIT_INVALID, "fail holder_mismatch")


@pytest.mark.parametrize("other", ["x", "0" * 300])
def test_what_is_no_number_accuses_nobody(run: Run, other: str) -> None:
    code, checks = run("--id", other, "a.pdf")
    assert (code, checks["holder"]) == (command.EXIT_INDETERMINATE, "unknown number_malformed")


def test_a_code_alone_can_only_fit_the_mask(run: Run) -> None:
    for number in (NUMBER, FITS):
        code, checks = run("--id", number, "a.png")
        assert (code, checks["holder"]) == (command.EXIT_INDETERMINATE, "unknown fits_mask")
    assert run("--id", OTHER, "a.png")[0] == command.EXIT_INVALID


@pytest.mark.parametrize("opening", [OPENING_TEXT, format_opening(OPENING), OPENING_TEXT.lower()])
def test_a_code_with_the_opening_matches_exactly(run: Run, opening: str) -> None:
    for source in ("a.png", OURS.world.code(OURS.certificate)):
        code, checks = run("--id", NUMBER, "--opening", opening, source)
        assert (code, checks["holder"]) == (command.EXIT_VALID, "pass ok")
        assert run("--id", FITS, "--opening", opening, source)[0] == command.EXIT_INVALID


def test_without_a_number_no_holder_is_asked_about(run: Run) -> None:
    assert "holder" not in run("a.pdf")[1]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--opening", OPENING_TEXT, "a.png"), ("--nationality", "USA", "a.png"),
        ("--id", "", "a.pdf"), ("--id", "@nowhere", "a.pdf"), ("--id", "@a.png", "a.pdf"),
        ("--id", NUMBER, "--opening", "000", "a.png"), ("--id", NUMBER, "--opening", "", "a.png"),
        ("--id", NUMBER, "--opening", OPENING_TEXT[:-1] + "0", "a.png"),
        ("--id", NUMBER, "--nationality", "us", "a.png"), ("--tsa", "nowhere", "a.pdf"),
        ("--tsa", "a.pdf", "a.pdf"), ("--id", "ask", "a.pdf"), ("--id",),
    ],
    ids=lambda arguments: " ".join(arguments).replace(NUMBER, "NUMBER"),
)  # fmt: skip
def test_what_does_not_go_together_is_usage(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    refused(*arguments)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err
    assert NUMBER not in captured.err


def test_a_number_asked_for_is_typed_unseen() -> None:
    code = (
        "import pathlib, sys; from tests.cli.test_demand import command, OURS;"
        "pathlib.Path('a.pdf').write_bytes(OURS.document());"
        "command._load = lambda folder: (OURS.world.trust, OURS.world.lists);"
        "asked = ['--examples', '--id', 'ask', '--all-checks', 'a.pdf'];"
        f"sys.exit(command.main(['--at', '{AT}', *asked]))"
    )
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{root / 'src'}"}
    ours, theirs = os.openpty()
    with subprocess.Popen(  # noqa: S603  # this very Python
        [sys.executable, "-c", code],
        stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True,
    ) as child:  # fmt: skip
        os.close(theirs)
        seen = b""
        while b"document number" not in seen:
            seen += os.read(ours, 4096)
        os.write(ours, NUMBER.encode() + b"\n")
        with suppress(OSError):  # the other end has gone
            while more := os.read(ours, 4096):
                seen += more
    os.close(ours)
    assert child.returncode == command.EXIT_VALID
    assert NUMBER.encode() not in seen
    assert b"holder" in seen


@pytest.fixture
def _compromised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_load", lambda folder: (LATER.world.trust, LATER.world.lists))
    Path("a.pdf").write_bytes(STAMPED)


@pytest.mark.usefixtures("_compromised")
def test_a_time_stamp_counts_by_an_authority_that_is_named(run: Run) -> None:
    code, checks = run("a.pdf")
    assert (code, checks["signing_time"]) == (command.EXIT_INDETERMINATE, "unknown compromised")
    code, checks = run("--tsa", "tsa.pem", "a.pdf")
    assert (code, checks["signing_time"]) == (command.EXIT_VALID, "pass timestamped")
    Path("other.der").write_bytes(Maker.root("样例外人").der)
    assert run("--tsa", "other.der", "a.pdf")[0] == command.EXIT_INDETERMINATE
    assert run("--tsa", "other.der", "--tsa", "tsa.pem", "a.pdf")[0] == command.EXIT_VALID


def test_an_archived_document_is_taken_where_that_is_said(run: Run) -> None:
    validation_data = ValidationData((TSA.der,))
    Path("a.pdf").write_bytes(
        augment(
            OURS.document(),
            validation_data=validation_data,
            tsa=LocalTsa(TSA, SINCE_S),
            now_s=SINCE_S,
        )
    )
    code, checks = run("--tsa", "tsa.pem", "a.pdf")
    assert (code, checks["byte_range"]) == (command.EXIT_INDETERMINATE, "unknown archived")
    code, checks = run("--archival", "a.pdf")
    assert (code, checks["archive"]) == (command.EXIT_INDETERMINATE, "unknown stamper_unknown")
    code, checks = run("--archival", "--tsa", "tsa.pem", "a.pdf")
    assert (code, checks["archive"]) == (command.EXIT_VALID, "pass ok")
