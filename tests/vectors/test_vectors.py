"""Every vector through the library, and what the vectors together must cover."""

from __future__ import annotations

import base64
import datetime
import json
import re
import tomllib
import zlib
from collections.abc import Callable
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.vectors.make import stores
from tests.vectors.make.build import build
from tests.vectors.make.bundles import PLAIN, describe
from tests.vectors.make.documents import apply
from tests.vectors.make.people import from_json, to_json
from tests.vectors.make.shop import NotDeterministicError, WrongVectorError, inflate_raw
from tests.vectors.make.small import diagnostic
from tests.vectors.make.tokens import expectation, insist
from tests.vectors.make.worlds import load_world

from etitle import canon, cose
from etitle.certificate import payload
from etitle.certificate.commitment import commit, format_opening, matches, parse_opening
from etitle.certificate.identity import (
    DocumentKind,
    Identity,
    check_digit,
    fits_mask,
    is_possible,
    mask,
    person_number,
)
from etitle.errors import DecodeError, TrustError
from etitle.keys.signer import SoftSigner
from etitle.token import frame, text
from etitle.token.draw import qr_version
from etitle.trust.anchors import Lists, Trust
from etitle.trust.bundle import list_keys
from etitle.trust.delta import apply_delta, open_delta
from etitle.trust.rescue import open_rescue
from etitle.trust.roots import open_bundle, open_next
from etitle.trust.slices import open_sliced
from etitle.trust.statuslist import StatusList, open_list
from etitle.verdict import DOCUMENT_CHECKS, CheckId, Judged, Reason
from etitle.verify.document import verify_document
from etitle.verify.picture import verify_image
from etitle.verify.question import Holder, Policy, Question
from etitle.verify.token import verify_token

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FILES = (
    "tokens", "pictures", "documents", "trust", "bundles", "lists", "store", "canon", "identity",
    "compressed",
)  # fmt: skip
Vector = dict[str, Any]


@cache
def load(name: str) -> Vector:
    content: Vector = json.loads((HERE / f"{name}.json").read_text("utf-8"))
    return content


@cache
def world(name: str) -> tuple[Trust, Lists]:
    return load_world(load("trust"), name)


def named(file: str) -> pytest.MarkDecorator:
    vectors = load(file)["vectors"]
    return pytest.mark.parametrize("vector", vectors, ids=[one["name"] for one in vectors])


def judged(vector: Vector, code: str | bytes) -> Vector:
    trust, lists = world(vector["world"])
    holder = vector["holder"]
    verdict = verify_token(
        code,
        Question(
            trust=trust,
            lists=lists,
            at=datetime.datetime.fromisoformat(vector["at"]),
            policy=Policy(
                grace_s=vector["grace_s"],
                max_age_s=vector["max_age_s"],
                require=Judged(vector.get("require", "code")),
                examples=vector["examples"],
            ),
            holder=holder
            and Holder(
                number=holder["number"],
                opening=holder["opening"],
                nationality=holder["nationality"],
            ),
        ),
    )
    return expectation(verdict)


# -- the files themselves --------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_of_the_schema(name: str) -> None:
    schema = load("schema")
    jsonschema.Draft202012Validator.check_schema(schema)
    found = load(name)
    assert found["file"] == name
    jsonschema.Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": schema["$defs"]}).validate(
        found
    )


def test_every_file_is_rebuilt_byte_for_byte() -> None:
    made = build()
    assert sorted(made) == sorted(f"{name}.json" for name in FILES)
    differing = [name for name in made if (HERE / name).read_text("utf-8") != made[name]]
    assert not differing, "run make vectors"


def test_compressed_bytes_of_before_are_kept_whatever_the_compressor(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    honest: Callable[..., object] = zlib.compressobj

    def hasty(_level: int, *rest: object, **more: object) -> object:
        return honest(1, *rest, **more)

    monkeypatch.setattr(zlib, "compressobj", hasty)
    fresh = build(tmp_path)
    assert (HERE / "tokens.json").read_text("utf-8") != fresh["tokens.json"]
    made = build()
    assert [name for name in made if (HERE / name).read_text("utf-8") != made[name]] == []


@pytest.mark.parametrize("file", ["tokens", "pictures", "documents", "bundles", "lists", "canon"])
def test_names_are_unique(file: str) -> None:
    names = [vector["name"] for vector in load(file)["vectors"]]
    assert len(names) == len(set(names))


def test_nothing_is_made_without_deterministic_signatures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SoftSigner, "sign", lambda _self, _data: bytes(64))
    with pytest.raises(NotDeterministicError):
        build()


def test_a_vector_must_show_what_it_is_there_for() -> None:
    expected = load("tokens")["vectors"][0]["expected"]
    insist("plain", ("VALID", "standing.in_force"), expected)
    for wrong in (("INVALID",), ("VALID", "standing.voided")):
        with pytest.raises(WrongVectorError):
            insist("plain", wrong, expected)


def test_the_schema_lists_every_reason_and_check() -> None:
    check = load("schema")["$defs"]["check"]["properties"]
    assert check["id"]["enum"] == [str(one) for one in CheckId]
    assert check["reason"]["enum"] == [str(one) for one in Reason]


# -- coverage --------------------------------------------------------------------------------------


Pair = tuple[str, str, str]


def pairs_of_the_specification() -> set[Pair]:
    """Check, outcome and reason of the table of clause 8.4."""
    page = (ROOT / "docs/spec/verdict.md").read_text("utf-8")
    table = page.partition("## 8.4 ")[2].partition("\n\nEach reason")[0]
    pairs: set[Pair] = set()
    for line in table.splitlines():
        cells = [re.findall(r"`(\w+)`|\b(any)\b", cell) for cell in line.split("|")[1:-1]]
        if len(cells) != 4 or not cells[0]:
            continue
        check = cells[0][0][0] or cells[0][0][1]
        for outcome, reasons in zip(("pass", "fail", "unknown"), cells[1:], strict=True):
            pairs |= {(check, outcome, reason) for reason, _ in reasons}
    return pairs


def of_documents(pair: Pair) -> bool:
    """Whether only a document can give it."""
    documents = {str(check) for check in DOCUMENT_CHECKS}
    return (pair[0] in documents and pair[2] != "page_not_judged") or pair[2] == "timestamped"


def pairs_of_tokens() -> set[Pair]:
    pairs = pairs_of_the_specification()
    every = {str(check) for check in CheckId if check not in DOCUMENT_CHECKS}
    pairs = {pair for pair in pairs if not of_documents(pair)}
    # No vector takes so many pages, or a kind of picture that a library may come to read.
    pairs -= {("read", "unknown", "page_unread"), ("read", "unknown", "kind_unread")}
    # A picture or text is always looked at, and what stands in a list is never just "ok".
    pairs -= {("any", "pass", "ok"), ("any", "unknown", "not_checked")}
    pairs -= {("list", "unknown", "list_damaged")}  # a store's, never a file's
    pairs |= {(check, "pass", "ok") for check in every - {"standing"}}
    pairs |= {(check, "unknown", "not_checked") for check in every - {"read"}}
    return pairs


def pairs_of_documents() -> set[Pair]:
    pairs = {pair for pair in pairs_of_the_specification() if of_documents(pair)}
    # What a verifier lacks stands in no file: see tests/unit/verify/test_document.py.
    pairs -= {("structure", "unknown", "reader_missing"), ("structure", "unknown", "encrypted")}
    pairs -= {
        (check, "unknown", "algorithm_missing") for check in ("document_signature", "archive")
    }
    plain = (("pass", "ok"), ("unknown", "not_checked"))
    return pairs | {(str(check), *one) for check in DOCUMENT_CHECKS for one in plain}


def test_every_reason_of_every_check_of_a_document_has_a_vector() -> None:
    found = {
        (check["id"], check["outcome"], check["reason"])
        for vector in load("documents")["vectors"]
        for check in vector["expected"]["checks"]
    }
    wanted = pairs_of_documents()
    assert len(wanted) > 25
    assert {pair for pair in found if of_documents(pair)} == wanted


def test_every_reason_of_every_check_has_a_vector() -> None:
    wanted = pairs_of_tokens()
    assert len(wanted) > 60
    found = {
        (check["id"], check["outcome"], check["reason"])
        for file in ("tokens", "pictures")
        for vector in load(file)["vectors"]
        for check in vector["expected"]["checks"]
    }
    assert found == wanted


def test_every_summary_and_standing_has_a_vector() -> None:
    verdicts = [vector["expected"] for vector in load("tokens")["vectors"]]
    properties = load("schema")["$defs"]["verdict"]["properties"]
    for axis in ("summary", "authenticity", "standing"):
        assert {verdict[axis] for verdict in verdicts} == set(properties[axis]["enum"])


def codes(room: str) -> set[str]:
    file = resources.files("etitle") / "messages" / f"{room}.toml"
    return {f"{room}.{reason}" for reason in tomllib.loads(file.read_text("utf-8"))}


def test_every_code_that_a_list_can_cause_has_a_vector() -> None:
    vectors = load("lists")["vectors"]
    found = {vector["code"] for vector in vectors} - {None}
    found |= {
        look["code"]
        for vector in vectors
        if vector["result"]
        for look in vector["result"]["look_ups"]
        if "code" in look
    }
    found |= {vector["code"] for vector in load("lists")["slices"]} - {None}
    # These two refuse what a publisher puts in, never what a file holds.
    assert found == codes("list") - {"list.entry_refused", "list.field_refused"}


def test_every_code_that_a_bundle_can_cause_has_a_vector() -> None:
    found = {vector["code"] for vector in load("bundles")["vectors"]} - {None}
    publisher = {"bundle.refused", "bundle.rescue_refused"}
    typed = {"bundle.pin_malformed", "bundle.pin_contradictory", "bundle.words_damaged"}
    assert found == codes("bundle") - publisher - typed - {"bundle.authority_twice"}


def test_every_code_that_bytes_can_cause_has_a_vector() -> None:
    found = {vector["code"] for vector in load("canon")["vectors"]} - {None}
    # Only an encoder refuses values, and too many items take a megabyte: see the unit tests.
    assert found == codes("canon") - {"canon.value_refused", "canon.too_many_items"}


def test_every_code_of_a_vector_is_in_the_schema() -> None:
    found = {
        vector["code"] for file in ("bundles", "lists", "canon") for vector in load(file)["vectors"]
    }
    found |= {vector["code"] for vector in load("lists")["slices"]}
    known = set(load("schema")["$defs"]["code"]["enum"])
    assert found - {None} == known - {"record.opening_malformed", "record.opening_mistyped"}


# -- tokens and pictures ---------------------------------------------------------------------------


@named("tokens")
def test_a_token_has_its_verdict(vector: Vector) -> None:
    code = vector["code"]
    if code is None:
        code = bytes.fromhex(vector["stages"]["cose_sign1"])
    assert judged(vector, code) == vector["expected"]


WHOLE = [vector for vector in load("tokens")["vectors"] if "text" in vector["stages"]]


@pytest.mark.parametrize("vector", WHOLE, ids=[vector["name"] for vector in WHOLE])
def test_every_form_of_a_token_has_the_same_verdict(vector: Vector) -> None:
    stages = vector["stages"]
    forms = [stages["text"], text.to_number(bytes.fromhex(stages["frame"]))]
    if "base45" in stages:
        forms += [stages["base45"], bytes.fromhex(stages["cose_sign1"])]
    for form in forms:
        assert judged(vector, form) == vector["expected"]


STAGED = [vector for vector in WHOLE if "base45" in vector["stages"]]


@pytest.mark.parametrize("vector", STAGED, ids=[vector["name"] for vector in STAGED])
def test_each_stage_of_a_token_leads_to_the_next(vector: Vector) -> None:
    stages = vector["stages"]
    octets = {name: bytes.fromhex(stages[name]) for name in list(stages)[:5]}
    token = cose.parse_sign1(octets["cose_sign1"], max_bytes=2048)
    assert (token.protected, token.payload) == (octets["protected"], octets["payload"])
    aad = frame.binding(vector["authority"])
    assert token.to_be_signed(external_aad=aad) == octets["sig_structure"]
    assert frame.unpack(octets["frame"]) == token
    assert inflate_raw(octets["frame"][5:-64]) == octets["payload"]
    assert text.to_frame(stages["text"]) == octets["frame"]
    assert text.to_base45(octets["frame"]) == stages["base45"]
    assert qr_version(stages["text"]) == stages["qr_version"]


CERTIFIED = [vector for vector in STAGED if vector["certificate"] is not None]


@pytest.mark.parametrize("vector", CERTIFIED, ids=[vector["name"] for vector in CERTIFIED])
def test_a_certificate_and_its_payload_are_one(vector: Vector) -> None:
    data = bytes.fromhex(vector["stages"]["payload"])
    assert payload.encode(from_json(vector["certificate"])) == data
    assert to_json(payload.decode(data)) == vector["certificate"]


def test_the_longest_payload_has_1024_bytes() -> None:
    sizes = [len(vector["stages"]["payload"]) // 2 for vector in CERTIFIED]
    assert max(sizes) == payload.MAX_PAYLOAD_BYTES


@named("pictures")
def test_a_picture_has_its_verdict(vector: Vector) -> None:
    trust, lists = world(vector["world"])
    at = datetime.datetime.fromisoformat(vector["at"])
    picture = base64.b64decode(vector["picture"], validate=True)
    policy = Policy(examples=vector["examples"])
    question = Question(trust=trust, lists=lists, at=at, policy=policy)
    assert expectation(verify_image(picture, question)) == vector["expected"]


# -- documents -------------------------------------------------------------------------------------


def document(vector: Vector) -> bytes:
    bases = load("documents")["bases"]
    return apply(base64.b64decode(bases[vector["base"]], validate=True), vector["edits"])


def judged_document(vector: Vector, pdf: bytes) -> Vector:
    trust, lists = world(vector["world"])
    tsas = (
        frozenset(map(bytes.fromhex, load("documents")["tsas"])) if vector["tsas"] else frozenset()
    )
    holder = vector["holder"]
    verdict = verify_document(
        pdf,
        Question(
            trust=trust,
            lists=lists,
            at=datetime.datetime.fromisoformat(vector["at"]),
            policy=Policy(
                grace_s=vector["grace_s"],
                tsas=tsas,
                archival=vector["archival"],
                require=Judged(vector.get("require", "code")),
                examples=vector["examples"],
            ),
            holder=holder and Holder(**holder),
        ),
    )
    return expectation(verdict)


@named("documents")
def test_a_document_has_its_verdict(vector: Vector) -> None:
    assert judged_document(vector, document(vector)) == vector["expected"]


@named("documents")
def test_the_edits_of_a_document_are_apart_and_in_order(vector: Vector) -> None:
    end = 0
    for one in vector["edits"]:
        assert one["at"] >= end
        assert one["remove"] or one["insert"]
        end = one["at"] + one["remove"]
    assert end <= len(base64.b64decode(load("documents")["bases"][vector["base"]]))


def test_every_base_stands_for_itself() -> None:
    whole = {vector["base"] for vector in load("documents")["vectors"] if not vector["edits"]}
    assert whole == set(load("documents")["bases"])


# -- stores ----------------------------------------------------------------------------------------


@named("store")
def test_a_store_makes_the_same_of_what_it_receives(vector: Vector, tmp_path: Path) -> None:
    found = load("store")
    files = {name: bytes.fromhex(data) for name, data in found["files"].items()}
    begins = [files[name] for name in found["begins"]]
    kept = stores.begin(
        tmp_path / "store", begins, pin=bytes.fromhex(found["pin"]), at_s=found["at_s"]
    )
    for step in vector["steps"]:
        given = [(name, files[name]) for name in step["files"]]
        assert (stores.take(kept, given, at_s=step["at_s"]), stores.outcome(kept)) == (
            step["alarms"], step["state"],
        )  # fmt: skip


def test_every_alarm_of_a_store_has_a_vector() -> None:
    found = {
        code for one in load("store")["vectors"] for step in one["steps"] for code in step["alarms"]
    }
    told = set(
        re.findall(r"`(store\.\w+)`", (HERE.parents[1] / "docs/spec/store.md").read_text("utf-8"))
    )
    # These speak of a disk, of a budget that takes many files to break, or are no alarm.
    other = {
        "state_lost", "state_corrupt", "file_changed", "over_budget",
        "list_in_future",
    }  # fmt: skip
    assert found == told - {f"store.{name}" for name in other}


# -- bundles, lists --------------------------------------------------------------------------------


@named("bundles")
def test_a_bundle_or_rescue_list_is_believed_or_refused(vector: Vector) -> None:
    data = bytes.fromhex(vector["data"])
    pin = bytes.fromhex(load("bundles")["pin"])
    assert open_bundle(bytes.fromhex(load("bundles")["current"]), pin=pin) == PLAIN
    facts: Vector | None
    code: str | None = None
    try:
        if vector["door"] == "rescue":
            rescue = open_rescue(data, bundle=PLAIN)
            facts = {"thumbprint": rescue.thumbprint.hex(), "digests": len(rescue)}
        elif vector["door"] == "pin":
            facts = describe(open_bundle(data, pin=pin))
        else:
            facts = describe(open_next(data, current=PLAIN))
    except TrustError as error:
        facts, code = None, error.code
    assert (facts, code) == (vector["facts"], vector["code"])


@cache
def opened(name: str) -> StatusList:
    vector = next(one for one in load("lists")["vectors"] if one["name"] == name)
    data = bytes.fromhex(vector["data"])
    keys = list_keys(PLAIN)
    if vector["base"] is None:
        return open_list(data, authority_id="sample", keys=keys)
    delta = open_delta(data, authority_id="sample", keys=keys)
    return apply_delta(opened(vector["base"]), delta)


@pytest.mark.parametrize("vector", load("lists")["slices"], ids=lambda one: one["name"])
def test_a_slice_is_believed_or_refused(vector: Vector) -> None:
    data, part = bytes.fromhex(vector["head"]), bytes.fromhex(vector["slice"])

    def asked() -> tuple[object, ...]:
        head = open_sliced(data, authority_id="sample", keys=list_keys(PLAIN))
        return (vector["index"], *head.look_up(vector["index"], part))

    if vector["code"] is None:
        assert asked() == tuple(vector["look_up"].values())
        return
    with pytest.raises(TrustError) as caught:
        asked()
    assert caught.value.code == vector["code"]


@named("lists")
def test_a_list_or_delta_is_believed_or_refused(vector: Vector) -> None:
    if vector["code"] is not None:
        with pytest.raises(TrustError) as caught:
            opened(vector["name"])
        assert caught.value.code == vector["code"]
        return
    made, result = opened(vector["name"]), vector["result"]
    assert made.table.state_hash().hex() == result["state_hash"] == vector["stages"]["state_hash"]
    assert (made.sequence, made.table.coverage) == (result["sequence"], result["coverage"])
    assert (made.issued_s, made.expires_s) == (result["issued_s"], result["expires_s"])
    point = made.checkpoint
    found = point and {
        "log": point.log_id, "tree_size": point.tree_size, "root_hash": point.root_hash.hex(),
    }  # fmt: skip
    assert found == result["checkpoint"]
    for look in result["look_ups"]:
        if "code" in look:
            with pytest.raises(TrustError) as caught:
                made.table.look_up(look["index"])
            assert caught.value.code == look["code"]
        else:
            entry = made.table.look_up(look["index"])
            assert tuple(entry) == (look["kind"], look["day"], look["successor"])


# -- small things ----------------------------------------------------------------------------------


@named("canon")
def test_bytes_are_canonical_or_refused(vector: Vector) -> None:
    data = bytes.fromhex(vector["data"])
    if vector["code"] is None:
        value = canon.decode(data, max_bytes=load("canon")["max_bytes"])
        assert diagnostic(value) == vector["value"]
        assert canon.encode(value) == data
        return
    with pytest.raises(DecodeError) as caught:
        canon.decode(data, max_bytes=load("canon")["max_bytes"])
    assert caught.value.code == vector["code"]


def test_check_digits_and_masks() -> None:
    found = load("identity")
    for one in found["check_digits"]:
        assert check_digit(one["first17"]) == one["check"]
    for one in found["masks"]:
        assert mask(DocumentKind(one["kind"]), one["number"]) == one["mask"]
    for one in found["fits"]:
        kind = DocumentKind(one["kind"])
        assert fits_mask(kind, one["mask"], one["number"]) is one["fits"]


def test_numbers_of_persons() -> None:
    for one in load("identity")["persons"]:
        kind = DocumentKind(one["kind"])
        person = person_number(kind, one["number"])
        assert (person, is_possible(kind, person)) == (one["person"], one["possible"])


def test_openings_printed_and_typed() -> None:
    for one in load("identity")["openings"]:
        assert format_opening(bytes.fromhex(one["bytes"])) == one["printed"]
        assert parse_opening(one["printed"]).hex() == one["bytes"]
    for one in load("identity")["typed"]:
        if one["code"] is None:
            assert parse_opening(one["typed"]).hex() == one["bytes"]
        else:
            with pytest.raises(DecodeError) as caught:
                parse_opening(one["typed"])
            assert caught.value.code == one["code"]


def test_commitments() -> None:
    for one in load("identity")["commitments"]:
        key, kind = bytes.fromhex(one["opening"]), DocumentKind(one["kind"])
        made = commit(key, kind, one["number"], one["nationality"], pepper=one["pepper"])
        assert made.hex() == one["commitment"]
    for one in load("identity")["matches"]:
        kind = DocumentKind(one["identity"]["kind"])
        shown = one["identity"]
        identity = Identity(
            kind, shown["shown"], bytes.fromhex(shown["commitment"]), shown["nationality"]
        )
        answer = matches(identity, one["opening"], one["number"], one["nationality"])
        assert answer is one["matches"]
