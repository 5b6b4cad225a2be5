"""The commands of the Chinese pages run as written: an employer pins, updates and verifies."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from tests.support import exampleoffice
from tests.support.records import make_photos, make_records

from etitle.cli.etitle import main as issue
from etitle.cli.etitle_verify import main as verify

PAGES = exampleoffice.EXAMPLE.parent / "docs" / "zh"
AT = "2026-02-01T10:00:00"


def commands(page: str) -> list[list[str]]:
    """The words of each command of a page, without its comment."""
    blocks = re.findall(r"```console\n(.*?)```", (PAGES / page).read_text("utf-8"), re.DOTALL)
    lines = [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]
    return [shlex.split(line, comments=True) for line in lines]


@pytest.fixture
def published(folder: Path) -> Path:
    """With 24 example certificates issued and published, as the page on issuing begins."""
    make_records(Path("records.xlsx"))
    make_photos(Path("photos"))
    for words in commands("issue.md"):
        if words[0] == "etitle":
            assert issue([*words[1:], "--at", AT]) == 0, words
        if words == ["etitle", "publish"]:
            break
    return folder


def test_an_employer_pins_updates_and_verifies(
    published: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (original,) = Path("issuer/issued").glob("4500000000001.pdf")
    Path("证书.pdf").write_bytes(original.read_bytes())
    pinning, updating = commands("pin.md"), commands("update.md")
    # The last command of the page on pinning is for a store that lost its state.
    for words in [*pinning[:-1], *updating]:
        assert words[0] == "etitle-verify"
        assert verify([*words[1:], "--at", AT] if words[2] != "show" else words[1:]) == 0, words
    capsys.readouterr()
    first = commands("verify.md")[0]
    assert first == ["etitle-verify", "证书.pdf"]
    assert verify([*first[1:], "--examples", "--at", AT, "--lang", "zh"]) == 0
    assert "真实且有效" in capsys.readouterr().out
    assert pinning[-1][:4] == ["etitle-verify", "trust", "init", "published/"]
    assert pinning[-1][-1] == "--reset"
