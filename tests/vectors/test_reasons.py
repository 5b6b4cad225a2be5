"""Each reason has a row that says exactly when; rows, table, code and vectors are of one set."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from tests.vectors.test_vectors import ROOT, load, pairs_of_the_specification
from tools import examples
from tools.reference import reasons

import etitle.verify.document
import etitle.verify.token
from etitle.verdict import CheckId, Reason

SPEC = ROOT / "docs/spec"
ROWS: dict[str, dict[str, dict[str, str]]] = tomllib.loads(
    (SPEC / "reasons.toml").read_text("utf-8")
)
FLAT = [(check, reason, row) for check, rows in ROWS.items() for reason, row in rows.items()]


def test_each_pair_of_the_table_has_a_row_and_no_other() -> None:
    rows = {(check, row["outcome"], reason) for check, reason, row in FLAT}
    assert rows == pairs_of_the_specification(), "docs/spec/reasons.toml and clause 8.4 differ"


def test_each_reason_of_the_code_has_a_row() -> None:
    assert {reason for _, reason, _ in FLAT} == set(Reason)
    assert [check for check in ROWS if check != "any"] == [
        check for check in CheckId if check in ROWS
    ]


def test_the_page_is_made_of_the_rows() -> None:
    assert (SPEC / "reasons.md").read_text("utf-8") == reasons(), "run make vectors"


def test_each_row_cites_a_clause_that_is_there() -> None:
    pages = "\n".join(page.read_text("utf-8") for page in SPEC.glob("*.md"))
    for check, reason, row in FLAT:
        for clause in re.findall(r"\d+(?:\.\d+)*", row["clause"].partition(" step")[0]):
            assert re.search(rf"^(#+ )?{re.escape(clause)}\b", pages, re.MULTILINE), (check, reason)


@pytest.mark.parametrize(("check", "reason", "row"), FLAT, ids=[f"{c}-{r}" for c, r, _ in FLAT])
def test_each_row_has_a_vector_or_names_a_test(
    check: str, reason: str, row: dict[str, str]
) -> None:
    if "test" in row:
        assert reason in (ROOT / row["test"]).read_text("utf-8").lower()
        return
    found = any(
        one["reason"] == reason and one["outcome"] == row["outcome"]
        and check in ("any", one["id"])
        for file in ("tokens", "pictures", "documents")
        for vector in load(file)["vectors"]
        for one in vector["expected"]["checks"]
    )  # fmt: skip
    assert found, "no vector gives it"


STEP = re.compile(r"^ ?\((\d+)\) +((?:`*[a-z_]+`*(?:, )?)+)", re.MULTILINE)


def steps(text: str) -> list[tuple[str, str]]:
    """Number and checks of each step of a text."""
    found = STEP.findall(text)
    return [(number, re.sub(r"[`, ]+", " ", checks).strip()) for number, checks in found]


def test_the_steps_of_the_page_are_those_of_the_code() -> None:
    page = (SPEC / "verdict.md").read_text("utf-8").partition("### 8.3.9")[2]
    code, _, document = page.partition("of a file that is a PDF")
    for text, module in ((code, etitle.verify.token), (document, etitle.verify.document)):
        source = Path(str(module.__file__)).read_text("utf-8")
        listed = steps(source.partition("from __future__")[0])
        assert [(n, c.split(" if")[0].split(" find")[0]) for n, c in steps(text)] == listed
        marks = re.findall(r"# \((\d+)\) ([a-z_, ()0-9]+)", source)
        assert {n for n, _ in listed} <= {
            n for line in marks for n in re.findall(r"\d+", " ".join(line))
        }


def test_the_worked_examples_are_made_of_the_vectors() -> None:
    assert examples.PAGE.read_text("utf-8") == examples.page(), "run make vectors"
