"""The verifier that was written from docs/spec alone agrees with the library."""

from __future__ import annotations

import ast
import random
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from tests.second import bundles, encoding, lists, store, texts, verifier
from tests.second import payload as second_payload
from tests.vectors.make.bundles import PLAIN, SEALS
from tests.vectors.make.people import to_json
from tests.vectors.make.shop import claims_of, signed
from tests.vectors.test_vectors import Vector, judged, load, named, opened

from etitle import canon
from etitle.certificate import payload
from etitle.errors import EtitleError
from etitle.token import copied, text
from etitle.trust.bundle import Bundle, decode_bundle, encode_bundle, list_keys
from etitle.trust.delta import DELTA_TYP, apply_delta, decode_gaps, open_delta
from etitle.trust.statuslist import LIST_TYP, open_list

PARTS = ("verifier", "texts", "encoding", "payload", "bundles", "lists", "store")


@pytest.mark.parametrize("name", PARTS)
def test_the_reader_imports_nothing_of_the_library(name: str) -> None:
    tree = ast.parse((Path(__file__).parent / f"{name}.py").read_text("utf-8"))
    nodes = list(ast.walk(tree))
    imported = {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    imported |= {a.name for node in nodes if isinstance(node, ast.Import) for a in node.names}
    ours = {one for one in imported if one.startswith(("etitle", "tools", "tests"))}
    assert ours <= {f"tests.second.{part}" for part in PARTS}


WORLDS = {name: verifier.load_world(load("trust"), name) for name in load("trust")["worlds"]}


@named("tokens")
def test_the_reader_gives_the_same_verdict(vector: Vector) -> None:
    code = vector["code"]
    if code is None:
        code = bytes.fromhex(vector["stages"]["cose_sign1"])
    verdict, claimed = verifier.judge(
        code,
        world=WORLDS[vector["world"]],
        at=vector["at"],
        grace_s=vector["grace_s"],
        max_age_s=vector["max_age_s"],
        holder=vector["holder"],
        require=vector.get("require", "code"),
        examples=vector["examples"],
    )
    assert verdict == vector["expected"]
    if vector["certificate"] is not None:
        assert claimed == vector["certificate"]


PIN = bytes.fromhex(load("bundles")["pin"])
CURRENT = PIN, bundles.first_bundle(bytes.fromhex(load("bundles")["current"]), PIN)


@named("bundles")
def test_the_reader_believes_and_refuses_the_same_bundles(vector: Vector) -> None:
    pin, current = CURRENT
    data = bytes.fromhex(vector["data"])
    facts: Vector | None
    try:
        if vector["door"] == "pin":
            facts = bundles.facts(bundles.first_bundle(data, pin))
        elif vector["door"] == "current":
            facts = bundles.facts(bundles.next_bundle(data, current))
        else:
            thumbprint, digests = bundles.read_rescue(data, current)
            facts = {"thumbprint": thumbprint.hex(), "digests": len(digests)}
    except encoding.RefusedError:
        assert vector["code"] not in (None, "bundle.version_unknown")
        return
    except encoding.NewerError:
        assert vector["code"] == "bundle.version_unknown"
        return
    assert facts == vector["facts"]


def keys_of(found: Vector) -> list[lists.ListKey]:
    return [
        (
            encoding.read_key(encoding.decode(bytes.fromhex(key["cose_key"]))),
            key["not_before"], key["not_after"], key["history"],
        )
        for key in found["keys"].values()
    ]  # fmt: skip


def test_the_reader_believes_and_refuses_the_same_lists() -> None:
    found = load("lists")
    keys = keys_of(found)
    known: dict[str, lists.StatusList] = {}
    for vector in found["vectors"]:
        name, data, result = vector["name"], bytes.fromhex(vector["data"]), vector["result"]
        try:
            if vector["base"] is None:
                made = lists.read_list(data, found["authority"], keys)
            else:
                made = lists.apply_delta(known[vector["base"]], data, found["authority"], keys)
        except encoding.RefusedError:
            assert result is None, name
            continue
        assert result is not None, name
        known[name] = made
        assert made.state_hash().hex() == result["state_hash"], name
        assert (made.sequence, made.coverage) == (result["sequence"], result["coverage"]), name
        assert (made.issued_s, made.expires_s) == (result["issued_s"], result["expires_s"]), name
        point = made.checkpoint
        assert result["checkpoint"] == (
            point and {"log": point[0], "tree_size": point[1], "root_hash": point[2].hex()}
        )
        for look in result["look_ups"]:
            if "code" in look:
                with pytest.raises(encoding.RefusedError):
                    made.look_up(look["index"])
            else:
                assert made.look_up(look["index"]) == look, name


def test_the_reader_reads_the_same_slices() -> None:
    found = load("lists")
    for vector in found["slices"]:
        head, part = bytes.fromhex(vector["head"]), bytes.fromhex(vector["slice"])
        try:
            entry = lists.look_up_in_slice(
                head, vector["index"], part, found["authority"], keys_of(found)
            )
        except encoding.RefusedError:
            entry = None
        assert entry == vector["look_up"], vector["name"]


@named("store")
def test_the_reader_keeps_the_same_store(vector: Vector) -> None:
    found = load("store")
    files = {name: bytes.fromhex(data) for name, data in found["files"].items()}
    begins = [files[name] for name in found["begins"]]
    kept = store.Store(bytes.fromhex(found["pin"]), begins, found["at_s"])
    for step in vector["steps"]:
        alarms = kept.update([files[name] for name in step["files"]], step["at_s"])
        assert (alarms, kept.state()) == (step["alarms"], step["state"]), step["files"]


@named("canon")
def test_the_reader_finds_the_same_bytes_canonical(vector: Vector) -> None:
    data = bytes.fromhex(vector["data"])
    try:
        encoding.need(len(data) <= load("canon")["max_bytes"])
        encoding.decode(data)
    except encoding.RefusedError:
        assert vector["code"] is not None
    else:
        assert vector["code"] is None


def test_the_reader_makes_the_same_of_identities() -> None:
    found = load("identity")
    for one in found["check_digits"]:
        assert second_payload.check_digit(one["first17"]) == one["check"]
    for one in found["fits"]:
        kind = one["kind"]
        person = second_payload.person_number(kind, second_payload.read_typed(one["number"]))
        fits = second_payload.fits(one["mask"], person) and second_payload.can_be(kind, person)
        assert fits is one["fits"]
    for one in found["persons"]:
        person = second_payload.person_number(one["kind"], one["number"])
        assert (person, second_payload.can_be(one["kind"], person)) == (
            one["person"], one["possible"]
        )  # fmt: skip
    for one in found["openings"]:
        assert second_payload.read_opening(one["printed"]).hex() == one["bytes"]
    for one in found["typed"]:
        if one["code"] is None:
            assert second_payload.read_opening(one["typed"]).hex() == one["bytes"]
        else:
            with pytest.raises(encoding.RefusedError):
                second_payload.read_opening(one["typed"])
    for one in found["commitments"]:
        key = bytes.fromhex(one["opening"])
        person = second_payload.person_number(one["kind"], one["number"])
        made = second_payload.commitment(
            key, one["kind"], person, one["nationality"], one["pepper"]
        )
        assert made.hex() == one["commitment"]
    for one in found["matches"]:
        holder = {key: one[key] for key in ("number", "opening", "nationality")}
        answer = second_payload.judge_holder(one["identity"], holder)
        assert (answer == ("pass", "ok")) is one["matches"]


# -- beyond the vectors: both sides on what chance makes -------------------------------------------

Tree: TypeAlias = Any
"""A decoded item."""

LEAVES: tuple[object, ...] = (
    0, 1, 2, 3, 9, -1, None, True, False, "", "x", " x", "样", "Ä" * 100, "5", "05", b"", bytes(16),
    [], [1], [1998, 7], [1998], [1, "ABCDE"], [1, "A*CDE", bytes(16)], [7, "ABCDE", "ABC"], {},
    10**17, 10**18, -25_567, 84_005, 84_006, 65_535, "a\ufffdb", "a\ufffcb", "a\n", "a\u2028b",
    "https://a", "https://", "a\u3000", "\xa0a", "a\u180eb", "a\U0001fffe", [[1, 0]],
    [[1, 5], [2, 6]], [[1, 5], [3, 6], [2, 7]], [[1, True]], "https://a{number}", 253_402_300_799,
    253_402_300_800, "a" * 200, "a" * 201, "-a", "a-b",
)  # fmt: skip


def paths(node: Tree, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = node.items() if isinstance(node, dict) else enumerate(node)
    found = [at] if at else []
    for key, item in items:
        inner = isinstance(item, (dict, tuple))
        found += paths(item, (*at, key)) if inner else [(*at, key)]
    return found


def put(node: Tree, path: tuple[Any, ...], value: object) -> Tree:
    if not path:
        return value
    if isinstance(node, dict):
        return {**node, path[0]: put(node.get(path[0]), path[1:], value)}
    items = list(node)
    items[path[0]] = put(items[path[0]], path[1:], value)
    return items


def test_both_read_the_same_of_payloads_that_chance_changed() -> None:
    rng = random.Random(2026)
    originals = [
        bytes.fromhex(vector["stages"]["payload"])
        for vector in load("tokens")["vectors"]
        if vector["certificate"] is not None and "payload" in vector["stages"]
    ]
    believed = 0
    for _ in range(3000):
        data = rng.choice(originals)
        if rng.random() < 0.4:
            changed = bytearray(data)
            changed[rng.randrange(len(data))] = rng.randrange(256)
            data = bytes(changed)
        else:
            value: Any = canon.decode(data, max_bytes=1024)
            value = {**value, rng.randrange(23): rng.choice(LEAVES)}
            if rng.random() < 0.2:
                value.pop(rng.randrange(22), None)
            data = canon.encode(value)
        ours: object
        theirs: object
        try:
            ours = to_json(payload.decode(data))
        except EtitleError as error:
            ours = error.code == "certificate.version_unknown"
        try:
            theirs = second_payload.read_payload(data)
        except encoding.RefusedError:
            theirs = False
        except encoding.NewerError:
            theirs = True
        assert theirs == ours, data.hex()
        believed += isinstance(ours, dict)
    assert believed > 200


@pytest.mark.parametrize("bundle", [PLAIN, SEALS], ids=["plain", "seals"])
def test_both_read_the_same_of_bundles_that_chance_changed(bundle: Bundle) -> None:
    rng = random.Random(2026)
    whole = canon.decode(encode_bundle(bundle), max_bytes=1 << 20)
    places = paths(whole)
    believed = 0
    for _ in range(1000):
        data = canon.encode(put(whole, rng.choice(places), rng.choice(LEAVES)))
        ours = theirs = "believed"
        try:
            decode_bundle(data)
        except EtitleError as error:
            ours = "newer" if error.code == "bundle.version_unknown" else "refused"
        try:
            bundles.read_bundle(data)
        except encoding.RefusedError:
            theirs = "refused"
        except encoding.NewerError:
            theirs = "newer"
        assert theirs == ours, data.hex()
        believed += ours == "believed"
    assert believed > 30


def test_both_know_the_same_texts() -> None:
    number = text.to_number(b"\x11" + bytes(100))
    heads = ("https://", "HTTPS://", "http://", "")
    hosts = ("a", "A.b", "a_b~c", "[::1]", "u@a", "a:1", "a:123456", "a:", "例.cn", "")
    folders = ("/", "/x/", "/X.y/~z/", "/x%20/", "/x?y/", "//", "/例/", "/v/")
    ends = ("v#", "V/", "v", "w#", "v?", "v#/", "/v#")
    for head in heads:
        for host in hosts:
            for folder in folders:
                for end in ends:
                    code = f"{head}{host}{folder}{end}{number}"
                    known: tuple[bytes, ...]
                    try:
                        known = (texts.read_text(code, lambda kid: kid == bytes(4)),)
                    except texts.ReasonError:
                        known = ()
                    assert known == copied.recognise(code, lambda kid: kid == bytes(4)).frames


def test_both_read_the_same_of_texts_that_people_copied() -> None:
    rng = random.Random(2026)
    vectors = [one for one in load("tokens")["vectors"] if one["stages"].get("base45")]
    outcomes = set()
    for _ in range(800):
        vector = rng.choice(vectors)
        code = rng.choice((vector["stages"]["text"], vector["stages"]["base45"]))
        for _ in range(rng.choice((1, 1, 2, 3))):
            at = rng.randrange(len(code))
            kept = rng.choice((code, code[:at], code[at:], code + code[at:]))
            added = rng.choice(
                ("", "\n", "=\n", "\n> ", " ", "\u3000", "\u200b", "%23", "0", "2026 ", "。", "<")
            )
            code = kept[:at] + added + kept[at:]
        verdict, _ = verifier.judge(
            code,
            world=WORLDS[vector["world"]],
            at=vector["at"],
            grace_s=vector["grace_s"],
            holder=vector["holder"],
            require=vector.get("require", "code"),
            examples=vector["examples"],
            **({"max_age_s": vector["max_age_s"]} if "max_age_s" in vector else {}),
        )
        assert verdict == judged(vector, code), code
        outcomes |= {one["reason"] for one in verdict["checks"]}
    assert outcomes >= {"incomplete", "not_ours", "frame_malformed", "in_force"}


def test_both_read_the_same_of_gaps_that_chance_made() -> None:
    rng = random.Random(2026)
    believed = 0
    for _ in range(4000):
        k, count = rng.choice((0, 1, 2, 3, 5, 26)), rng.randrange(5)
        data, coverage = rng.randbytes(rng.randrange(12)), rng.choice((0, 1, 5, 50, 1000, 1 << 27))
        ours: list[int] | None
        theirs: list[int] | None
        try:
            ours = decode_gaps(data, count=count, k=k, coverage=coverage)
        except EtitleError:
            ours = None
        try:
            theirs = lists.gaps(count, k, data)
            encoding.need(not theirs or theirs[-1] < coverage)
        except encoding.RefusedError:
            theirs = None
        assert theirs == ours, (data.hex(), count, k, coverage)
        believed += ours is not None
    assert believed > 50


def change_bytes(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    at = rng.randrange(min(len(changed), 22) if rng.random() < 0.5 else len(changed))
    what = rng.random()
    if what < 0.7:
        changed[at] = rng.randrange(256)  # false, true and what follows have vectors
    elif what < 0.85:
        del changed[at]
    else:
        changed.insert(at, rng.randrange(256))
    return bytes(changed)


@pytest.mark.parametrize("stage", ["cose_sign1", "frame"])
def test_both_judge_the_same_of_tokens_that_chance_changed(stage: str) -> None:
    rng = random.Random(2026)
    vectors = [one for one in load("tokens")["vectors"] if one["stages"].get(stage)]
    for _ in range(1000):
        vector = rng.choice(vectors)
        data = change_bytes(bytes.fromhex(vector["stages"][stage]), rng)
        code = data if stage == "cose_sign1" else text.to_base45(data)
        verdict, _ = verifier.judge(
            code,
            world=WORLDS[vector["world"]],
            at=vector["at"],
            grace_s=vector["grace_s"],
            max_age_s=vector["max_age_s"],
            holder=vector["holder"],
            require=vector.get("require", "code"),
            examples=vector["examples"],
        )
        assert verdict == judged(vector, code), (vector["name"], data.hex())


def test_both_read_the_same_of_lists_and_deltas_that_chance_changed() -> None:
    rng = random.Random(2026)
    found = load("lists")
    keys = keys_of(found)
    by_name = {vector["name"]: bytes.fromhex(vector["data"]) for vector in found["vectors"]}
    base = lists.read_list(by_name["plain"], "sample", keys)
    for _ in range(1500):
        name, typ = rng.choice((("plain", LIST_TYP), ("edges", LIST_TYP), ("delta", DELTA_TYP)))
        claims: Tree = canon.decode(canon.encode(claims_of(by_name[name])), max_bytes=1 << 20)
        data = signed(put(claims, rng.choice(paths(claims)), rng.choice(LEAVES)), "list", typ=typ)
        ours = theirs = True
        try:
            if typ == LIST_TYP:
                open_list(data, authority_id="sample", keys=list_keys(PLAIN))
            else:
                delta = open_delta(data, authority_id="sample", keys=list_keys(PLAIN))
                apply_delta(opened("plain"), delta)
        except EtitleError:
            ours = False
        try:
            if typ == LIST_TYP:
                lists.read_list(data, "sample", keys)
            else:
                lists.apply_delta(base, data, "sample", keys)
        except encoding.RefusedError:
            theirs = False
        assert theirs is ours, data.hex()
