"""One token -> one verdict: every check and every reason of docs/spec clause 8.4, by real input."""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from PIL import Image
from tests.support.authority import AT, AT_S, BASE, START_DAY, WEEK_S, World, make_world, seal_key
from tests.support.population import certificates
from tests.support.question import EXAMPLES

from etitle import canon, cose
from etitle.certificate import payload
from etitle.certificate.commitment import commit, format_opening
from etitle.certificate.dates import china_day, day_date
from etitle.certificate.identity import DocumentKind, Identity, check_digit
from etitle.certificate.model import BodyLevel, Certificate, EndorsedCopy, Level, Sex
from etitle.errors import LANGUAGES, NotValidError, StoreError
from etitle.keys.signer import SoftSigner, generate
from etitle.keys.suite import EDDSA, ES256, SUITES
from etitle.report.json import as_line
from etitle.report.prose import as_text
from etitle.token import frame, text
from etitle.token.draw import draw_png
from etitle.trust.anchors import Lists, Trust
from etitle.trust.bundle import Authority, KeyState, KeyUse, ListEntry, Scope
from etitle.trust.rescue import digest, make_rescue
from etitle.trust.status import StatusEntry, StatusKind, StatusTable
from etitle.verdict import (
    DOCUMENT_CHECKS,
    Authenticity,
    CheckId,
    Judged,
    Outcome,
    Reason,
    State,
    Summary,
    Verdict,
)
from etitle.verify.file import MAX_FILE_BYTES, verify_bytes
from etitle.verify.person import verify_holder
from etitle.verify.picture import verify_image
from etitle.verify.question import Holder, Policy, Question
from etitle.verify.token import MAX_TOKEN_BYTES, verify_token

DAY_S = 86_400
POPULATION = certificates(3)
OPENING = bytes(range(10))
FIRST17 = "45009919900101123"
NUMBER = FIRST17 + check_digit(FIRST17)
MASK = f"45{'*' * 12}{NUMBER[-4:]}"
MASKED = replace(
    POPULATION[0],
    issued=datetime.date(2026, 11, 2),
    index=41,
    identity=Identity(
        DocumentKind.CN_RESIDENT, MASK, commit(OPENING, DocumentKind.CN_RESIDENT, NUMBER, pepper=1)
    ),
    sex=Sex.MALE,
)
FULL = replace(MASKED, identity=Identity(DocumentKind.CN_RESIDENT, NUMBER))
NONE = replace(MASKED, identity=None)
DAY = 20_700

WORLD = make_world([MASKED])
OTHER = make_world([MASKED], authority_id="other")
CODE = WORLD.code(MASKED)


def damaged_list() -> None:
    raise StoreError("store.file_changed", authority="sample", name="list")


def verify(
    code: str | bytes = CODE,
    world: World = WORLD,
    *,
    at: datetime.datetime = AT,
    trust: Trust | None = None,
    lists: Lists | None = None,
    policy: Policy | None = None,
    holder: Holder | None = None,
) -> Verdict:
    return verify_token(
        code,
        Question(
            trust=world.trust if trust is None else trust,
            lists=world.lists if lists is None else lists,
            at=at,
            policy=policy or Policy(examples=True),
            holder=holder,
        ),
    )


def later(seconds: int) -> datetime.datetime:
    return AT + datetime.timedelta(seconds=seconds)


def issued(changes: dict[str, object], world: World = WORLD) -> str:
    return world.code(replace(MASKED, **changes))  # type: ignore[arg-type]


def signed(data: bytes, world: World = WORLD) -> bytes:
    """A token over any payload, in its COSE form."""
    return world.token_over(data).to_bytes()


def entries(**changes: object) -> bytes:
    """The payload of ``MASKED`` with its map entries changed."""
    found = canon.decode(payload.encode(MASKED), max_bytes=1024)
    assert isinstance(found, dict)
    changed: dict[object, object] = dict(found.items())
    changed.update({int(key[1:]): each for key, each in changes.items()})
    return canon.encode(changed)


def compromised(world: World = WORLD) -> World:
    since = ((KeyState.ACTIVE, 1_577_836_800), (KeyState.COMPROMISED, AT_S - 9 * DAY_S))
    return world.with_token_key(history=since)


def rescued() -> World:
    token = WORLD.token(MASKED)
    rescue = make_rescue(
        [digest(WORLD.signed_part(token))],
        authority_id="sample",
        thumbprint=WORLD.token_signer.public.thumbprint,
        issued_s=AT_S,
        number=1,
    )
    return replace(compromised(), rescues=(rescue,))


def revoked(kind: StatusKind, successor: str | None = None, *, index: int = 41) -> World:
    entry = StatusEntry(kind, DAY, successor)
    table = StatusTable.from_entries(
        list_id=1, epoch=1, coverage=10_000_000, entries={index: entry}
    )
    return WORLD.with_list(table=table)


def second_form() -> bytes:
    token = WORLD.token(MASKED)
    s = ES256.order - int.from_bytes(token.signature[32:], "big")
    return replace(token, signature=token.signature[:32] + s.to_bytes(32, "big")).to_bytes()


def bad_signature() -> bytes:
    token = WORLD.token(MASKED)
    return replace(token, payload=payload.encode(replace(MASKED, name="样例甲"))).to_bytes()


def swapped_suite() -> bytes:
    token = WORLD.token(MASKED)
    protected = cose.protected_header(EDDSA, token.kid)
    return replace(token, suite=EDDSA, protected=protected).to_bytes()


def by_list_key() -> str:
    return text.to_url(frame.pack(WORLD.token(MASKED, signer=WORLD.list_signer)), base=BASE)


def from_file(data: bytes) -> Verdict:
    part, *_ = verify_bytes(
        data, Question(trust=WORLD.trust, lists=WORLD.lists, at=AT, policy=EXAMPLES)
    )
    return part.verdict


def two_codes() -> bytes:
    codes = (CODE, WORLD.code(replace(MASKED, name="样例乙")))
    one, other = (Image.open(io.BytesIO(draw_png(code, module_px=4))) for code in codes)
    page = Image.new("1", (one.width + other.width, max(one.height, other.height)), 1)
    page.paste(one, (0, 0))
    page.paste(other, (one.width, 0))
    out = io.BytesIO()
    page.save(out, "PNG")
    return out.getvalue()


def cut_fax() -> bytes:
    """A TIFF whose second page has lost most of its samples."""
    out = io.BytesIO()
    pages = [Image.new("L", (400, 400), shade) for shade in (255, 254)]
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:])
    data = bytearray(out.getvalue())
    at = data.rindex(b"\x11\x01\x04\x00")  # StripOffsets of the second page
    data[at + 8 : at + 12] = len(data).to_bytes(4, "little")
    return bytes(data)


def blank_picture() -> bytes:
    file = io.BytesIO()
    Image.new("L", (30, 30), 255).save(file, "PNG")
    return file.getvalue()


def epoch(number: int) -> World:
    return WORLD.with_bundle(lists=(ListEntry(1, number, 1, f"{BASE}/lists/1.cwt"),))


SCENES: dict[tuple[str, str, str], Callable[[], Verdict]] = {
    ("read", "unknown", "empty"): lambda: verify(" \n"),
    ("read", "unknown", "nothing_found"): lambda: from_file(blank_picture()),
    ("read", "unknown", "not_ours"): lambda: verify("https://example.com/"),
    ("read", "unknown", "unreadable"): lambda: from_file(b"\x00\x01"),
    ("read", "unknown", "too_large"): lambda: from_file(bytes(MAX_FILE_BYTES + 1)),
    ("read", "unknown", "several_codes"): lambda: verify_image(
        two_codes(), Question(trust=WORLD.trust, lists=WORLD.lists, at=AT, policy=EXAMPLES)
    ),
    ("read", "unknown", "page_unread"): lambda: from_file(cut_fax()),
    ("read", "unknown", "kind_unread"): lambda: from_file(b"\0\0\0\x18ftypheic" + bytes(40)),
    ("read", "fail", "text_malformed"): lambda: verify(
        WORLD.code(MASKED).replace("#", "#0")
    ),
    ("read", "unknown", "incomplete"): lambda: verify(WORLD.code(MASKED)[:-9]),
    ("frame", "unknown", "incomplete"): lambda: verify(
        text.to_url(WORLD.frame(MASKED)[:-1], base=BASE)
    ),
    ("frame", "fail", "frame_malformed"): lambda: verify(
        text.to_url(WORLD.frame(MASKED) + b"\0", base=BASE)
    ),
    ("frame", "unknown", "format_unknown"): lambda: verify(
        text.to_url(b"\x31" + WORLD.frame(MASKED)[1:], base=BASE)
    ),
    ("payload", "fail", "payload_malformed"): lambda: verify(signed(entries(k13=9))),
    ("payload", "unknown", "version_unknown"): lambda: verify(signed(entries(k0=2))),
    ("signer", "fail", "suite_mismatch"): lambda: verify(swapped_suite()),
    ("signer", "unknown", "signer_unknown"): lambda: verify(OTHER.code(MASKED)),
    ("signature", "fail", "signature_bad"): lambda: verify(bad_signature()),
    ("signature", "fail", "signature_second_form"): lambda: verify(second_form()),
    ("use", "fail", "use_wrong"): lambda: verify(by_list_key()),
    ("window", "fail", "outside_window"): lambda: verify(
        issued({"issued": datetime.date(2019, 12, 31)}),
        WORLD.with_bundle(segments=tuple(replace(s, not_before=0) for s in WORLD.bundle.segments)),
    ),
    ("window", "unknown", "issued_in_future"): lambda: verify(
        issued({"issued": datetime.date(2026, 11, 21)})
    ),
    ("compromise", "unknown", "compromised"): lambda: verify(world=compromised()),
    ("compromise", "pass", "rescued"): lambda: verify(world=rescued()),
    ("segment", "fail", "outside_scope"): lambda: verify(
        CODE, WORLD.with_token_key(scope=Scope(levels=tuple({*Level} - {MASKED.level})))
    ),
    ("segment", "fail", "outside_segment"): lambda: verify(issued({"number": "99123456"})),
    ("segment", "fail", "body_mismatch"): lambda: verify(issued({"approving_body": "样例乙市"})),
    ("segment", "unknown", "no_segments"): lambda: verify(world=WORLD.with_bundle(segments=())),
    ("bundle", "pass", "bundle_stale"): lambda: verify(
        world=WORLD.with_bundle(next_update_s=AT_S - 1)
    ),
    ("bundle", "unknown", "example"): lambda: verify(policy=Policy()),
    ("bundle", "unknown", "bundle_expired"): lambda: verify(
        world=WORLD.with_bundle(next_update_s=AT_S - 31 * DAY_S)
    ),
    ("bundle", "unknown", "clock_behind"): lambda: verify(at=later(-8 * DAY_S)),
    ("holder", "fail", "holder_mismatch"): lambda: verify(
        holder=Holder(number=NUMBER, opening=bytes(10))
    ),
    ("holder", "unknown", "fits_mask"): lambda: verify(holder=Holder(number=NUMBER)),
    ("holder", "unknown", "number_malformed"): lambda: verify(holder=Holder(number="abc")),
    ("holder", "unknown", "opening_mistyped"): lambda: verify(
        holder=Holder(number=NUMBER, opening="abc")
    ),
    ("standing", "unknown", "copy_expired"): lambda: verify(
        issued({"copy": EndorsedCopy("样例", None, datetime.date(2026, 11, 3), bytes(16))})
    ),
    ("holder", "unknown", "no_holder"): lambda: verify(
        WORLD.code(NONE), holder=Holder(number=NUMBER, opening=OPENING)
    ),
    ("list", "unknown", "list_missing"): lambda: verify(lists=Lists()),
    ("list", "unknown", "list_damaged"): lambda: verify(
        lists=Lists(asleep={("sample", 1): damaged_list})
    ),
    ("list", "unknown", "list_unknown"): lambda: verify(world=epoch(2)),
    ("freshness", "pass", "stale"): lambda: verify(world=WORLD.with_list(expires_s=AT_S - 1)),
    ("freshness", "unknown", "expired"): lambda: verify(at=later(WEEK_S + 30 * DAY_S + 1)),
    ("freshness", "unknown", "clock_behind"): lambda: verify(at=later(-3600 - 301)),
    ("coverage", "unknown", "beyond_coverage"): lambda: verify(
        issued({"index": 10_000_000})
    ),
    ("coverage", "unknown", "newer_than_list"): lambda: verify(
        issued({"issued": datetime.date(2026, 11, 20)}),
        WORLD.with_list(issued_s=AT_S - DAY_S),
    ),
    ("standing", "pass", "in_force"): verify,
    ("standing", "pass", "superseded"): lambda: verify(
        world=revoked(StatusKind.SUPERSEDED, "4520269")
    ),
    ("standing", "pass", "voided"): lambda: verify(world=revoked(StatusKind.VOIDED)),
    ("standing", "pass", "withdrawn"): lambda: verify(world=revoked(StatusKind.WITHDRAWN)),
    ("standing", "pass", "cancelled"): lambda: verify(world=revoked(StatusKind.CANCELLED)),
    ("standing", "pass", "suspended"): lambda: verify(world=revoked(StatusKind.SUSPENDED)),
    ("standing", "pass", "other"): lambda: verify(world=revoked(StatusKind.OTHER)),
    ("standing", "unknown", "standing_unknown"): lambda: verify(lists=Lists()),
}  # fmt: skip


@cache
def scene(key: tuple[str, str, str]) -> Verdict:
    return SCENES[key]()


ASKED = tuple(check for check in CheckId if check not in DOCUMENT_CHECKS)
"""The checks of tokens and pictures; those of documents: tests/unit/verify/test_document.py."""


def found(verdict: Verdict) -> set[tuple[str, str, str]]:
    return {(check.id.value, check.outcome.value, check.reason.value) for check in verdict.checks}


def clause_8_4() -> set[tuple[str, str, str]]:
    """Check, outcome and reason, as the specification's table lists them."""
    spec = Path(__file__).parents[3] / "docs" / "spec" / "verdict.md"
    table = spec.read_text("utf-8").partition("## 8.4")[2].partition("\n\nEach")[0]
    pairs: set[tuple[str, str, str]] = set()
    for line in table.splitlines():
        cells = [re.findall(r"`(\w+)`", cell) for cell in line.split("|")[1:-1]]
        if len(cells) == 4 and cells[0]:
            for outcome, reasons in zip(("pass", "fail", "unknown"), cells[1:], strict=True):
                pairs |= {(cells[0][0], outcome, reason) for reason in reasons}
    return pairs


@pytest.mark.parametrize("key", SCENES, ids=".".join)
def test_a_real_input_gives_the_reason(key: tuple[str, str, str]) -> None:
    verdict = scene(key)
    assert key in found(verdict)
    if key[1] == "fail":
        assert verdict.summary is Summary.INVALID
    if key[1] == "unknown":
        assert verdict.summary in {Summary.INDETERMINATE, Summary.INVALID}


def test_every_reason_of_clause_8_4_is_reached_and_no_other() -> None:
    produced = set().union(*(found(scene(key)) for key in SCENES))
    plain = {each for each in produced if each[2] in {"ok", "not_checked"}}
    ids = {check.value for check in ASKED}
    named = {each for each in clause_8_4() if each[0] in ids and each[2] != "timestamped"}
    assert produced - plain == named == set(SCENES)
    assert {each[1] for each in plain if each[2] == "ok"} == {"pass"}
    assert {each[1] for each in plain if each[2] == "not_checked"} == {"unknown"}
    passing = {each[0] for each in plain if each[2] == "ok"}
    assert passing == ids - {"standing", "holder"}
    left = {each[0] for each in plain if each[2] == "not_checked"}
    assert left == ids - {"read", "holder"}


def test_every_reason_of_the_program_is_in_the_specification() -> None:
    named = {reason for _, _, reason in clause_8_4()} | {"ok", "not_checked"}
    assert named == {reason.value for reason in Reason}


@pytest.mark.parametrize("key", SCENES, ids=".".join)
def test_every_check_is_listed_once_and_in_order(key: tuple[str, str, str]) -> None:
    listed = [check.id for check in scene(key).checks]
    wanted = [check for check in ASKED if check is not CheckId.HOLDER or key[0] == "holder"]
    assert listed == wanted


@pytest.mark.parametrize("key", SCENES, ids=".".join)
def test_only_one_reason_stands_in_the_way(key: tuple[str, str, str]) -> None:
    # The scenes are single faults: what an earlier check left is not_checked and nothing else.
    verdict = scene(key)
    faults = {
        (check.id.value, check.reason.value)
        for check in verdict.checks
        if check.outcome is not Outcome.PASS and check.reason is not Reason.NOT_CHECKED
    }
    consequences = {("standing", "standing_unknown"), ("freshness", "clock_behind"),
                    ("bundle", "clock_behind")}  # fmt: skip
    if key[2] == "issued_in_future":
        consequences.add(("coverage", "newer_than_list"))
    if key[2] == "standing_unknown":
        consequences.add(("list", "list_missing"))
    assert faults - consequences - {(key[0], key[2])} == set()


@pytest.mark.parametrize("key", SCENES, ids=".".join)
def test_require_gives_a_certificate_for_valid_only(key: tuple[str, str, str]) -> None:
    verdict = scene(key)
    if verdict.summary is Summary.VALID:
        assert verdict.require() is verdict.claimed
        return
    with pytest.raises(NotValidError) as caught:
        verdict.require()
    assert caught.value.code == "verdict.not_valid"
    assert caught.value.details["summary"] == verdict.summary


@pytest.mark.parametrize("key", SCENES, ids=".".join)
def test_a_verdict_is_no_boolean(key: tuple[str, str, str]) -> None:
    with pytest.raises(TypeError):
        bool(scene(key))


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
@pytest.mark.parametrize("certificate", [MASKED, FULL, NONE], ids=["masked", "full", "none"])
def test_what_was_issued_is_valid_in_every_form(suite: object, certificate: Certificate) -> None:
    world = make_world([certificate], suite=suite)  # type: ignore[arg-type]
    framed = world.frame(certificate)
    for code in (
        text.to_url(framed, base="https://elsewhere.example/any"),
        text.to_base45(framed),
        text.to_number(framed),
        frame.unpack(framed).to_bytes(),
    ):
        verdict = verify(code, world)
        assert verdict.summary is Summary.VALID
        assert verdict.require() == certificate
        assert verdict.authority == world.trust.anchors[0].who
        assert verdict.at_s == AT_S


def test_the_example_mark_is_that_of_the_bundle() -> None:
    assert verify().example
    assert not verify(world=WORLD.with_bundle(example=False)).example
    assert not verify(OTHER.code(MASKED)).example


def test_a_time_without_a_zone_is_the_callers_mistake() -> None:
    naive = datetime.datetime(2026, 11, 20)  # noqa: DTZ001  # the mistake itself
    for code in (CODE, "", b"", "x"):
        with pytest.raises(ValueError, match="time zone"):
            verify(code, at=naive)


def test_the_zone_of_the_time_does_not_matter() -> None:
    zone = datetime.timezone(datetime.timedelta(hours=-11))
    assert verify(at=AT.astimezone(zone)) == verify()


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00", "9999-12-31T23:59:59"])
@pytest.mark.parametrize("hours", [-23, 0, 8, 23])
def test_the_ends_of_the_calendar_give_a_verdict_and_a_report(at: str, hours: int) -> None:
    zone = datetime.timezone(datetime.timedelta(hours=hours))
    verdict = verify(at=datetime.datetime.fromisoformat(at).replace(tzinfo=zone))
    assert verdict.summary is Summary.INDETERMINATE
    assert as_line(verdict, file="x")
    assert as_text(verdict, file="x", language="zh")


# Who signed.


def test_keys_that_share_a_kid_are_each_tried() -> None:
    # Real collisions of 4 bytes exist; here the strangers' keys are told to have the kid.
    kid = WORLD.token_signer.public.kid
    strangers = tuple(seal_key(generate(suite), KeyUse.TOKEN) for suite in (ES256, EDDSA, ES256))
    for stranger in strangers:
        stranger.public.kid = kid
    crowd = OTHER.with_bundle(keys=strangers)
    for anchors in (
        (*crowd.trust.anchors, *WORLD.trust.anchors),
        (*WORLD.trust.anchors, *crowd.trust.anchors),
    ):
        trust = Trust(anchors)
        assert len(trust.candidates(kid)) == 4
        verdict = verify(trust=trust)
        assert verdict.summary is Summary.VALID
        assert verdict.authority == WORLD.trust.anchors[0].who
    assert verify(trust=crowd.trust).summary is Summary.INVALID


def test_the_authority_whose_key_verified_answers_for_lists_and_segments() -> None:
    kid = WORLD.token_signer.public.kid
    stranger = seal_key(generate(ES256), KeyUse.TOKEN)
    stranger.public.kid = kid
    crowd = OTHER.with_bundle(keys=(stranger,))
    trust = Trust((*crowd.trust.anchors, *WORLD.trust.anchors))
    # The other authority's list says nothing of ours.
    verdict = verify(trust=trust, lists=OTHER.lists)
    assert Reason.LIST_MISSING in {check.reason for check in verdict.checks}
    voided = StatusTable.from_entries(
        list_id=1, epoch=1, coverage=10_000_000, entries={41: StatusEntry(StatusKind.VOIDED, DAY)}
    )
    both = Lists((WORLD.status_list, OTHER.with_list(table=voided).status_list))
    assert verify(trust=trust, lists=both).summary is Summary.VALID


def test_several_authorities_each_verify_their_own() -> None:
    trust = Trust((*WORLD.trust.anchors, *OTHER.trust.anchors))
    lists = Lists((WORLD.status_list, OTHER.status_list))
    for world in (WORLD, OTHER):
        verdict = verify(world.code(MASKED), trust=trust, lists=lists)
        assert verdict.summary is Summary.VALID


def test_nobody_is_trusted_by_default() -> None:
    verdict = verify(trust=Trust(()), lists=Lists())
    assert verdict.summary is Summary.INDETERMINATE
    assert verdict.authority is None
    assert verdict.claimed == MASKED


def test_a_kid_does_not_lend_a_signature() -> None:
    # A forger's key, our kid.
    forger = generate(ES256)
    data = payload.encode(MASKED)
    protected = cose.protected_header(ES256, WORLD.token_signer.public.kid)
    signature = forger.sign(
        cose.to_be_signed(protected, data, external_aad=frame.binding("sample"))
    )
    token = cose.Sign1(ES256, WORLD.token_signer.public.kid, None, protected, data, signature)
    assert Reason.SIGNATURE_BAD in {check.reason for check in verify(token.to_bytes()).checks}


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_no_signature_of_zeros_or_ones_verifies(suite: object) -> None:
    world = make_world([MASKED], suite=suite)  # type: ignore[arg-type]
    token = world.token(MASKED)
    for signature in (
        bytes(64),
        b"\xff" * 64,
        bytes(31) + b"\x01" + bytes(31) + b"\x01",
        b"",
        bytes(63),
    ):
        verdict = verify(replace(token, signature=signature).to_bytes(), world)
        assert verdict.summary is Summary.INVALID


def test_a_list_is_no_token_even_by_the_token_key() -> None:
    listed = cose.sign1(
        payload.encode(MASKED), signer=WORLD.token_signer, typ="application/statuslist+cwt"
    )
    assert verify(listed.to_bytes()).summary is Summary.INVALID


def test_a_key_for_both_uses_may_sign_tokens() -> None:
    world = WORLD.with_token_key(uses=frozenset({KeyUse.TOKEN, KeyUse.LIST}))
    assert verify(world=world).summary is Summary.VALID
    for uses in ({KeyUse.LIST}, {KeyUse.DOCUMENT}):
        key = next(key for key in WORLD.bundle.keys if KeyUse.TOKEN in key.uses)
        other = WORLD.with_bundle(keys=(replace(key, uses=frozenset(uses)),))
        assert verify(world=other).summary is Summary.INVALID


def test_bytes_that_are_somebody_elses_are_not_called_forged() -> None:
    for code in (b"", b"hello", b"\xd8\x62\x84", bytes(3000), b"\x89PNG"):
        assert verify(code).summary is Summary.INDETERMINATE
    # A COSE_Sign1 by a newer or foreign algorithm, ES256 (-7) for one.
    foreign = b"\xd2" + canon.encode((canon.encode({1: -7, 4: b"kidd"}), {}, b"x", bytes(64)))
    assert verify(foreign).summary is Summary.INDETERMINATE
    assert verify(b"\xd2" + bytes(MAX_TOKEN_BYTES + 1)).summary is Summary.INVALID


# When.


@pytest.mark.parametrize(
    ("day", "reason"),
    [(0, Reason.OK), (-1, Reason.OUTSIDE_WINDOW), (10, Reason.OK), (11, Reason.OUTSIDE_WINDOW)],
)
def test_the_window_of_a_key_includes_its_ends(day: int, reason: Reason) -> None:
    world = WORLD.with_token_key(not_after=START_DAY + 10)
    segments = tuple(replace(one, not_before=0) for one in world.bundle.segments)
    world = world.with_bundle(segments=segments)
    on = datetime.date(2020, 1, 1) + datetime.timedelta(days=day)
    verdict = verify(world.code(replace(MASKED, issued=on)), world)
    assert {check.reason for check in verdict.checks if check.id is CheckId.WINDOW} == {reason}


def test_a_retired_key_keeps_what_it_signed() -> None:
    history = ((KeyState.ACTIVE, 0), (KeyState.RETIRED, AT_S - DAY_S))
    assert verify(world=WORLD.with_token_key(history=history)).summary is Summary.VALID


def test_a_rescue_list_vouches_for_what_it_names_only() -> None:
    world = rescued()
    assert verify(world=world).summary is Summary.VALID
    other = world.code(replace(MASKED, name="样例丙"))
    assert verify(other, world).summary is Summary.INDETERMINATE
    # For another key, or of another authority, it says nothing.
    (rescue,) = world.rescues
    stray = replace(world, rescues=(replace(rescue, thumbprint=bytes(32)),))
    assert verify(world=stray).summary is Summary.INDETERMINATE


def test_the_date_in_a_token_of_a_compromised_key_proves_nothing() -> None:
    code = issued({"issued": datetime.date(2020, 6, 1)})
    assert verify(code, compromised()).authenticity is Authenticity.UNKNOWN


def test_an_issue_date_is_a_day_in_china() -> None:
    # 2026-11-20 16:30 UTC is the 21st in China.
    code = issued({"issued": datetime.date(2026, 11, 21)})
    fresh = WORLD.with_list(issued_s=AT_S + 13 * 3600)
    assert verify(code, fresh, at=later(13 * 3600)).summary is Summary.VALID


@pytest.mark.parametrize(
    ("age_s", "reason"),
    [
        (0, Reason.OK),
        (1, Reason.STALE),
        (30 * DAY_S, Reason.STALE),
        (30 * DAY_S + 1, Reason.EXPIRED),
    ],
)
def test_freshness_ends_where_clause_7_4_says(age_s: int, reason: Reason) -> None:
    verdict = verify(at=later(WEEK_S + age_s))
    (check,) = (check for check in verdict.checks if check.id is CheckId.FRESHNESS)
    assert check.reason is reason
    assert verdict.summary is (Summary.INDETERMINATE if reason is Reason.EXPIRED else Summary.VALID)


@pytest.mark.parametrize(("seconds", "days"), [(40 * DAY_S - 1, "39"), (40 * DAY_S, "40")])
def test_the_age_is_told_in_whole_days(seconds: int, days: str) -> None:
    world = WORLD.with_list(issued_s=AT_S).with_bundle(issued_s=AT_S, next_update_s=AT_S + 1)
    checks = {check.id: check.detail for check in verify(at=later(seconds), world=world).checks}
    assert (checks[CheckId.FRESHNESS], checks[CheckId.BUNDLE]) == (days, days)


def test_grace_is_the_callers_policy() -> None:
    stale = later(WEEK_S + 1)
    assert (
        verify(at=stale, policy=Policy(grace_s=0, examples=True)).summary is Summary.INDETERMINATE
    )
    assert (
        verify(at=later(WEEK_S), policy=Policy(grace_s=0, examples=True)).summary is Summary.VALID
    )


@pytest.mark.parametrize(("seconds", "behind"), [(-300, False), (-301, True)])
def test_a_clock_may_lag_five_minutes(seconds: int, behind: bool) -> None:
    verdict = verify(at=later(seconds - 3600))
    assert any(check.reason is Reason.CLOCK_BEHIND for check in verdict.checks) is behind
    verdict = verify(at=later(seconds), world=replace(WORLD, latest_s=AT_S))
    assert any(check.reason is Reason.CLOCK_BEHIND for check in verdict.checks) is behind


# What the list says.


REVOKED = [kind for kind in StatusKind if kind is not StatusKind.VALID]


@pytest.mark.parametrize("kind", REVOKED)
@pytest.mark.parametrize("seconds", [0, WEEK_S + 1, WEEK_S + 31 * DAY_S, 900 * DAY_S])
def test_a_revocation_counts_however_old_the_list(kind: StatusKind, seconds: int) -> None:
    world = revoked(kind).with_bundle(next_update_s=AT_S + 1000 * DAY_S)
    verdict = verify(at=later(seconds), world=world)
    assert verdict.summary is Summary.NOT_IN_FORCE
    assert verdict.standing.state.name == kind.name
    assert verdict.standing.since == datetime.date(1970, 1, 1) + datetime.timedelta(days=DAY)


def test_a_revocation_counts_whatever_the_clock_says() -> None:
    verdict = verify(at=later(-2 * 3600), world=revoked(StatusKind.VOIDED))
    assert verdict.standing.state is State.VOIDED
    assert verdict.summary is Summary.NOT_IN_FORCE


def test_a_revocation_of_a_forged_token_is_still_a_forgery() -> None:
    assert verify(bad_signature(), revoked(StatusKind.VOIDED)).summary is Summary.INVALID
    assert verify(by_list_key(), revoked(StatusKind.VOIDED)).summary is Summary.INVALID


def test_the_neighbours_revocation_does_not_count() -> None:
    for index in (40, 42, 0, 9_999_999):
        assert verify(world=revoked(StatusKind.VOIDED, index=index)).summary is Summary.VALID


def test_a_successor_is_named() -> None:
    verdict = verify(world=revoked(StatusKind.SUPERSEDED, "4520269"))
    assert verdict.standing.successor == "4520269"


@pytest.mark.parametrize("index", [9_999_999, 10_000_000])
def test_coverage_ends_before_its_number(index: int) -> None:
    verdict = verify(issued({"index": index}))
    valid = index < 10_000_000
    assert (verdict.summary is Summary.VALID) is valid


def test_a_list_of_another_id_epoch_or_below_the_minimum_does_not_answer() -> None:
    below = WORLD.with_bundle(lists=(ListEntry(1, 1, 2, "x"),))
    unnamed = WORLD.with_bundle(lists=())
    for world in (below, unnamed, epoch(0), epoch(2)):
        verdict = verify(world=world)
        assert verdict.summary is Summary.INDETERMINATE
        assert verdict.authenticity is Authenticity.AUTHENTIC
    assert verify(issued({"list_id": 2})).summary is Summary.INDETERMINATE


def test_a_list_that_answers_nothing_at_all_says_nothing() -> None:
    """Unknown list, too old, beyond its coverage: three times unknown is not in force."""
    old = later(WEEK_S + 31 * DAY_S)
    world = epoch(2).with_bundle(next_update_s=AT_S + 900 * DAY_S)
    verdict = verify(issued({"index": 10_000_000}), world, at=old)
    reasons = {check.id: check.reason for check in verdict.checks}
    assert [reasons[one] for one in (CheckId.LIST, CheckId.FRESHNESS, CheckId.COVERAGE)] == [
        Reason.LIST_UNKNOWN, Reason.EXPIRED, Reason.BEYOND_COVERAGE,
    ]  # fmt: skip
    assert reasons[CheckId.STANDING] is Reason.STANDING_UNKNOWN
    assert verdict.standing.state is State.UNKNOWN


# Whose number.


def test_one_fitting_segment_of_the_body_is_enough() -> None:
    (first, *rest) = WORLD.bundle.segments
    others = tuple(replace(first, body=f"样例{n}", body_level=BodyLevel.COUNTY) for n in range(3))
    world = WORLD.with_bundle(segments=(*others, first, *rest))
    assert verify(world=world).summary is Summary.VALID
    assert verify(world=WORLD.with_bundle(segments=others)).summary is Summary.INVALID


def test_the_level_of_the_body_counts_too() -> None:
    level = BodyLevel.COUNTY if MASKED.body_level is not BodyLevel.COUNTY else BodyLevel.CITY
    assert verify(issued({"body_level": level})).summary is Summary.INVALID


def test_a_segment_of_other_days_does_not_count() -> None:
    ended = tuple(replace(one, not_after=START_DAY + 9) for one in WORLD.bundle.segments)
    verdict = verify(world=WORLD.with_bundle(segments=ended))
    assert Reason.OUTSIDE_SEGMENT in {check.reason for check in verdict.checks}


# For whom.


def holder_reason(certificate: Certificate, holder: Holder) -> Reason:
    verdict = verify(WORLD.code(certificate), holder=holder)
    (check,) = (check for check in verdict.checks if check.id is CheckId.HOLDER)
    assert NUMBER not in repr(verdict)
    assert (verdict.summary is Summary.VALID) == (check.outcome is Outcome.PASS)
    return check.reason


@pytest.mark.parametrize("spelling", [NUMBER, NUMBER.lower(), f" {NUMBER[:6]} {NUMBER[6:]} "])
def test_the_holder_is_known_by_number_and_opening(spelling: str) -> None:
    holder = Holder(number=spelling, opening=OPENING)
    assert holder_reason(MASKED, holder) is Reason.OK
    assert holder_reason(FULL, Holder(number=spelling)) is Reason.OK


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("11010519491231002X", Reason.HOLDER_MISMATCH),
        ("110105491231002", Reason.HOLDER_MISMATCH),
        (NUMBER[:-1], Reason.NUMBER_MALFORMED),
        (NUMBER[:10] + "2" + NUMBER[11:], Reason.NUMBER_MALFORMED),
        ("", Reason.NUMBER_MALFORMED),
        ("abc", Reason.NUMBER_MALFORMED),
        (MASK, Reason.NUMBER_MALFORMED),
        ("样例", Reason.NUMBER_MALFORMED),
        ("\ud800", Reason.NUMBER_MALFORMED),
        (NUMBER * 9, Reason.NUMBER_MALFORMED),
        ("E12345678", Reason.NUMBER_MALFORMED),
    ],
)
def test_another_number_is_a_mismatch(number: str, reason: Reason) -> None:
    for opening in (OPENING, None):
        holder = Holder(number=number, opening=opening)
        assert holder_reason(MASKED, holder) is reason
        assert holder_reason(FULL, holder) is reason
        assert holder_reason(NONE, holder) is Reason.NO_HOLDER


@pytest.mark.parametrize("opening", [bytes(10), OPENING[::-1], format_opening(bytes(10))])
def test_a_wrong_opening_is_a_mismatch(opening: str | bytes) -> None:
    holder = Holder(number=NUMBER, opening=opening)
    assert holder_reason(MASKED, holder) is Reason.HOLDER_MISMATCH


@pytest.mark.parametrize("opening", [b"", OPENING[:9], OPENING + b"\x00", "", "核验码", "0" * 16])
def test_a_mistyped_opening_accuses_nobody(opening: str | bytes) -> None:
    holder = Holder(number=NUMBER, opening=opening)
    assert holder_reason(MASKED, holder) is Reason.OPENING_MISTYPED
    assert holder_reason(FULL, holder) is Reason.OK


@pytest.mark.parametrize("of", [MASKED, FULL, NONE])
@pytest.mark.parametrize(
    "holder",
    [Holder(number=NUMBER, opening=OPENING), Holder(number=NUMBER), Holder(number="abc"),
     Holder(number="11010519491231002X", opening=OPENING)],
)  # fmt: skip
def test_the_holder_may_be_asked_of_a_verdict_that_is_there(
    of: Certificate, holder: Holder
) -> None:
    code = WORLD.code(of)
    asked = verify_holder(verify(code), holder)
    assert asked == verify(code, holder=holder)
    assert verify_holder(asked, holder) == asked  # again, and in place of another
    stranger = Holder(number="11010519491231002X")
    assert verify_holder(verify(code, holder=stranger), holder) == asked


def test_nobody_is_asked_where_the_signature_is_bad() -> None:
    holder = Holder(number=NUMBER, opening=OPENING)
    for code in ("", OTHER.code(MASKED), signed(entries(k13=9))):
        assert verify_holder(verify(code), holder) == verify(code, holder=holder)


def test_an_expired_copy_is_not_in_force_any_more() -> None:
    day = day_date(china_day(AT_S))
    for last, reason in (
        (day, Reason.IN_FORCE),
        (day - datetime.timedelta(days=1), Reason.COPY_EXPIRED),
    ):
        copy = EndorsedCopy("样例：应聘", "样例单位", last, bytes(16))
        verdict = verify(WORLD.code(replace(MASKED, copy=copy)))
        assert verdict.checks[-1].reason is reason
        text = as_text(verdict, file="x", language="zh")
        assert "加注：使用场景：样例：应聘" in text
        assert "加注：接收单位：样例单位" in text
        assert f"加注：有效期至：{last}" in text
        assert f'"expires": "{last}"' in as_line(verdict, file="x")
    assert "加注" not in as_text(verify(), file="x", language="zh")
    assert '"copy": null' in as_line(verify(), file="x")


def test_a_passport_is_told_from_another_countrys() -> None:
    passport = "E12345678"
    mine = commit(OPENING, DocumentKind.PASSPORT, passport, "AAA")
    certificate = replace(
        MASKED, identity=Identity(DocumentKind.PASSPORT, "E******78", mine, "AAA")
    )
    for nationality, reason in (
        ("AAA", Reason.OK),
        (None, Reason.OK),
        ("BBB", Reason.HOLDER_MISMATCH),
    ):
        holder = Holder(number=passport, opening=OPENING, nationality=nationality)
        assert holder_reason(certificate, holder) is reason


def test_a_holder_demanded_of_an_unreadable_input_is_not_checked() -> None:
    for code in ("", "x", OTHER.code(MASKED), b"\xd2", signed(entries(k13=9))):
        verdict = verify(code, holder=Holder(number=NUMBER, opening=OPENING))
        (check,) = (check for check in verdict.checks if check.id is CheckId.HOLDER)
        assert check.reason is Reason.NOT_CHECKED


# What is shown.


def shown(verdict: Verdict) -> str:
    reports = [as_line(verdict, file="x"), repr(verdict), str(verdict)]
    reports += [as_text(verdict, file="x", language=each, every_check=True) for each in LANGUAGES]
    return "".join(reports)


def test_no_unmasked_number_is_ever_shown() -> None:
    holder = Holder(number=NUMBER, opening=OPENING)
    certificate = replace(MASKED, identity=Identity(DocumentKind.CN_RESIDENT, NUMBER))
    for world in (WORLD, compromised(), revoked(StatusKind.VOIDED), OTHER):
        verdict = verify(WORLD.code(certificate), world, holder=holder)
        assert verdict.claimed == certificate
        assert NUMBER not in shown(verdict)
        assert MASK in shown(verdict)
    assert NUMBER not in repr(holder) + str(holder)


def test_a_key_of_a_stranger_does_not_show_in_the_standing() -> None:
    forged = replace(MASKED, name="样例丁")
    verdict = verify(OTHER.code(forged))
    assert verdict.standing.state is State.UNKNOWN
    assert verdict.authority is None
    assert '"certificate": null' in as_line(verdict, file="x")


def test_signing_again_gives_the_same_code() -> None:
    signer = SoftSigner(WORLD.token_signer.private_key)
    assert replace(WORLD, token_signer=signer).code(MASKED) == CODE


# --- one key in two bundles ---------------------------------------------------------------------


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("voided_by_other", [False, True])
def test_an_authority_that_lists_the_key_of_another_has_no_say(
    *, swapped: bool, voided_by_other: bool
) -> None:
    certificate = certificates(1)[0]
    voided = {certificate.index: StatusEntry(StatusKind.VOIDED, 20_700)}
    honest = make_world([certificate], entries={} if voided_by_other else voided)
    listed = make_world([certificate], entries=voided if voided_by_other else {}).status_list
    other = replace(
        honest,
        bundle=replace(honest.bundle, authority=Authority("aaa", "样例甲省", "Sample A")),
        status_list=replace(listed, authority_id="aaa"),
    )
    anchors = [*honest.trust.anchors, *other.trust.anchors]
    verdict = verify_token(
        honest.code(certificate),
        Question(
            trust=Trust(tuple(reversed(anchors) if swapped else anchors)),
            lists=Lists((honest.status_list, other.status_list)),
            at=AT,
            policy=EXAMPLES,
        ),
    )
    assert verdict.summary is (Summary.VALID if voided_by_other else Summary.NOT_IN_FORCE)
    assert verdict.authority == honest.trust.anchors[0].who


def test_the_key_of_another_authority_alone_makes_nothing_authentic() -> None:
    copier = WORLD.with_bundle(authority=Authority("aaa", "样例甲省", "Sample A"))
    verdict = verify(trust=copier.trust)
    assert verdict.summary is Summary.INVALID
    assert verdict.authority is None


def test_a_code_is_not_enough_where_documents_are_required() -> None:
    policy = Policy(require=Judged.DOCUMENT, examples=True)
    for code in ("x", b"", WORLD.code(MASKED)):
        plain = verify_token(
            code, Question(trust=WORLD.trust, lists=WORLD.lists, at=AT, policy=EXAMPLES)
        )
        strict = verify_token(
            code, Question(trust=WORLD.trust, lists=WORLD.lists, at=AT, policy=policy)
        )
        assert plain.judged is strict.judged is Judged.CODE
        first, *rest = strict.checks
        assert (first.id, first.reason) == (CheckId.STRUCTURE, Reason.PAGE_NOT_JUDGED)
        assert tuple(rest) == plain.checks
        assert strict.summary is Summary.INDETERMINATE
        with pytest.raises(NotValidError):
            strict.require()


def test_an_example_is_taken_only_where_the_policy_says_so() -> None:
    verdict = verify(policy=Policy())
    assert (verdict.summary, verdict.authenticity) == (Summary.INDETERMINATE, Authenticity.UNKNOWN)
    with pytest.raises(NotValidError) as caught:
        verdict.require()
    assert caught.value.details["reason"] is Reason.EXAMPLE
    assert verify(policy=Policy(examples=True)).require() == MASKED
    real = WORLD.with_bundle(example=False)
    assert verify(world=real, policy=Policy()).require() == MASKED
