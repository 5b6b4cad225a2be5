"""What a verification believes: authorities by kid and by body, and lists by id (clause 7.1)."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from threading import Event, Thread
from time import sleep

import pytest
from tests.support.population import certificates
from tests.support.publisher import OTHER, P

from etitle.certificate.dates import day_number
from etitle.certificate.model import BodyLevel, Certificate
from etitle.errors import TrustError
from etitle.trust.anchors import Anchor, Candidate, Lists, Trust
from etitle.trust.published import Contact, Segment, UnknownKey
from etitle.trust.rescue import make_rescue
from etitle.trust.segments import deciding
from etitle.trust.statuslist import StatusList


def anchor(*segments: Segment, latest_time_s: int = 0) -> Anchor:
    return Anchor(P.make(1, segments=segments), (), latest_time_s)


def certified(body: str, number: str = "1") -> Certificate:
    return replace(
        certificates(1)[0], number=number, approving_body=body, body_level=BodyLevel.CITY
    )


@dataclass(frozen=True)
class Sleeper:
    """An authority that is read when somebody asks."""

    anchor: Anchor
    authority_id: str
    keys: Mapping[bytes, Sequence[bytes]] = field(default_factory=dict)
    seals: frozenset[bytes] = frozenset()

    def wake(self) -> Anchor:
        return self.anchor


def test_who_asks_for_a_seal_of_a_suite_to_come_wakes_whose_it_is() -> None:
    tomorrow = replace(P.make(1), unknown_keys=(UnknownKey(b"key", b"seal"),))
    seals = frozenset({sha256(b"seal").digest()})
    trust = Trust(asleep=[Sleeper(Anchor(tomorrow, (), 0), "yangli", seals=seals)])
    assert not trust.sealed_anew(b"other")
    assert trust.sealed_anew(b"seal")
    assert len(trust) == 1


def test_the_segments_that_decide_are_those_that_take_the_number() -> None:
    one = Segment("1", 2, 0, 50, "样例", BodyLevel.CITY, 0, None, 1)
    two = Segment("1", 2, 51, 99, "别处", BodyLevel.CITY, 0, None, 2)
    rest = Segment("", 0, 0, 0, "样例", BodyLevel.CITY, 0, None, 3)
    found = anchor(one, two, rest)
    for body in ("样例", "别处", "无此机构"):
        assert found.segments_for(certified(body, "107")) == (one,)
        assert found.segments_for(certified(body, "177")) == (two,)
        assert found.segments_for(certified(body, "9")) == (rest,)


def test_segments_found_by_prefix_are_those_that_a_search_of_all_finds() -> None:
    rng = random.Random(2026)
    some = 0
    for _ in range(60):
        segments = tuple(
            Segment(
                "".join(rng.choices("01", k=rng.randrange(4))), rng.choice((0, 0, 2)),
                rng.randrange(6), rng.randrange(6, 12), rng.choice(("样例", "别处")),
                BodyLevel.CITY, rng.choice((0, 99_999)), None, number,
            )
            for number in range(rng.randrange(9))
        )  # fmt: skip
        found = anchor(*segments)
        for _ in range(20):
            one = certified(
                rng.choice(("样例", "别处", "无此机构")),
                "".join(rng.choices("01", k=rng.randrange(1, 6))),
            )
            expected = deciding(segments, one.number, day_number(one.issued))
            own = {each for each in expected if each.body == one.approving_body}
            answer = found.segments_for(one)
            # Of its own body alone where they have a width: then nobody else's takes the number.
            assert set(answer) in (set(expected), own or set(expected))
            some += bool(answer)
    assert some > 200


def test_the_rescue_list_of_a_key_is_found_among_several() -> None:
    bundle = P.make(1)
    rescues = tuple(
        make_rescue(
            [], authority_id="yangli", thumbprint=key.public.thumbprint, issued_s=1, number=1
        )
        for key in reversed(bundle.keys)
    )
    found = Anchor(bundle, rescues, 0)
    assert [found.rescue_for(key) for key in bundle.keys] == list(reversed(rescues))
    assert Anchor(bundle, rescues[:1], 0).rescue_for(bundle.keys[0]) is None
    assert Anchor(bundle, (), 0).rescue_for(bundle.keys[0]) is None


def test_a_kid_means_every_key_that_has_it_of_every_authority() -> None:
    twin = replace(P.make(1), authority=OTHER.base.authority)
    trust = Trust((anchor(), Anchor(twin, (), 0)))
    found = trust.candidates(P.seal.public.kid)
    assert [candidate.anchor.bundle.authority.id for candidate in found] == ["yangli", "other"]
    assert {candidate.key.public for candidate in found} == {P.seal.public}
    assert trust.candidates(bytes(4)) == ()


def test_one_authority_has_one_anchor() -> None:
    with pytest.raises(TrustError) as caught:
        Trust((anchor(), anchor(latest_time_s=5)))
    assert caught.value.code == "bundle.authority_twice"


def test_a_list_is_found_by_its_authority_and_id() -> None:
    lists = Lists([P.list_at(3), OTHER.list_at(5)])
    assert len(lists) == 2
    assert [lists.find(name, 1) for name in ("yangli", "other")] == [P.list_at(3), OTHER.list_at(5)]
    assert lists.find("yangli", 2) is None
    assert lists.find("third", 1) is None


def test_of_two_lists_with_one_id_the_newer_counts() -> None:
    lists = [P.list_at(3), P.list_at(5), P.list_at(4)]
    again = replace(P.list_at(2), table=P.table(2, epoch=1))
    for given in (lists, lists[::-1]):
        assert Lists(given).find("yangli", 1) == P.list_at(5)
        assert Lists([*given, again]).find("yangli", 1) == again
        assert Lists([again, *given]).find("yangli", 1) == again


def test_a_verdict_names_where_people_ask() -> None:
    told = Contact("样例窗口", "0000-12345", "https://zc.sample.cn/query")
    who = Anchor(P.make(1, contact=told), (), 0).who
    assert (who.office, who.telephone, who.query_url) == (
        told.office, told.telephone, told.query_url,
    )  # fmt: skip
    who = Anchor(P.make(1), (), 0).who
    assert (who.office, who.telephone, who.query_url) == (None, None, None)


def test_a_seal_is_shared_where_another_than_those_that_were_read_has_it() -> None:
    seals = frozenset({sha256(b"seal").digest()})
    one, other = (
        Anchor(replace(made, keys=tuple(replace(key, x509=b"seal") for key in made.keys)), (), 0)
        for made in (P.make(1), OTHER.make(1))
    )
    alone = Trust(asleep=[Sleeper(one, "yangli", seals=seals), Sleeper(other, "other")])
    assert not alone.is_shared(b"seal")
    assert alone.sealed_by(b"seal", of=["yangli"])
    assert not alone.is_shared(b"seal")
    both = Trust(asleep=[Sleeper(one, "yangli", seals=seals), Sleeper(other, "other", seals=seals)])
    assert both.is_shared(b"seal")
    assert both.sealed_by(b"seal", of=["yangli"])
    assert both.is_shared(b"seal")
    assert not both.is_shared(b"another")


def at_once(ask: Callable[[], object], started: Event, going: Event) -> list[object]:
    """What two threads are answered, of whom the second asks while the first one waits."""
    answers: list[object] = []
    threads = [Thread(target=lambda: answers.append(ask())) for _ in range(2)]
    threads[0].start()
    assert started.wait(5)
    threads[1].start()
    sleep(0.05)
    going.set()
    for thread in threads:
        thread.join(5)
    return answers


@dataclass(frozen=True)
class Slow(Sleeper):
    """One that takes its time, and counts how often it was read."""

    started: Event = field(default_factory=Event)
    going: Event = field(default_factory=Event)
    woken: list[str] = field(default_factory=list[str])

    def wake(self) -> Anchor:
        self.woken.append(self.authority_id)
        self.started.set()
        assert self.going.wait(5)
        return self.anchor


def test_many_threads_read_an_authority_once_and_are_answered_alike() -> None:
    key = P.seal.public
    slow = Slow(Anchor(P.make(1), (), 0), "yangli", keys={key.kid: [key.to_bytes()]})
    trust = Trust(asleep=[slow])
    found = at_once(lambda: trust.candidate("yangli", key), slow.started, slow.going)
    assert slow.woken == ["yangli"]
    assert [one.key.public for one in found if isinstance(one, Candidate)] == [key, key]
    assert trust.named(key.kid) == (("yangli", key),)
    assert trust.candidate("yangli", OTHER.seal.public) is None


def test_many_threads_read_a_list_once_and_are_answered_alike() -> None:
    slow = Slow(Anchor(P.make(1), (), 0), "yangli")

    def read() -> StatusList:
        slow.wake()
        return P.list_at(3)

    lists = Lists(asleep={("yangli", 1): read})
    found = at_once(lambda: lists.find("yangli", 1), slow.started, slow.going)
    assert (found, slow.woken) == ([P.list_at(3)] * 2, ["yangli"])
