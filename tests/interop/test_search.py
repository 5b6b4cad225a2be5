"""The search of the built pages finds Chinese words: in the index, and by Sphinx's own script."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.support.validators import run, tool

HERE = Path(__file__).parent
DOCS = HERE.parents[1] / "docs"
WORDS = ("作废", "补发", "核验码", "状态列表", "信任包", "指纹", "宽限期", "脱敏")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Chinese pages and the glossary, built with the settings of the whole."""
    folder = tmp_path_factory.mktemp("site")
    source, built = folder / "source", folder / "built"
    source.mkdir()
    pages = [*(DOCS / "zh").glob("*.md"), DOCS / "reference" / "glossary.md"]
    for page in pages:
        shutil.copy(page, source / page.name)
    (source / "index.md").write_text("# Pages\n\n```{toctree}\n:glob:\n*\n```\n", encoding="utf-8")
    subprocess.run(  # noqa: S603  # Sphinx, on pages of this project
        [sys.executable, "-m", "sphinx", "-Q", "-b", "html", "-c", DOCS, source, built],
        check=True,
    )
    return built


def index(site: Path) -> dict[str, Any]:
    text = (site / "searchindex.js").read_text("utf-8")
    return json.loads(text.removeprefix("Search.setIndex(").removesuffix(")"))  # type: ignore[no-any-return]


def pairs(word: str) -> list[str]:
    return [word[at : at + 2] for at in range(len(word) - 1)]


@pytest.mark.parametrize("word", WORDS)
def test_the_index_has_a_page_for_each_chinese_word(site: Path, word: str) -> None:
    entries = index(site)
    pages = set(range(len(entries["docnames"])))
    for pair in pairs(word):
        found = [entries[kind].get(pair, []) for kind in ("terms", "titleterms")]
        pages &= {page for each in found for page in ([each] if isinstance(each, int) else each)}
    assert entries["docnames"].index("glossary") in pages


def test_the_script_of_the_page_finds_chinese_and_english_words(site: Path) -> None:
    asked = [*WORDS, "废", "status list", "确认 清单", "核验结果 verdict", "薛定谔的猫"]
    answer = run(tool("node"), HERE / "Search.js", site, *asked)
    assert answer.returncode == 0, answer.stderr
    found: dict[str, list[str]] = json.loads(answer.stdout)
    assert found.pop("薛定谔的猫") == []
    assert [word for word, pages in found.items() if "glossary" not in pages] == []


def test_query_and_pages_are_split_alike(site: Path) -> None:
    """What the page's script makes of a text is among what the index has of it."""
    text = "请核验证书（X.509）的有效性：𠮷野 etitle_verify 于 2026 年补发々"
    script = (site / "_static" / "language_data.js").read_text("utf-8")
    script = script.replace("window.", "globalThis.")
    script += f"\nconsole.log(JSON.stringify(splitQuery({json.dumps(text)})));"
    answer = run(tool("node"), "-e", script)
    assert answer.returncode == 0, answer.stderr
    code = (
        "import json, sys; sys.path.insert(0, sys.argv[1]); "
        "from bilingual_search import BilingualSearch; "
        "print(json.dumps(BilingualSearch({}).split(sys.argv[2])))"
    )
    indexed = json.loads(run(sys.executable, "-c", code, DOCS, text).stdout)
    asked = json.loads(answer.stdout)
    assert set(asked) <= set(indexed)
    assert {"核验", "验证", "509", "补发", "𠮷野", "etitle_verify"} <= set(asked)
    assert not any(re.fullmatch(r"[^\w]+", term) for term in asked)
