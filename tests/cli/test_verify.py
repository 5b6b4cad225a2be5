"""``etitle-verify``: arguments, inputs, exit codes (docs/spec clause 8.7), and hostile names."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.authority import AT_S, make_world, one_by_one
from tests.support.population import certificates
from tests.support.publisher import when

import etitle.cli.etitle_verify as command
from etitle.errors import StoreError
from etitle.store.local import Store
from etitle.token import text
from etitle.token.draw import draw_png
from etitle.trust.bundle import fingerprint
from etitle.trust.roots import sign_bundle
from etitle.trust.status import StatusEntry, StatusKind
from etitle.trust.statuslist import sign_list

GOOD, VOID = (
    replace(one, index=n, issued=certificates(1)[0].issued) for n, one in enumerate(certificates(2))
)
WORLD = make_world([GOOD, VOID], entries={1: StatusEntry(StatusKind.VOIDED, 20_600)}).with_bundle(
    segments=one_by_one([GOOD, VOID])
)
AT = "2026-11-20T12:00:00"
CODES = {
    "valid": WORLD.code(GOOD),
    "void": WORLD.code(VOID),
    "forged": text.to_url(
        WORLD.frame(GOOD)[:-1] + bytes((WORLD.frame(GOOD)[-1] ^ 1,)), base="https://zc.sample.cn"
    ),
    "foreign": "https://example.com/",
}


@pytest.fixture(autouse=True)
def _world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_load", lambda folder: (WORLD.trust, WORLD.lists))
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "ETITLE_TRUST"):
        monkeypatch.delenv(name, raising=False)


def run(*arguments: object) -> int:
    return command.main(["--examples", "--at", AT, *map(str, arguments)])


def objects(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def usage(*arguments: str) -> None:
    assert command.main(list(arguments)) == command.EXIT_USAGE


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["valid"], 0),
        (["void"], 4),
        (["foreign"], 3),
        (["forged"], 1),
        (["valid", "valid"], 0),
        (["valid", "foreign"], 3),
        (["valid", "void"], 4),
        (["foreign", "void"], 4),
        (["void", "forged"], 1),
        (["foreign", "forged", "valid"], 1),
        (["valid", "foreign", "void", "forged"], 1),
    ],
)
def test_the_exit_code_is_that_of_clause_8_7(names: list[str], code: int, tmp_path: Path) -> None:
    assert run(*(CODES[name] for name in names)) == code
    for name in names:
        (tmp_path / f"{name}.txt").write_text(CODES[name], "utf-8")
    assert run(tmp_path) == code


def test_the_exit_codes_are_those_of_the_specification() -> None:
    spec = (Path(__file__).parents[2] / "docs" / "spec" / "verdict.md").read_text("utf-8")
    listed = re.findall(r"^\| (\d) \|", spec.partition("## 8.7")[2], re.MULTILINE)
    assert set(map(int, listed)) == {
        command.EXIT_VALID,
        command.EXIT_INVALID,
        command.EXIT_USAGE,
        command.EXIT_INDETERMINATE,
        command.EXIT_NOT_IN_FORCE,
    }


@pytest.mark.parametrize(
    "arguments",
    [
        (), ("--at", "yesterday", "x"), ("--at", "2026-13-01", "x"), ("--at", "", "x"),
        ("--grace-days", "-1", "x"), ("--grace-days", "٣", "x"), ("--grace-days", "3651", "x"),
        ("--max-age-days", "-1", "x"), ("--max-age-days", "x", "x"),
        ("--grace-days", "1.5", "x"), ("--grace-days", "9" * 5000, "x"), ("--lang", "fr", "x"),
        ("--nonsense", "x"), ("--trust",),
    ],
    ids=lambda arguments: " ".join(arguments)[:30],
)  # fmt: skip
def test_wrong_arguments_are_usage(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    usage(*arguments)
    assert capsys.readouterr().err


def test_help_says_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--help"]) == 0
    assert "INDETERMINATE" in capsys.readouterr().out


@pytest.mark.parametrize("path", ["nowhere.png", "", "a\x00b", "x" * 5000, "12345", "zc.cn/v#1"])
def test_a_path_that_is_not_there_is_usage(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(CODES["valid"], path) == command.EXIT_USAGE
    captured = capsys.readouterr()
    assert captured.out == ""
    error, hint = captured.err.splitlines()
    assert error.startswith("etitle-verify: error[cli.path_missing]: ")
    assert hint.startswith("hint: ")


def test_every_missing_path_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("one.png", "two.png") == command.EXIT_USAGE
    err = capsys.readouterr().err
    assert "one.png" in err
    assert "two.png" in err


def test_a_store_that_cannot_be_read_is_usage(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def load(folder: Path | None) -> None:
        raise StoreError("store.state_lost", path="x")

    monkeypatch.setattr(command, "_load", load)
    assert run(CODES["valid"]) == command.EXIT_USAGE
    assert "[store.state_lost]" in capsys.readouterr().err


def test_json_is_one_object_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "codes.txt").write_text("\n".join(CODES.values()), "utf-8")
    assert run("--json", tmp_path / "codes.txt", CODES["valid"]) == 1
    found = objects(capsys)
    assert [one["file"] for one in found] == [
        *(f"{tmp_path}/codes.txt:{line}" for line in (1, 2, 3, 4)),
        "code",
    ]
    assert [one["summary"] for one in found] == [
        "VALID",
        "NOT_IN_FORCE",
        "INVALID",
        "INDETERMINATE",
        "VALID",
    ]
    cddl = Path(__file__).parents[2] / "docs" / "spec" / "cddl" / "verdict.cddl"
    body = cddl.read_text("utf-8").partition("verdict = {")[2].partition("\n}")[0]
    keys = re.findall(r"^  (\w+):", body, re.MULTILINE)
    assert all(list(one) == keys for one in found)


def test_text_ends_in_a_tally(capsys: pytest.CaptureFixture[str]) -> None:
    run(*CODES.values())
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "4: 1 VALID, 1 NOT_IN_FORCE, 1 INVALID, 1 INDETERMINATE"


def test_pictures_and_texts_are_read_by_content(tmp_path: Path) -> None:
    (tmp_path / "picture.txt").write_bytes(draw_png(CODES["valid"]))
    (tmp_path / "text.png").write_text(CODES["valid"], "utf-8")
    assert run(tmp_path) == 0


def test_a_folder_is_walked_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("b/2.txt", "b/1.TXT", "a.txt", ".hidden/x.txt", ".hidden.txt", "note.docx", "b/x"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(CODES["valid"], "utf-8")
    assert run("--json", tmp_path) == 0
    captured = capsys.readouterr()
    names = [json.loads(line)["file"] for line in captured.out.splitlines()]
    assert names == [
        str(tmp_path / name) for name in ("a.txt", "note.docx", "b/1.TXT", "b/2.txt", "b/x")
    ]
    assert "2 hidden files, system files or linked folders passed over" in captured.err


def test_a_named_file_is_taken_whatever_its_name(tmp_path: Path) -> None:
    for name in ("note.docx", ".hidden", "x"):
        (tmp_path / name).write_text(CODES["valid"], "utf-8")
        assert run(tmp_path / name) == 0


def test_a_folder_that_holds_a_loop_ends(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(CODES["valid"], "utf-8")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "self.txt").symlink_to(tmp_path / "self.txt")
    assert run(tmp_path) == command.EXIT_INDETERMINATE  # the broken link can't be read


def test_nothing_to_verify_is_not_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path) == command.EXIT_INDETERMINATE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "nothing to verify" in captured.err


@pytest.mark.parametrize("content", ["", "\n", "hello"])
def test_a_file_without_a_code_is_no_forgery(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.txt").write_text(content, "utf-8")
    assert run(tmp_path / "a.txt") == command.EXIT_INDETERMINATE


def test_standard_input_is_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for data in (CODES["valid"].encode(), draw_png(CODES["valid"])):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        assert run("--json", "-") == 0
        (found,) = objects(capsys)
        assert found["file"] == "-"


def test_a_pipe_does_not_hang(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    start = time.monotonic()
    assert run("--json", tmp_path / "pipe.png") == command.EXIT_INDETERMINATE
    assert run("--json", tmp_path) == command.EXIT_INDETERMINATE
    assert time.monotonic() - start < 5
    assert {one["checks"][0]["reason"] for one in objects(capsys)} == {"unreadable"}  # type: ignore[index]


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_a_device_is_not_read(device: str) -> None:
    assert run(device) == command.EXIT_INDETERMINATE


def test_an_unreadable_file_does_not_stop_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(CODES["valid"], "utf-8")

    def refuse(path: str, flags: int) -> int:
        if path.endswith("a.txt"):
            raise PermissionError(13, "denied", path)
        return os.open(path, flags)

    monkeypatch.setattr("etitle.verify.folder._no_waiting", refuse)
    assert run("--json", tmp_path) == command.EXIT_INDETERMINATE
    assert [one["summary"] for one in objects(capsys)] == ["INDETERMINATE", "VALID"]


def test_a_folder_that_can_not_be_read_is_not_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("open", "closed"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text(CODES["valid"], "utf-8")
    scan = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert run("--json", tmp_path) == command.EXIT_INDETERMINATE
    assert [(one["file"], one["summary"]) for one in objects(capsys)] == [
        (str(tmp_path / "open" / "a.txt"), "VALID"),
        (str(tmp_path / "closed"), "INDETERMINATE"),
    ]


def test_a_linked_folder_is_said_to_be_passed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text(CODES["valid"], "utf-8")
    (tmp_path / "link").symlink_to(tmp_path)
    assert run(tmp_path) == 0
    assert "1 hidden files, system files or linked folders passed over" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full device")
def test_output_that_can_not_be_written_is_no_verdict() -> None:
    # Python would exit with 1, which says INVALID.
    program = (
        "import sys, etitle.cli.etitle_verify as command;"
        "from etitle.trust.anchors import Lists, Trust;"
        "command._load = lambda folder: (Trust(()), Lists());"
        "sys.exit(command.main(['https://example.com/']))"
    )
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(  # noqa: S603  # our own program
            [sys.executable, "-c", program], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert ran.returncode == command.EXIT_USAGE
    assert b"Traceback" not in ran.stderr


@pytest.mark.skipif(os.name != "posix", reason="closed descriptors")
@pytest.mark.parametrize(
    ("closed", "argument", "code"),
    [
        (0, "-", command.EXIT_INDETERMINATE),
        (1, "https://example.com/", command.EXIT_USAGE),
        (2, "https://example.com/", command.EXIT_INDETERMINATE),
        (2, "nothing-there", command.EXIT_USAGE),
    ],
)
def test_a_closed_stream_is_no_verdict(closed: int, argument: str, code: int) -> None:
    program = (
        "import sys, etitle.cli.etitle_verify as command;"
        "from etitle.trust.anchors import Lists, Trust;"
        "command._load = lambda folder: (Trust(()), Lists());"
        f"sys.exit(command.main([{argument!r}]))"
    )
    shell = f'exec "$0" -c "$1" {closed}<&-'
    ran = subprocess.run(  # noqa: S603  # our own program
        ["/bin/sh", "-c", shell, sys.executable, program], capture_output=True, check=False
    )
    assert ran.returncode == code
    assert b"Traceback" not in ran.stderr


HOSTILE = "\x1b[2J\x1b]0;x\x07\nreal.png: VALID — \u202e\r\x9b31m\u2028.txt"


@pytest.mark.parametrize("flags", [(), ("--json",), ("--lang", "zh")])
def test_a_files_name_can_not_write_a_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...]
) -> None:
    (tmp_path / HOSTILE).write_text("hello", "utf-8")
    assert run(*flags, tmp_path) == command.EXIT_INDETERMINATE
    assert run(*flags, tmp_path / HOSTILE) == command.EXIT_INDETERMINATE
    captured = capsys.readouterr()
    for shown in (captured.out, captured.err):
        assert not set(shown) & set("\x1b\x07\x9b\r\u202e\u2028")
        assert not any(line.startswith("real.png") for line in shown.split("\n"))


def test_a_missing_files_name_can_not_write_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(HOSTILE) == command.EXIT_USAGE
    err = capsys.readouterr().err
    error, hint = err.splitlines()
    assert error.startswith("etitle-verify: error[cli.path_missing]: ")
    assert hint.startswith("hint: ")
    assert "\x1b" not in err


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes")
def test_a_name_that_is_no_utf8_is_shown_somehow(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff\xfe.txt"
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123  # a path of bytes
        file.write(CODES["valid"])
    assert run(tmp_path) == 0
    assert run("--json", tmp_path) == 0


@pytest.mark.parametrize(
    ("variables", "arguments", "chinese"),
    [
        ({}, (), False),
        ({"LANG": "zh_CN.UTF-8"}, (), True),
        ({"LANG": "en_US.UTF-8"}, (), False),
        ({"LC_ALL": "zh_TW", "LANG": "en_US"}, (), True),
        ({"LC_ALL": "", "LC_MESSAGES": "zh", "LANG": "en"}, (), True),
        ({"LC_ALL": "C", "LANG": "zh_CN"}, (), False),
        ({"LANG": "zh_CN"}, ("--lang", "en"), False),
        ({}, ("--lang", "zh"), True),
    ],
)
def test_the_language_is_the_locales_unless_said(
    variables: dict[str, str],
    arguments: tuple[str, ...],
    chinese: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    run(*arguments, CODES["valid"])
    assert ("真实且有效" in capsys.readouterr().out) is chinese


def test_a_time_without_a_zone_is_chinas(capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["--json", "--at", "2026-11-20T12:00:00", CODES["valid"]])
    command.main(["--json", "--at", "2026-11-20T04:00:00Z", CODES["valid"]])
    command.main(["--json", "--at", "2026-11-20T05:00:00+01:00", CODES["valid"]])
    first, *others = objects(capsys)
    assert all(other == first for other in others)


@pytest.mark.parametrize("at", ["0001-01-01", "9999-12-31T23:59:59-12:00", "1969-12-31"])
def test_no_time_stops_the_run(at: str) -> None:
    assert command.main(["--at", at, CODES["valid"]]) == command.EXIT_INDETERMINATE
    assert command.main(["--json", "--at", at, CODES["valid"]]) == command.EXIT_INDETERMINATE


def test_without_a_time_it_is_now(capsys: pytest.CaptureFixture[str]) -> None:
    before = int(time.time())
    command.main(["--json", CODES["foreign"]])
    (found,) = objects(capsys)
    stamp = time.strftime("%Y-%m-%d", time.gmtime(before))
    assert str(found["as_of"]).find(stamp) >= 0 or int(time.time()) // 86_400 > before // 86_400


@pytest.mark.parametrize(("days", "code"), [("0", 3), ("3", 0)])
def test_grace_days_are_the_callers(days: str, code: int) -> None:
    arguments = ["--examples", "--at", "2026-11-29", "--grace-days", days, CODES["valid"]]
    assert command.main(arguments) == code


@pytest.mark.parametrize(("days", "code"), [("1", 3), ("90", 0)])
def test_no_list_counts_beyond_the_callers_age(days: str, code: int) -> None:
    arguments = ["--examples", "--at", "2026-11-29", "--grace-days", "9"]
    assert command.main([*arguments, "--max-age-days", days, CODES["valid"]]) == code


def test_an_example_is_taken_on_demand_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--at", AT, CODES["valid"]]) == command.EXIT_INDETERMINATE
    assert "bundle.example" in capsys.readouterr().out
    assert run(CODES["valid"]) == 0


def test_all_checks_are_listed_on_demand(capsys: pytest.CaptureFixture[str]) -> None:
    run(CODES["valid"])
    assert "signature.ok" not in capsys.readouterr().out
    run("--all-checks", CODES["valid"])
    assert "signature.ok" in capsys.readouterr().out


class TestStore:
    """With a real store."""

    @pytest.fixture(autouse=True)
    def _store(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.undo()
        for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
            monkeypatch.delenv(name, raising=False)
        self.path = tmp_path / "trust"
        bundle = sign_bundle(WORLD.bundle, signers=WORLD.roots)
        pin = fingerprint(WORLD.bundle.roots)
        store = Store.init(self.path, bundle, pin=pin, at=when(AT_S))
        store.update(
            [("1", sign_list(WORLD.status_list, signer=WORLD.list_signer))],
            at=when(AT_S),
        )

    def test_verdicts_follow_from_what_it_holds(self) -> None:
        assert run("--trust", self.path, CODES["valid"]) == 0
        assert run("--trust", self.path, CODES["void"]) == 4
        assert run("--trust", self.path, CODES["forged"]) == 1

    def test_it_is_found_by_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ETITLE_TRUST", str(self.path))
        assert run(CODES["valid"]) == 0

    def test_it_is_found_in_the_home_folder(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.delenv("ETITLE_TRUST", raising=False)
        monkeypatch.setenv("HOME", str(tmp_path))
        assert run(CODES["valid"]) == command.EXIT_USAGE
        (tmp_path / ".local/share/etitle").mkdir(parents=True)
        self.path.rename(tmp_path / ".local/share/etitle/trust")
        assert run(CODES["valid"]) == 0

    def test_one_that_is_not_there_or_damaged_is_usage(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "empty").mkdir()
        (tmp_path / "file").write_bytes(b"x")
        for path in ("nowhere", "empty", "file"):
            assert run("--trust", tmp_path / path, CODES["valid"]) == command.EXIT_USAGE
        for file in self.path.rglob("*"):
            if file.is_file() and file.stat().st_size:
                kept = file.read_bytes()
                file.write_bytes(kept[: len(kept) // 2])
                code = run("--trust", self.path, CODES["valid"])
                captured = capsys.readouterr()
                if file.name.startswith(("list-", "delta-")):
                    assert code == command.EXIT_INDETERMINATE, file.name
                    assert "list_damaged" in captured.out
                else:
                    assert code == command.EXIT_USAGE, file.name
                    assert captured.out == ""
                    assert "[store." in captured.err
                file.write_bytes(kept)

    def test_a_list_at_hand_is_not_needed_for_authenticity(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        code = WORLD.code(replace(GOOD, list_id=2))
        assert run("--json", "--trust", self.path, code) == command.EXIT_INDETERMINATE
        (found,) = objects(capsys)
        assert found["authenticity"] == "authentic"
        assert found["standing"] == "unknown"


@pytest.mark.parametrize("name", ["--grace-days=9", "--at=2026-01-01", "--json", "--lang=en", "-x"])
def test_an_option_that_is_the_name_of_a_file_is_not_taken(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(CODES["valid"], "utf-8")
    assert command.main([name, CODES["valid"]]) == command.EXIT_USAGE
    assert "cli.option_is_file" in capsys.readouterr().err
    assert run(f"./{name}") == 0
    assert run("--", name) == 0
