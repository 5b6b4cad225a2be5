"""The reader of documents that was written from docs/spec alone: archival revisions, ML-DSA-65."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from tests.second import archive, verifier
from tests.second import document as second_document
from tests.second.encoding import RefusedError
from tests.second.test_document import refilled, theirs
from tests.support.authority import AT, AT_S, World
from tests.support.forge import Cms, Office, masked, office, public_of, stamped
from tests.support.mutations import change, damage, take_apart
from tests.support.population import certificates
from tests.support.x509 import Maker, new_key
from tests.vectors.make.archives import Tail, archived
from tests.vectors.make.papers import maker, settled
from tests.vectors.make.tokens import expectation
from tests.vectors.test_vectors import Vector, document, judged_document, load

from etitle.errors import DecodeError
from etitle.pades.archived import read_archived
from etitle.trust.bundle import fingerprint
from etitle.trust.roots import sign_bundle
from etitle.trust.status import StatusTable
from etitle.trust.statuslist import sign_list
from etitle.verify.document import verify_document
from etitle.verify.question import Policy, Question

BY_NAME = {one["name"]: one for one in load("documents")["vectors"]}
ARCHIVED = [
    BY_NAME[name]
    for name in (
        "archived",
        "archived-no-policy",
        "archived-twice",
        "archived-twice-no-policy",
        "stolen-archived-twice",
    )
]
"""Under both policies."""


def whole(verdict: Vector) -> tuple[str, str]:
    return verdict["checks"][0]["outcome"], verdict["checks"][0]["reason"]


def agreed(vector: Vector, pdf: bytes) -> Vector:
    """The verdict that both give."""
    found = theirs(vector, pdf)
    assert found == judged_document(vector, pdf), vector["name"]
    return found


@pytest.mark.parametrize("part", ["before", "behind"])
def test_both_judge_the_same_of_archived_documents_that_a_stranger_changed(part: str) -> None:
    rng = random.Random(2026)
    seen: set[tuple[str, str]] = set()
    for _ in range(600):
        vector = rng.choice(ARCHIVED)
        pdf = document(vector)
        split = archive.split(pdf)[1][0].start - 1_091
        before, behind = pdf[:split], pdf[split:]
        for _ in range(rng.choice((1, 1, 2))):
            before, behind = (
                (damage(before, rng), behind) if part == "before" else (before, damage(behind, rng))
            )
        if (pdf := before + behind).startswith(b"%PDF-"):
            seen.add(whole(agreed(vector, pdf)))
    assert {("fail", "saved_again"), ("fail", "changed")} & seen
    assert len(seen) > 1


def test_both_judge_the_same_of_archival_time_stamps_that_chance_changed() -> None:
    rng = random.Random(2026)
    seen = set()
    for _ in range(600):
        vector = rng.choice(ARCHIVED)
        found = agreed(vector, refilled(document(vector), rng))
        seen |= {(one["id"], one["reason"]) for one in found["checks"]}
    assert {("archive", "timestamp_bad"), ("archive", "ok"), ("archive", "not_checked")} <= seen


def test_both_take_the_same_revisions_where_a_right_time_stamp_is_on_them() -> None:
    rng = random.Random(2026)
    vector = BY_NAME["archived"]
    right = document(vector)
    start = len(archive.split(right)[0])
    for _ in range(600):
        tail = Tail.of(right)
        text = bytearray(right)
        for _ in range(rng.choice((1, 1, 2, 4))):
            at = rng.choice(
                (rng.randrange(start, tail.hole[0]), rng.randrange(tail.hole[1], len(text)))
            )
            other = rng.randrange(start, tail.hole[0])
            text[at] = rng.choice((text[at] ^ 1 << rng.randrange(8), text[other]))
        pdf = replace(tail, pdf=bytes(text)).stamped()
        assert whole(agreed(vector, pdf)) == (
            ("pass", "ok")
            if pdf == right
            else ("fail", "saved_again" if b"%%EOF" in pdf[-1024:] else "cut_short")
        )


def test_both_take_the_same_originals_for_archiving() -> None:
    """Of an original under the seal, whatever it is: what may follow it, and what it may hold."""
    rng = random.Random(2026)
    vector = BY_NAME["archived"]
    parts = take_apart(archive.split(document(vector))[0])
    both = 0
    for _ in range(500):
        pdf = change(parts, rng).sealed(Cms(maker("seal"), signing=settled))
        if pdf is None:
            continue
        try:
            made = archived(pdf)
        except DecodeError:
            made = pdf + document(vector)[len(archive.split(document(vector))[0]) :]
        ours = read_archived(made)
        try:
            original, revisions = archive.split(made)
        except RefusedError:
            assert ours is None, made
            continue
        assert ours is not None, made
        assert (ours.original, len(ours.revisions)) == (original, len(revisions))
        both += 1
    assert both > 100


# -- ML-DSA-65 -------------------------------------------------------------------------------------

ONE = masked(certificates(1)[0])
LIST = StatusTable.from_entries(list_id=1, epoch=1, coverage=1_000, entries={})
"""A short one: the reader takes it apart index by index."""
_ML_DSA = office(ONE, kind="mldsa65")
LATTICE = replace(_ML_DSA, world=_ML_DSA.world.with_list(table=LIST))


def read_world(world: World) -> verifier.World:
    """What the reader makes of an authority of the tests, as it publishes itself."""
    return verifier.load_world(
        {
            "bundles": {
                "one": {
                    "cose_sign": sign_bundle(world.bundle, signers=world.roots[:2]).hex(),
                    "pin": fingerprint(world.bundle.roots).hex(),
                }
            },
            "lists": {"one": sign_list(world.status_list, signer=world.list_signer).hex()},
            "worlds": {
                "one": [{"bundle": "one", "lists": ["one"], "rescues": [], "latest_time_s": 0}]
            },
        },
        "one",
    )


def verdicts(by: Office, pdf: bytes, *tsas: Maker) -> tuple[Vector, Vector]:
    believed = frozenset(one.der for one in tsas)
    read = second_document.judge(
        pdf, world=read_world(by.world), at=AT.isoformat(), grace_s=Policy().grace_s,
        tsas=set(believed), archival=True, holder=None, examples=True,
    )  # fmt: skip
    policy = Policy(tsas=believed, archival=True, examples=True)
    ours = verify_document(
        pdf, Question(trust=by.world.trust, lists=by.world.lists, at=AT, policy=policy)
    )
    return read, expectation(ours)


def above(root: Maker, kind: str) -> Office:
    """An office whose seal, of a kind, is below a root of ML-DSA-65."""
    seal = root.leaf("样例职称专用章", key=new_key(kind))
    keys = tuple(
        replace(key, public=public_of(seal.key), x509=seal.der)
        if key.x509 == LATTICE.seal.der
        else key
        for key in LATTICE.world.bundle.keys
    )
    keys = tuple(sorted(keys, key=lambda key: key.public.to_bytes()))
    return replace(LATTICE, root=root, seal=seal, world=LATTICE.world.with_bundle(keys=keys))


def test_both_judge_the_same_of_ml_dsa() -> None:
    root, other = (Maker.root("样例根证书", kind="mldsa65") for _ in range(2))
    tsa = root.leaf("样例时间戳", key=new_key("mldsa65"), timestamps=True)
    changed = replace(
        LATTICE.cms, finish=lambda made: made[:-9] + bytes((made[-9] ^ 1,)) + made[-8:]
    )
    expected = ["VALID", "INVALID", "INVALID"]
    found = [
        verdicts(LATTICE, pdf)
        for pdf in (
            LATTICE.document(), LATTICE.pdf.make(changed), LATTICE.signed(digest=bytes(64)),
        )
    ]  # fmt: skip
    for kind in ("p256", "mldsa65"):
        by = above(root, kind)
        stamp = stamped(tsa, AT_S, chain=(root.der,))
        right = by.signed(chain=(root.der,), stamp=stamp)
        found += [
            verdicts(by, right, tsa),
            verdicts(by, archived(right, stamp, x509s=(root.der,)), tsa),
            verdicts(by, by.signed(chain=(other.der,))),
            verdicts(by, by.signed(stamp=stamped(tsa, AT_S, chain=(other.der,)))),
        ]
        expected += ["VALID", "VALID", "INVALID", "INVALID"]
    assert [read["summary"] for read, _ in found] == expected
    assert [read for read, _ in found] == [ours for _, ours in found]


def test_both_judge_the_same_of_ml_dsa_statements_that_chance_changed() -> None:
    rng = random.Random(2026)
    root = Maker.root("样例根证书", kind="mldsa65")
    by = above(root, "mldsa65")
    pdf = by.signed(chain=(root.der,))
    for _ in range(150):
        read, ours = verdicts(by, refilled(pdf, rng))
        assert read == ours
