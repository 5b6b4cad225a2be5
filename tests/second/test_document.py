"""The reader of documents that was written from docs/spec alone agrees with the library."""

from __future__ import annotations

import ast
import random
import re
from pathlib import Path

import pytest
from tests.second import document as second_document
from tests.second import verifier
from tests.support.forge import Cms
from tests.support.mutations import change, damage, take_apart
from tests.vectors.make.papers import maker, settled
from tests.vectors.test_vectors import Vector, document, judged_document, load

from etitle.errors import DecodeError
from etitle.pades.byterange import find_byte_range
from etitle.pades.structure import read_strict

PARTS = ("document", "cms", "pdf", "archive")
OWN = ("verifier", "bundles", "payload", "encoding", "cms", "pdf", "archive")
WORLDS = {name: verifier.load_world(load("trust"), name) for name in load("trust")["worlds"]}
TSAS = set(map(bytes.fromhex, load("documents")["tsas"]))
SIGNED = [one for one in load("documents")["vectors"] if one["base"] != "scan"]
"""Those that need no reader of pictures."""


def theirs(vector: Vector, pdf: bytes) -> Vector:
    return second_document.judge(
        pdf,
        world=WORLDS[vector["world"]],
        at=vector["at"],
        grace_s=vector["grace_s"],
        tsas=TSAS if vector["tsas"] else set(),
        archival=vector["archival"],
        holder=vector["holder"],
        examples=vector["examples"],
    )


@pytest.mark.parametrize("name", PARTS)
def test_the_reader_of_documents_imports_nothing_of_the_library(name: str) -> None:
    tree = ast.parse((Path(__file__).parent / f"{name}.py").read_text("utf-8"))
    nodes = list(ast.walk(tree))
    imported = {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    imported |= {a.name for node in nodes if isinstance(node, ast.Import) for a in node.names}
    ours = {one for one in imported if one.startswith(("etitle", "tools", "tests"))}
    assert ours <= {"tests.second"} | {f"tests.second.{part}" for part in OWN}


@pytest.mark.parametrize("vector", SIGNED, ids=[one["name"] for one in SIGNED])
def test_the_reader_gives_a_document_the_same_verdict(vector: Vector) -> None:
    assert theirs(vector, document(vector)) == vector["expected"]


def test_both_judge_the_same_of_documents_that_a_stranger_changed() -> None:
    rng = random.Random(2026)
    for _ in range(500):
        vector = rng.choice(SIGNED)
        pdf = document(vector)
        for _ in range(rng.choice((1, 1, 2))):
            pdf = damage(pdf, rng)
        if b"/ByteRange" in pdf and pdf.startswith(b"%PDF-"):
            assert theirs(vector, pdf) == judged_document(vector, pdf), vector["name"]


HOLE = re.compile(rb"(?<=/Contents <)[0-9a-f]+(?=>)")


def refilled(pdf: bytes, rng: random.Random) -> bytes:
    """What stands in one of the holes, where no hash protects it, changed by chance."""
    hole = rng.choice(list(HOLE.finditer(pdf)))
    content = bytearray.fromhex(hole[0].decode())
    size, at = len(content), rng.randrange(len(content))
    if rng.random() < 0.7:
        content[at] = rng.choice((content[at] ^ 1 << rng.randrange(8), rng.randrange(256)))
    else:
        other = rng.randrange(len(content))
        content[at : at + 4] = content[other : other + 4]
    content = content[:size].ljust(size, b"\0")
    return pdf[: hole.start()] + content.hex().encode() + pdf[hole.end() :]


def test_both_judge_the_same_of_statements_that_chance_changed() -> None:
    rng = random.Random(2026)
    bases = [one for one in SIGNED if not one["edits"]]
    for _ in range(700):
        vector = rng.choice(bases)
        pdf = refilled(document(vector), rng)
        assert theirs(vector, pdf) == judged_document(vector, pdf), vector["name"]


def test_what_the_reader_takes_under_the_seal_the_library_takes_alike() -> None:
    rng = random.Random(2026)
    (vector,) = (one for one in SIGNED if one["name"] == "p256")
    parts = take_apart(document(vector))
    both = strict = 0
    for _ in range(600):
        pdf = change(parts, rng).sealed(Cms(maker("seal"), signing=settled))
        if pdf is None:
            continue
        found = theirs(vector, pdf)
        strict += taken(pdf)
        if found["checks"][3]["outcome"] == "fail":
            continue
        both += 1
        assert found == judged_document(vector, pdf)
    # The reader looks into objects that the library has no need to look into.
    assert both > 0.6 * strict > 30


def taken(pdf: bytes) -> bool:
    try:
        return read_strict(pdf, find_byte_range(pdf)) is not None
    except DecodeError:
        return False
