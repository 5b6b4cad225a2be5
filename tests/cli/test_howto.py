"""The guides for developers run as they are written, with public names alone."""

from __future__ import annotations

import ast
import datetime
import re
import shlex
import shutil
from pathlib import Path

import pytest
from tests.support import exampleoffice
from tests.support.portrait import draw_portrait

from etitle.cli.etitle import main
from etitle.store.local import Store

AT = datetime.datetime(2026, 3, 3, 9, 0, tzinfo=datetime.UTC)

GUIDES = exampleoffice.EXAMPLE.parent / "docs/howto"
PUBLIC = {"etitle", "etitle.issue"}


def program(name: str) -> str:
    """The Python of a guide."""
    blocks = re.findall(r"```python\n(.*?)```", (GUIDES / name).read_text("utf-8"), re.DOTALL)
    return "\n".join(blocks)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(exampleoffice.EXAMPLE, tmp_path / "issuer")
    monkeypatch.chdir(tmp_path)
    guide = (GUIDES / "platform.md").read_text("utf-8")
    (command,) = re.findall(r"^\$ etitle (.*)$", guide, re.MULTILINE)
    assert main(shlex.split(command)) == 0
    Path("photo.jpg").write_bytes(draw_portrait())
    return tmp_path


@pytest.mark.parametrize("name", ["platform.md", "hr-system.md"])
def test_a_guide_imports_public_names_alone(name: str) -> None:
    for node in ast.walk(ast.parse(program(name))):
        modules = [node.module] if isinstance(node, ast.ImportFrom) else []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        for module in modules:
            assert module is not None
            assert not module.startswith("etitle.") or module in PUBLIC


def test_the_guides_run_as_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    for name in ("platform.md", "hr-system.md"):
        exec(compile(program(name), name, "exec"), {})  # noqa: S102  # ours
    assert (folder / "4500000000001.pdf").exists()
    assert capsys.readouterr().out == ""


def test_the_platform_s_program_runs_again(folder: Path) -> None:
    text = program("platform.md")
    assert "2, 9, 0" in text
    for hour in (9, 10, 11):
        again = text.replace("2, 9, 0", f"2, {hour}, 0")
        exec(compile(again, "platform.md", "exec"), {})  # noqa: S102  # ours
    published = {str(path.relative_to("published")) for path in Path("published").rglob("*.*")}
    assert published == {
        "bundles/0001.cose",
        "lists/1.cwt",
        "deltas/1-1-2.cose",
        "deltas/1-2-3.cose",
        "fingerprint.txt",
    }
    assert sorted(path.name for path in folder.glob("45*.pdf")) == [
        f"450000000000{n}.pdf" for n in (1, 2, 3)
    ]
    store = Store.init(
        "store", Path("published/bundles/0001.cose").read_bytes(), at=AT,
        pin=Path("published/fingerprint.txt").read_text("utf-8"),
    )  # fmt: skip
    store.update("published", at=AT)
    assert store.load()[1].find("sample", 1) is not None
