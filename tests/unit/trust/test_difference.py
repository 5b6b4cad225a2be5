"""What a new bundle changes: every kind of change is a row, and what is dangerous is named."""

from __future__ import annotations

from dataclasses import fields, replace
from hashlib import sha256

import pytest
from tests.support.publisher import DAY_S, NOW_S, P, roots_of

from etitle import canon
from etitle.certificate.model import BodyLevel, Level
from etitle.errors import LANGUAGES, Language
from etitle.report.difference import change_words
from etitle.trust.bundle import (
    Authority,
    Bundle,
    KeyState,
    KeyUse,
    ListEntry,
    RootSet,
    Segment,
    fingerprint,
)
from etitle.trust.difference import (
    At,
    Day,
    Permit,
    difference,
    difference_digest,
    rescue_difference,
    rescue_digest,
)
from etitle.trust.pin import spell_fingerprint
from etitle.trust.published import Contact, PublishedKey, Scope, UnknownKey
from etitle.trust.rescue import Rescue, make_rescue

BEFORE = P.make(1)
SEGMENT = Segment("45", 4, 0, 99, "样例", BodyLevel.CITY, 20_000, None, 1)
SEAL = next(key for key in BEFORE.keys if key.public == P.seal.public)
STOLEN = (KeyState.COMPROMISED, 100)
RETIRED = (KeyState.RETIRED, 50)
ALWAYS = {"times"}


def with_key(bundle: Bundle, **changes: object) -> Bundle:
    return replace(
        bundle,
        keys=tuple(
            replace(key, **changes) if key.public == SEAL.public else key  # type: ignore[arg-type]
            for key in bundle.keys
        ),
    )


def with_list(bundle: Bundle, **changes: object) -> Bundle:
    return replace(bundle, lists=(replace(bundle.lists[0], **changes),))  # type: ignore[arg-type]


def codes(before: Bundle | None, after: Bundle, *earlier: Bundle) -> set[str]:
    """Reasons of the rows; dangerous ones with a mark, those with an own option with its name."""
    return {
        change.code.removeprefix("difference.")
        + ("!" if change.is_dangerous else "")
        + (f" --{change.permit.value}" if change.permit else "")
        for change in difference(before, after, earlier=earlier)
    } - ALWAYS


def history(*more: tuple[KeyState, int]) -> tuple[tuple[KeyState, int], ...]:
    return ((KeyState.ACTIVE, 1), *more)


KEY_CASES = [
    ({}, {}, set()),
    ({}, {"history": history(RETIRED)}, {"key_retired"}),
    ({}, {"history": history(STOLEN)}, {"key_compromised!"}),
    ({"history": history(RETIRED)}, {"history": history(RETIRED, STOLEN)}, {"key_compromised!"}),
    ({"history": history(STOLEN)}, {}, {"key_uncompromised! --uncompromise", "key_past!"}),
    (
        {"history": history(STOLEN)},
        {"history": history(RETIRED)},
        {"key_uncompromised! --uncompromise", "key_past!"},
    ),
    (
        {"history": history(STOLEN)},
        {"history": history((KeyState.COMPROMISED, 101))},
        {"key_compromise_moved!"},
    ),
    (
        {"history": history(RETIRED)},
        {"history": history(RETIRED, (KeyState.ACTIVE, 60))},
        {"key_reactivated!"},
    ),
    ({"history": history(RETIRED)}, {}, {"key_reactivated!", "key_past!"}),
    ({"history": history(RETIRED)}, {"history": history((KeyState.RETIRED, 51))}, {"key_history!"}),
    ({"history": history(RETIRED)}, {"history": history((KeyState.RETIRED, 51), STOLEN)},
     {"key_compromised!", "key_past!"}),
    ({"uses": frozenset({KeyUse.LIST})}, {}, {"key_uses_added!"}),
    ({}, {"uses": frozenset({KeyUse.LIST})}, {"key_uses_removed"}),
    ({}, {"not_before": 18_261}, {"key_widened!"}),
    ({"not_after": 20_000}, {}, {"key_widened!"}),
    ({"not_after": 20_000}, {"not_after": 20_001}, {"key_widened!"}),
    ({}, {"not_after": 20_000}, {"key_narrowed"}),
    ({"not_after": 20_000}, {"not_after": 19_999}, {"key_narrowed"}),
    ({}, {"x509": b"another"}, {"key_x509!"}),
    ({}, {"seal_name": "另一印章"}, {"key_seal"}),
    ({}, {"seal_number": "2"}, {"key_seal"}),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), KEY_CASES)
def test_each_change_of_a_key(
    old: dict[str, object], new: dict[str, object], expected: set[str]
) -> None:
    assert codes(with_key(BEFORE, **old), with_key(BEFORE, **new)) == expected


def test_a_key_comes_and_goes() -> None:
    one = replace(BEFORE, keys=tuple(key for key in BEFORE.keys if key.public != SEAL.public))
    assert codes(one, BEFORE) == {"key_added!"}
    assert codes(BEFORE, one) == {"key_removed!"}


def test_a_key_that_was_left_out_for_a_while_is_no_new_one() -> None:
    without = replace(BEFORE, keys=tuple(key for key in BEFORE.keys if key != SEAL))
    stolen = with_key(BEFORE, history=history(STOLEN))
    expected = {"key_added!", "key_uncompromised! --uncompromise", "key_past!"}
    assert codes(without, BEFORE, stolen) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"epoch": 3}, {"epoch": 2}, {"epoch_lowered! --lower-epoch"}),
        ({"epoch": 2}, {"epoch": 3}, {"epoch_raised!"}),
        ({"minimum_sequence": 2}, {"minimum_sequence": 1}, {"minimum_lowered!"}),
        ({"minimum_sequence": 1}, {"minimum_sequence": 2}, {"minimum_raised"}),
        (
            {"epoch": 0, "minimum_sequence": 2},
            {"epoch": 1, "minimum_sequence": 0},
            {"epoch_raised!", "minimum_lowered"},
        ),
        ({}, {"uri": "https://other.example/1.cwt"}, {"list_uri"}),
    ],
)
def test_each_change_of_a_list(
    old: dict[str, object], new: dict[str, object], expected: set[str]
) -> None:
    assert codes(with_list(BEFORE, **old), with_list(BEFORE, **new)) == expected


def test_a_list_that_was_left_out_for_a_while_keeps_its_epoch() -> None:
    none = replace(BEFORE, lists=())
    assert codes(BEFORE, none) == {"list_removed!"}
    assert codes(none, BEFORE) == {"list_added"}
    expected = {"list_added", "epoch_lowered! --lower-epoch"}
    assert codes(none, BEFORE, with_list(BEFORE, epoch=9)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"authority": Authority("other", "甲", "A")}, {"other_authority!", "renamed!"}),
        ({"authority": Authority("yangli", "甲", "A")}, {"renamed!"}),
        ({"example": False}, {"example_no!"}),
        ({"issued_s": BEFORE.issued_s - 1}, {"issued_earlier!"}),
        ({"url_template": "https://other.example/{number}"}, {"url_template!"}),
        ({"segments": (SEGMENT,)}, {"segment_added"}),
        ({"roots": RootSet(1, BEFORE.roots.keys)},
         {"threshold_lowered! --lower-threshold", "fingerprint"}),
        ({"roots": RootSet(3, BEFORE.roots.keys)}, {"threshold_raised", "fingerprint"}),
        ({"roots": RootSet(2, BEFORE.roots.keys[:2])}, {"root_removed!", "fingerprint"}),
        ({"roots": roots_of(P.later_roots)}, {"root_added!", "root_removed!", "fingerprint"}),
    ],
)  # fmt: skip
def test_each_change_of_the_whole(changes: dict[str, object], expected: set[str]) -> None:
    assert codes(BEFORE, replace(BEFORE, **changes)) == expected  # type: ignore[arg-type]


def test_times_that_hold_others_up_are_named() -> None:
    def shown(at_s: int | None, **changes: object) -> set[str]:
        after = replace(BEFORE, **changes)  # type: ignore[arg-type]
        rows = difference(BEFORE, after, at_s=at_s)
        assert all(change_words(row, language) for row in rows for language in LANGUAGES)
        return {row.code.partition(".")[2] for row in rows if row.is_dangerous}

    assert shown(BEFORE.issued_s - DAY_S) == set()
    assert shown(BEFORE.issued_s - DAY_S - 1) == {"issued_ahead"}
    assert shown(None) == set()
    assert shown(None, next_update_s=BEFORE.issued_s + 732 * DAY_S) == set()
    assert shown(None, next_update_s=BEFORE.issued_s + 732 * DAY_S + 1) == {"lasts_long"}


def test_segments_may_all_go() -> None:
    some = replace(BEFORE, segments=(SEGMENT,))
    assert codes(some, BEFORE) == {"segments_gone!", "segment_removed!"}
    wider = replace(
        BEFORE, segments=(replace(SEGMENT, width=0, first=0, last=0, not_after=20_001),)
    )
    assert codes(some, wider) == {"segment_added", "segment_removed!"}


def test_segments_that_share_numbers_are_named() -> None:
    other = replace(SEGMENT, prefix="4", width=5, first=50_000, last=50_099)
    one, both = replace(BEFORE, segments=(SEGMENT,)), replace(BEFORE, segments=(SEGMENT, other))
    assert codes(one, both) == {"segment_added", "segment_overlap!"}
    assert codes(both, both) == set()
    (row,) = [each for each in difference(one, both) if each.code.endswith("overlap")]
    assert "45+4 (0–99) (样例) and 4+5 (50000–50099) (样例)" in change_words(row, "en")


def test_the_first_bundle_is_shown_whole() -> None:
    first = replace(BEFORE, segments=(SEGMENT,))
    assert codes(None, first) == {
        "first", "example_yes", "url_template", "roots", "root_added", "fingerprint",
        "key_added", "segment_added", "list_added",
    }  # fmt: skip
    assert {"example_no", "segments_none"} <= codes(None, replace(BEFORE, example=False))


def test_every_row_has_words_in_both_languages() -> None:
    later = replace(BEFORE, roots=RootSet(3, BEFORE.roots.keys), segments=(SEGMENT,))
    for before, after in [(None, later), (BEFORE, later), (later, BEFORE)]:
        for change in difference(before, after):
            for language in LANGUAGES:
                words = change_words(change, language)
                assert "?" not in words
                assert "KeyState" not in words
                assert "frozenset" not in words
    window = with_key(BEFORE, not_after=20_000)
    (row,) = [each for each in difference(BEFORE, window) if each.code.endswith("narrowed")]
    assert "2020-01-01 to 2024-10-04 instead of 2020-01-01 to no end" in change_words(row, "en")
    assert "由 2020-01-01 至 未定 改为 2020-01-01 至 2024-10-04" in change_words(row, "zh")


def test_the_digest_is_of_all_that_changes() -> None:
    later = P.make(2)
    digests = {
        difference_digest(None, later),
        difference_digest(BEFORE, later),
        difference_digest(later, BEFORE),
        difference_digest(BEFORE, replace(later, example=False)),
        difference_digest(BEFORE, replace(later, issued_s=later.issued_s + 1)),
    }
    assert len(digests) == 5


def test_a_timeless_digest_leaves_the_issue_time_open_alone() -> None:
    later = P.make(2)

    def digest(bundle: Bundle) -> bytes:
        return difference_digest(BEFORE, bundle, timeless=True)

    moved = replace(later, issued_s=later.issued_s + 9, next_update_s=later.next_update_s + 9)
    assert digest(moved) == digest(later)
    assert digest(replace(later, next_update_s=later.next_update_s + DAY_S)) != digest(later)
    assert digest(later) != difference_digest(BEFORE, later)


def rescue(issued_s: int, *digests: bytes, number: int | None = None) -> Rescue:
    return make_rescue(
        digests,
        authority_id="yangli",
        thumbprint=SEAL.public.thumbprint,
        issued_s=issued_s,
        number=issued_s if number is None else number,
    )


def test_a_rescue_list_says_what_it_adds_and_what_it_drops() -> None:
    a, b, c = (letter * 16 for letter in (b"a", b"b", b"c"))
    stolen: PublishedKey = replace(SEAL, history=history(STOLEN))

    def shown(before: Rescue | None, after: Rescue) -> list[str]:
        rows = rescue_difference(before, after, key=stolen)
        assert all(change_words(row, language) for row in rows for language in LANGUAGES)
        return [row.code.partition(".")[2] + "!" * row.is_dangerous for row in rows]

    assert shown(None, rescue(5, a, b, number=1)) == ["rescue"]
    assert shown(None, rescue(5, a, b, number=2)) == ["rescue", "rescue_ahead!"]
    assert shown(rescue(4, a), rescue(5, a, number=4)) == [
        "rescue", "rescue_not_later!", "rescue_before",
    ]  # fmt: skip
    assert shown(rescue(4, a), rescue(5, a, number=6)) == [
        "rescue", "rescue_ahead!", "rescue_before",
    ]  # fmt: skip
    assert shown(rescue(4, a, b), rescue(5, a, b)) == ["rescue", "rescue_before"]
    assert shown(rescue(4, a, b), rescue(5, b, c)) == [
        "rescue", "rescue_before", "rescue_more!", "rescue_fewer!",
    ]  # fmt: skip
    assert shown(rescue(4, a), rescue(3, a, number=5)) == [
        "rescue",
        "rescue_before",
        "rescue_earlier!",
    ]
    assert rescue_difference(None, rescue(5, a), key=SEAL)[0].details["since"] is None


def test_the_digest_of_a_rescue_list_binds_the_bundle_too() -> None:
    one, other = (rescue(NOW_S + n, number=1) for n in range(2))
    assert rescue_digest(one, bundle=BEFORE) != rescue_digest(other, bundle=BEFORE)
    assert rescue_digest(one, bundle=BEFORE) != rescue_digest(one, bundle=P.make(2))
    assert rescue_digest(one, bundle=BEFORE, timeless=True) == rescue_digest(
        other, bundle=BEFORE, timeless=True
    )


def test_what_needs_an_option_of_its_own_is_dangerous() -> None:
    lists = (ListEntry(1, 9, 0, "https://example.org/lists/1.cwt"),)
    before = replace(with_key(BEFORE, history=history(STOLEN)), lists=lists)
    after = replace(BEFORE, roots=RootSet(1, BEFORE.roots.keys))
    rows = difference(before, after)
    assert {row.permit for row in rows if row.is_dangerous} == {None, *Permit}
    assert not [row for row in rows if row.permit and not row.is_dangerous]


# --- nothing changes unshown --------------------------------------------------------------------

EXAMPLE = replace(BEFORE, segments=(SEGMENT,))
OTHER_KEY = next(key for key in BEFORE.keys if key != SEAL)
ALTERED: dict[type, dict[str, object]] = {
    Bundle: {
        "authority": Authority("yangli", "甲", "A"),
        "version": 2,
        "issued_s": BEFORE.issued_s + 1,
        "next_update_s": BEFORE.next_update_s + 1,
        "example": False,
        "roots": RootSet(1, BEFORE.roots.keys),
        "keys": BEFORE.keys[:1],
        "segments": (),
        "lists": (),
        "url_template": "https://other.example/{number}",
        "contact": Contact("服务窗口"),
        "unknown_keys": (UnknownKey(b"k"),),
    },
    Authority: {"id": "other", "name_zh": "甲", "name_en": "A"},
    RootSet: {
        "threshold": 1,
        "keys": BEFORE.roots.keys[:2],
        "unknown": (UnknownKey(canon.encode({1: 2, 3: -70_001})),),
    },
    PublishedKey: {
        "public": P.roots[0].public,
        "x509": b"x",
        "uses": frozenset({KeyUse.LIST}),
        "not_before": 1,
        "not_after": 30_000,
        "history": history(RETIRED),
        "seal_name": "另一印章",
        "seal_number": "2",
        "scope": Scope(segments=(1,)),
    },
    Segment: {
        "prefix": "46",
        "width": 5,
        "first": 1,
        "last": 98,
        "body": "另一机构",
        "body_level": BodyLevel.REGION,
        "not_before": 1,
        "not_after": 30_000,
        "id": 77,
    },
    ListEntry: {"list_id": 2, "epoch": 1, "minimum_sequence": 2, "uri": "https://other.example/"},
}
"""Another value of each field of a bundle and of what it holds."""


def place(part: object) -> Bundle:
    """The bundle with another value of one of its parts."""
    match part:
        case Authority():
            return replace(EXAMPLE, authority=part)
        case RootSet():
            return replace(EXAMPLE, roots=part)
        case PublishedKey():
            return replace(EXAMPLE, keys=(part, OTHER_KEY))
        case Segment():
            return replace(EXAMPLE, segments=(part,))
        case ListEntry():
            return replace(EXAMPLE, lists=(part,))
        case _:
            assert isinstance(part, Bundle)
            return part


PARTS = {
    Bundle: EXAMPLE, Authority: EXAMPLE.authority, RootSet: EXAMPLE.roots, PublishedKey: SEAL,
    Segment: SEGMENT, ListEntry: EXAMPLE.lists[0],
}  # fmt: skip


@pytest.mark.parametrize("kind", list(PARTS))
def test_no_field_changes_unshown(kind: type) -> None:
    assert ALTERED[kind].keys() == {field.name for field in fields(kind) if field.compare}
    for name, value in ALTERED[kind].items():
        after = place(replace(PARTS[kind], **{name: value}))  # type: ignore[type-var]
        assert after != EXAMPLE
        rows = difference(place(PARTS[kind]), after)
        shown = {row.code for row in rows} - {"difference.times"}
        # The version stands in the title, and the times in a row that is always there.
        assert shown or name in {"version", "issued_s", "next_update_s"}, name


def test_the_scope_of_a_new_key_is_shown() -> None:
    scope = Scope(
        bodies=("样例大学",),
        body_levels=(BodyLevel.CITY,),
        levels=(Level.ASSISTANT,),
        segments=(7,),
    )
    for bundle in (with_key(EXAMPLE, scope=scope), place(replace(SEAL, scope=scope))):
        rows = [row for row in difference(None, bundle) if row.code == "difference.key_scope"]
        assert {row.details["scope"] for row in rows} == {"“样例大学” G2 L4 #7"}
    freed = difference(place(replace(SEAL, scope=scope)), place(SEAL))
    (row,) = [row for row in freed if row.code == "difference.key_scope"]
    assert row.is_dangerous
    assert row.details["scope"] == "*"


def test_a_scope_that_does_not_limit_lists_is_named() -> None:
    scope, tokens = Scope(segments=(7,)), frozenset({KeyUse.TOKEN})
    for before, after, is_told in (
        ({}, {"scope": scope}, True),
        ({"scope": scope}, {"scope": scope}, False),
        ({"scope": scope, "uses": tokens}, {"scope": scope}, True),
        ({}, {"scope": scope, "uses": tokens}, False),
        ({"scope": scope}, {}, False),
    ):
        rows = difference(with_key(BEFORE, **before), with_key(BEFORE, **after))
        found = [row for row in rows if row.code == "difference.key_scope_lists"]
        assert bool(found) is is_told
        assert all(row.is_dangerous for row in found)


SCOPES = (
    Scope(bodies=("甲 乙",)),
    Scope(bodies=("乙", "甲")),
    Scope(bodies=("甲” “乙",)),
    Scope(bodies=("G1",)),
    Scope(body_levels=(BodyLevel.REGION,)),
    Scope(bodies=("#1",)),
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_new_keys_that_differ_look_different(language: Language) -> None:
    altered = [{name: value} for name, value in ALTERED[PublishedKey].items() if name != "public"]
    steps = ((KeyState.ACTIVE, 1), (KeyState.RETIRED, 90_000_000), (KeyState.ACTIVE, 95_000_000))
    altered += [{"scope": scope} for scope in SCOPES]
    altered += [{"history": steps}, {"history": (*steps[:1], (KeyState.RETIRED, 99_000_000))}]
    altered += [{"x509": b"y"}, {"history": (steps[0], steps[1])}, {}]
    shown: set[str] = set()
    for fields_altered in altered:
        key = replace(SEAL, **fields_altered)  # type: ignore[arg-type]
        rows = difference(None, place(key))
        shown.add("\n".join(change_words(row, language) for row in rows))
    assert len(shown) == len(altered)


def test_keys_of_one_kid_are_told_apart_by_the_whole_thumbprint() -> None:
    root, key = BEFORE.roots.keys[0], SEAL.public
    words = [change_words(row, "en") for row in difference(None, BEFORE)]
    for each in (root, key):
        assert any(spell_fingerprint(each.thumbprint) in line for line in words)


# -- what the rows say -----------------------------------------------------------------------------


def shown(before: Bundle | None, after: Bundle, *, at_s: int | None = None) -> list[object]:
    """Each row with its values, but that of the times."""
    rows = difference(before, after, at_s=at_s)
    told = [(row.code.removeprefix("difference."), dict(row.details)) for row in rows]
    return [row for row in told if row[0] != "times"]


def of(key: PublishedKey) -> dict[str, object]:
    return {"kid": key.public.kid.hex(), "suite": "ES256", "name": key.seal_name}


WIDTHLESS = Segment("46", 0, 0, 0, "另一机构", BodyLevel.REGION, 20_000, 20_001, 2)
TOLD = Contact("服务窗口", "0000-12345", None)


def test_the_rows_of_a_first_bundle_hold_all_of_it() -> None:
    scope = Scope(segments=(1,))
    first = replace(
        BEFORE, keys=(replace(SEAL, scope=scope, not_after=30_000),),
        segments=(SEGMENT, WIDTHLESS), contact=TOLD,
    )  # fmt: skip
    assert shown(None, first) == [
        ("first", {"id": "yangli", "zh": "样例省人社厅", "en": "Example Province"}),
        ("example_yes", {}),
        ("url_template", {"template": BEFORE.url_template}),
        ("contact", {"contact": "服务窗口 · 0000-12345"}),
        ("roots", {"needed": 2, "keys": 3}),
        *(
            ("root_added", {
                "kid": root.kid.hex(), "suite": "ES256", "thumbprint": root.thumbprint,
            })
            for root in first.roots.keys
        ),
        ("fingerprint", {"digest": fingerprint(first.roots)}),
        ("key_added", {
            **of(SEAL), "uses": SEAL.uses, "first": Day(SEAL.not_before), "last": Day(30_000),
            "thumbprint": SEAL.public.thumbprint, "history": SEAL.history, "number": "-",
            "certificate": "-",
        }),
        ("key_scope", {**of(SEAL), "scope": "#1"}),
        ("key_scope_lists", of(SEAL)),
        ("segment_added", {
            "id": 1, "prefix": "45", "width": 4, "digits": "0–99", "body": "样例",
            "level": BodyLevel.CITY, "first": Day(20_000), "last": None,
        }),
        ("segment_added", {
            "id": 2, "prefix": "46", "width": 0, "digits": "*", "body": "另一机构",
            "level": BodyLevel.REGION, "first": Day(20_000), "last": Day(20_001),
        }),
        ("list_added", {"list_id": 1, "epoch": 0, "minimum": BEFORE.lists[0].minimum_sequence,
                        "uri": BEFORE.lists[0].uri}),
    ]  # fmt: skip
    (times,) = [row for row in difference(None, first) if row.code == "difference.times"]
    assert times.details == {"at": At(first.issued_s), "due": At(first.next_update_s)}


def test_the_rows_of_a_change_hold_what_was_and_what_is() -> None:
    old = with_list(replace(BEFORE, contact=TOLD, segments=(SEGMENT,)), epoch=2, minimum_sequence=5)
    new = replace(
        with_list(with_key(old, uses=frozenset({KeyUse.LIST}), not_after=30_000, x509=b"x",
                           seal_name="另一印章", seal_number="2", history=history(STOLEN)),
                  epoch=1, minimum_sequence=4, uri="https://other.example/1.cwt"),
        authority=Authority("other", "甲", "A"), contact=None, segments=(),
        issued_s=old.issued_s - 1, next_update_s=old.issued_s - 1 + 733 * DAY_S,
        roots=RootSet(1, old.roots.keys[:2]), unknown_keys=(UnknownKey(b"k"),),
    )  # fmt: skip
    named = {**of(SEAL), "name": "另一印章"}
    gone = old.roots.keys[2]
    assert shown(old, new, at_s=new.issued_s - DAY_S - 1) == [
        ("other_authority", {"before": "yangli", "after": "other"}),
        ("renamed", {"zh": "甲", "en": "A", "zh_before": "样例省人社厅",
                     "en_before": "Example Province"}),
        ("unknown_keys", {"count": 1}),
        ("contact", {"contact": "-"}),
        ("issued_earlier", {"at": At(new.issued_s), "before": At(old.issued_s)}),
        ("issued_ahead", {"at": At(new.issued_s), "now": At(new.issued_s - DAY_S - 1)}),
        ("lasts_long", {"days": 733}),
        ("threshold_lowered", {"before": 2, "needed": 1, "keys": 2}),
        ("root_removed", {"kid": gone.kid.hex(), "suite": "ES256"}),
        ("fingerprint", {"digest": fingerprint(new.roots)}),
        ("key_compromised", {**named, "since": At(100)}),
        ("key_uses_removed", {**named, "uses": SEAL.uses - {KeyUse.LIST}}),
        ("key_narrowed", {**named, "first": Day(SEAL.not_before), "last": Day(30_000),
                          "first_before": Day(SEAL.not_before), "last_before": None}),
        ("key_x509", {**named, "certificate": sha256(b"x").digest()}),
        ("key_seal", {**named, "number": "2", "name_before": SEAL.seal_name}),
        ("segments_gone", {}),
        ("segment_removed", {
            "id": 1, "prefix": "45", "width": 4, "digits": "0–99", "body": "样例",
            "level": BodyLevel.CITY, "first": Day(20_000), "last": None,
        }),
        ("epoch_lowered", {"list_id": 1, "before": 2, "after": 1}),
        ("minimum_lowered", {"list_id": 1, "before": 5, "after": 4}),
        ("list_uri", {"list_id": 1, "uri": "https://other.example/1.cwt"}),
    ]  # fmt: skip


def test_a_bundle_at_the_edge_of_two_years_and_of_tomorrow_is_no_danger() -> None:
    long = replace(BEFORE, next_update_s=BEFORE.issued_s + 732 * DAY_S)
    assert shown(BEFORE, long, at_s=BEFORE.issued_s - DAY_S) == []
    longer = replace(long, next_update_s=long.next_update_s + 1)
    assert shown(BEFORE, longer) == [("lasts_long", {"days": 732})]


def test_a_changed_time_of_a_state_is_told_with_the_one_before() -> None:
    old, new = (with_key(BEFORE, history=history((KeyState.RETIRED, at))) for at in (50, 51))
    assert shown(old, new) == [("key_history", {**of(SEAL), "since": At(51), "before": At(50)})]


def test_the_rows_of_a_rescue_list_hold_what_it_says() -> None:
    stolen = replace(SEAL, history=history(STOLEN))
    old, new = rescue(7, b"a" * 16, b"b" * 16), rescue(6, b"b" * 16, b"c" * 16, b"d" * 16)
    rows = rescue_difference(old, new, key=stolen)
    assert [(row.code.removeprefix("difference."), dict(row.details)) for row in rows] == [
        ("rescue", {**of(SEAL), "since": At(100), "tokens": 3, "at": At(6), "number": 6}),
        ("rescue_not_later", {"number": 6, "before": 7}),
        ("rescue_before", {"tokens": 2, "at": At(7)}),
        ("rescue_more", {"count": 2}),
        ("rescue_fewer", {"count": 1}),
        ("rescue_earlier", {"at": At(6)}),
    ]
    (first, *_) = rescue_difference(None, new, key=SEAL)
    assert first.details["since"] is None
