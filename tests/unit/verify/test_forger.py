"""What a forger tries who can't sign: other people's codes, times, seals (docs/spec clause 9)."""

from __future__ import annotations

import datetime
import json
import re
from dataclasses import replace
from hashlib import sha256
from typing import Final

import pytest
from tests.support import scans
from tests.support.authority import AT, AT_S
from tests.support.forge import (
    NUMBER,
    OPENING,
    OPENING_TEXT,
    Cms,
    masked,
    office,
    stamped,
    stream,
)
from tests.support.population import certificates
from tests.support.question import EXAMPLES
from tests.support.realdocument import genuine
from tests.support.x509 import Maker, new_key

from etitle.certificate.commitment import commit, format_opening
from etitle.certificate.identity import check_digit
from etitle.keys.public import PublicKey
from etitle.report.json import as_line
from etitle.report.prose import as_text
from etitle.trust.anchors import Anchor, Trust
from etitle.trust.bundle import KeyState, KeyUse
from etitle.verdict import CheckId, Judged, Reason, Summary, Verdict
from etitle.verify.document import verify_document
from etitle.verify.file import verify_bytes
from etitle.verify.question import Holder, Policy, Question

OURS = office(masked(certificates(1)[0]))
OTHER = office(masked(certificates(1)[0]), name="other")
REAL = genuine(OURS)
ROGUE = Maker.root("样例根证书").leaf("样例职称专用章")
TSA = Maker.root("样例时间戳根").leaf("样例时间戳", timestamps=True)
DAY_S: Final = 86_400
STOLEN = ((KeyState.ACTIVE, 1_577_836_800), (KeyState.COMPROMISED, AT_S - 9 * DAY_S))
TRACES: Final = re.compile(rb"/(ByteRange|DocMDP|SubFilter|SigFlags|ETSI\.CAdES\.detached)")


def verify(
    pdf: bytes,
    trust: Trust | None = None,
    *,
    policy: Policy = EXAMPLES,
    holder: Holder | None = None,
) -> Verdict:
    return verify_document(
        pdf,
        Question(
            trust=trust or OURS.world.trust,
            lists=OURS.world.lists,
            at=AT,
            policy=policy,
            holder=holder,
        ),
    )


def reason(verdict: Verdict, check: CheckId) -> Reason:
    return next(one.reason for one in verdict.checks if one.id is check)


# -- a page of one's own around a genuine code -----------------------------------------------------


def pasted() -> bytes:
    """A stranger's page that says 样例乙, with the genuine code of another person on it."""
    body = scans.as_jpeg(scans.grey(OURS.world.code(OURS.certificate)))
    page = scans.shown(body)
    words = b"BT (Li Si, full senior engineer) Tj ET "
    return scans.pdf_of(replace(page, content=words + page.content))


@pytest.mark.parametrize(
    ("language", "warning"), [("zh", "未判断页面"), ("en", "the page was not judged")]
)
def test_a_code_pasted_on_a_page_is_judged_alone_and_said_so_first(
    language: str, warning: str
) -> None:
    verdict = verify(pasted())
    assert verdict.summary is Summary.VALID  # the code is genuine, and of somebody
    assert reason(verdict, CheckId.STRUCTURE) is Reason.UNSIGNED
    lines = as_text(verdict, file="a.pdf", language=language).splitlines()  # type: ignore[arg-type]
    assert warning in lines[0]
    shown = "\n".join(lines)
    for field in ("name", "number", "title", "issuing_body"):
        assert getattr(OURS.certificate, field) in shown
    assert "Li Si" not in shown
    said = json.loads(as_line(verdict, file="a.pdf"))
    assert {"id": "structure", "outcome": "pass", "reason": "unsigned"}.items() <= said["checks"][
        0
    ].items()
    assert said["certificate"]["name"] == OURS.certificate.name


def test_a_signed_document_carries_no_such_warning() -> None:
    for pdf in (REAL, OURS.document()):
        shown = as_text(verify(pdf), file="a.pdf", language="en")
        assert "the page was not judged" not in shown
        assert "compare" not in shown


def test_a_pasted_code_fails_the_person_who_shows_it() -> None:
    first = NUMBER[:-2] + ("1" if NUMBER[-2] != "1" else "3")
    number = first + check_digit(first)
    verdict = verify(pasted(), holder=Holder(number=number, opening=OPENING))
    assert verdict.summary is Summary.INVALID
    assert reason(verdict, CheckId.HOLDER) is Reason.HOLDER_MISMATCH


def test_a_signature_stripped_off_a_whole_page_leaves_a_code() -> None:
    # Only the code that a person sees is left, and it is judged as a code.
    verdict = verify(TRACES.sub(b"/X", REAL))
    assert verdict.judged is Judged.CODE
    assert reason(verdict, CheckId.STRUCTURE) is Reason.UNSIGNED


def test_a_pasted_code_under_a_strangers_signature_is_an_unknown_seal() -> None:
    picture = pasted().partition(b"2 0 obj\n")[2].partition(b"\nendobj")[0]
    pdf = replace(OURS.pdf, objects={6: picture}).make(Cms(ROGUE))
    verdict = verify(pdf)
    assert verdict.summary is Summary.INDETERMINATE
    assert reason(verdict, CheckId.SIGNER_CERTIFICATE) is Reason.SEAL_UNKNOWN
    assert verdict.claimed is None


# -- before and around the file --------------------------------------------------------------------


@pytest.mark.parametrize(
    "junk",
    [
        b"\n",
        b"\0",
        b"x" * 1000,
        b"\xef\xbb\xbf",
        b"%PDF",
        b"\x89PNG\r\n\x1a\n",
        b"HTTP/1.1 200\r\n\r\n",
    ],
)
def test_a_document_behind_junk_is_the_document_that_viewers_see(junk: bytes) -> None:
    # Viewers look for the header within the first kilobyte; the byte range counts from the file's.
    question = Question(trust=OURS.world.trust, lists=OURS.world.lists, at=AT, policy=EXAMPLES)
    for pdf in (REAL, OURS.document()):
        (part,) = verify_bytes(junk + pdf, question)
        assert part.verdict.judged is Judged.DOCUMENT
        assert part.verdict.summary is Summary.INVALID
        assert part.verdict.claimed == OURS.certificate  # said, and not believed
    (part,) = verify_bytes(junk + pasted(), question)
    assert (part.page, part.verdict.judged) == (1, Judged.CODE)


def test_a_header_before_the_header_is_not_whole() -> None:
    assert reason(verify(b"%PDF-1.7\n" + REAL), CheckId.BYTE_RANGE) is Reason.CHANGED


# -- whose opening, whose token -------------------------------------------------------------------

SECOND: Final = replace(
    OURS.certificate,
    name="样例乙",
    index=42,
    identity=replace(
        OURS.certificate.identity,  # type: ignore[type-var]
        commitment=commit(bytes(10), OURS.certificate.identity.kind, NUMBER, None),  # type: ignore[union-attr]
    ),
)


def test_the_opening_of_another_opens_nothing() -> None:
    theirs = format_opening(bytes(10)).replace("-", "").encode()
    pdf = OURS.document(opening=theirs)
    # Without a number nobody can tell, for an opening opens nothing by itself (clause 9.7.2).
    assert verify(pdf).summary is Summary.VALID
    told = verify(pdf, holder=Holder(number=NUMBER))
    assert reason(told, CheckId.HOLDER) is Reason.HOLDER_MISMATCH
    assert told.summary is Summary.INVALID


def test_the_token_of_another_in_a_sealed_page_shows_the_others_name() -> None:
    # What the page says no machine compares (clause 9.7.2); the verdict speaks of the token.
    token = OURS.world.token(SECOND).to_bytes()
    opening = format_opening(bytes(10)).replace("-", "").encode()
    verdict = verify(OURS.document(token=token, opening=opening))
    assert verdict.require().name == "样例乙"
    assert OPENING_TEXT.encode() != opening


# -- several authorities, several keys -------------------------------------------------------------


def both(**changes: object) -> tuple[Trust, Trust]:
    """Two authorities that publish one seal and one token key; the second's entries changed."""
    ours = OURS.world.bundle
    theirs = replace(
        OTHER.world.bundle,
        keys=tuple(replace(key, **changes) for key in ours.keys),  # type: ignore[arg-type]
        segments=ours.segments,
    )
    anchors = (OURS.world.trust.anchors[0], replace(OTHER.world.trust.anchors[0], bundle=theirs))
    return Trust(anchors), Trust(anchors[::-1])


@pytest.mark.parametrize("changes", [{"history": STOLEN}, {"not_before": 30_000}])
def test_an_authority_that_lists_the_seal_of_another_has_no_say(
    changes: dict[str, object],
) -> None:
    for trust in both(**changes):
        verdict = verify(OURS.document(), trust)
        assert verdict.summary is Summary.VALID
        assert verdict.authority == OURS.world.trust.anchors[0].who


class Sleeper:
    """An authority of a store, which is read when something is its."""

    def __init__(self, anchor: Anchor, read: list[str]) -> None:
        self._anchor, self._read = anchor, read
        self.authority_id = anchor.bundle.authority.id
        self.keys: dict[bytes, list[bytes]] = {}
        for key in anchor.bundle.keys:
            if isinstance(key.public, PublicKey):
                self.keys.setdefault(key.public.kid, []).append(key.public.to_bytes())
        self.seals = {sha256(key.x509).digest() for key in anchor.bundle.keys if key.x509}

    def wake(self) -> Anchor:
        self._read.append(self.authority_id)
        return self._anchor


def asleep(trust: Trust) -> tuple[Trust, list[str]]:
    """The same authorities asleep, and who was read."""
    read: list[str] = []
    return Trust(asleep=[Sleeper(anchor, read) for anchor in trust.anchors]), read


def test_an_authority_that_lists_the_seal_of_another_is_not_even_read() -> None:
    ours = OURS.world.bundle.authority.id
    for trust in both():
        sleeping, read = asleep(trust)
        for _ in range(2):
            verdict = verify(OURS.document(), sleeping)
            assert verdict == verify(OURS.document(), trust)
            assert verdict.summary is Summary.VALID
        assert read == [ours]


def test_who_is_asleep_makes_no_difference() -> None:
    """Where the token does not say whose the seal is, everybody who publishes it is asked."""
    spared = {"uses": frozenset({KeyUse.TOKEN})}
    for trust in (*both(), *both(**spared), *both(history=STOLEN)):
        for pdf in (
            OURS.document(),
            OURS.document(token=OTHER.token),
            OTHER.document(),
            OTHER.document(token=OURS.token),
            OURS.document(token=b"\xd2\x84"),
        ):
            sleeping, _ = asleep(trust)
            assert verify(pdf, sleeping) == verify(pdf, trust)


def test_another_token_in_the_file_does_not_decide_whose_the_seal_is() -> None:
    """A stream that no document has may hold a token, too; what is attached is judged (9.5)."""
    theirs = OURS.world.with_bundle(authority=OTHER.world.bundle.authority)
    stray = stream(b"/Type /EmbeddedFile", theirs.token(OURS.certificate).to_bytes())
    for trust in both():
        for token in (OURS.token, OTHER.token, b"\xd2\x84"):
            pdf = OURS.document(objects={11: stray}, token=token)
            sleeping, _ = asleep(trust)
            assert verify(pdf, sleeping) == verify(pdf, trust)


def test_a_token_beyond_the_streams_that_are_looked_at_wins_no_key_for_documents() -> None:
    theirs = OURS.world.with_bundle(authority=OTHER.world.bundle.authority)
    begin = b"stream\n" + OURS.token + b"\nendstream "
    hidden = stream(b"", begin + b"stream\n" * 1200)
    pdf = OURS.document(objects={6: hidden}, token=theirs.token(OURS.certificate).to_bytes())
    for trust in both(uses=frozenset({KeyUse.TOKEN})):
        sleeping, _ = asleep(trust)
        for asked in (sleeping, trust):
            assert reason(verify(pdf, asked), CheckId.AGREEMENT) is Reason.AUTHORITY_MISMATCH
    for trust in both():
        sleeping, read = asleep(trust)
        assert verify(pdf, sleeping) == verify(pdf, trust)
        assert len(read) == 2


def test_of_a_seal_named_twice_in_one_bundle_the_worse_answer_counts() -> None:
    entry = next(key for key in OURS.world.bundle.keys if key.x509)
    public = office(masked(certificates(1)[0]), kind="ed25519").world.bundle.keys[0].public
    twin = replace(entry, public=public, history=STOLEN)
    keys = (*OURS.world.bundle.keys, twin)
    for order in (keys, keys[::-1]):
        trust = replace(OURS, world=OURS.world.with_bundle(keys=order)).world.trust
        verdict = verify(OURS.document(), trust)
        assert reason(verdict, CheckId.SIGNING_TIME) is Reason.COMPROMISED
        assert verdict.summary is Summary.INDETERMINATE


def test_the_seal_of_one_authority_does_not_answer_for_the_token_of_another() -> None:
    trust = Trust((*OURS.world.trust.anchors, *OTHER.world.trust.anchors))
    for pdf in (OURS.document(token=OTHER.token), OTHER.document(token=OURS.token)):
        verdict = verify(pdf, trust)
        assert verdict.summary is Summary.INVALID
        assert reason(verdict, CheckId.AGREEMENT) is Reason.AUTHORITY_MISMATCH


def test_a_certificate_for_tokens_alone_seals_nothing() -> None:
    for uses in ({KeyUse.TOKEN}, {KeyUse.LIST}, {KeyUse.TOKEN, KeyUse.LIST}):
        by = OURS.with_seal(uses=frozenset(uses))
        verdict = verify(OURS.document(), by.world.trust)
        assert reason(verdict, CheckId.SIGNER_CERTIFICATE) is Reason.USE_WRONG
        assert verdict.summary is Summary.INVALID


def test_another_certificate_of_the_same_key_is_an_unknown_seal() -> None:
    # Issued anew by the same CA for the same key and name: the bundle names one, byte for byte.
    again = OURS.root.leaf("样例职称专用章", key=OURS.seal.key)
    verdict = verify(OURS.pdf.make(Cms(again)))
    assert reason(verdict, CheckId.SIGNER_CERTIFICATE) is Reason.SEAL_UNKNOWN


def test_the_days_of_the_x509_certificate_play_no_part() -> None:
    # Clause 9.7: the bundle's window counts, so that old documents stay good.
    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    key = new_key()
    expired = OURS.root.leaf(
        "样例旧章", key=key, start=start, end=start + datetime.timedelta(days=9)
    )
    by = replace(OURS.with_seal(x509=expired.der), seal=expired)
    assert verify(by.document(), by.world.trust).summary is Summary.VALID


def test_a_signature_for_something_else_is_none_for_a_document() -> None:
    # A seal that also signs tokens: their bytes begin otherwise than signed attributes.
    by = OURS.with_seal(uses=frozenset({KeyUse.DOCUMENT, KeyUse.TOKEN}))
    for cms in (
        replace(by.cms, kind="1.2.840.113549.1.9.16.1.4", content=b"x"),
        replace(by.cms, signed=False),
        replace(by.cms, attributes=lambda _: []),
    ):
        assert verify(by.pdf.make(cms), by.world.trust).summary is Summary.INVALID


# -- clocks ----------------------------------------------------------------------------------------

BELIEVED: Final = Policy(tsas=frozenset({TSA.der}), examples=True)


@pytest.mark.parametrize(
    ("stamp_s", "policy", "outcome"),
    [
        (AT_S - 20 * DAY_S, BELIEVED, Reason.TIMESTAMPED),
        (AT_S - 9 * DAY_S - 1, BELIEVED, Reason.TIMESTAMPED),
        (AT_S - 9 * DAY_S, BELIEVED, Reason.COMPROMISED),
        (AT_S - 20 * DAY_S, EXAMPLES, Reason.COMPROMISED),
        (AT_S - 20 * DAY_S, Policy(tsas=frozenset({ROGUE.der}), examples=True), Reason.COMPROMISED),
    ],
)
def test_after_a_compromise_a_date_of_ones_own_proves_nothing(
    stamp_s: int, policy: Policy, outcome: Reason
) -> None:
    by = OURS.with_seal(history=STOLEN)
    long_ago = replace(by.pdf, sealed="D:20250101120000+08'00'")
    assert (
        reason(verify(long_ago.make(by.cms), by.world.trust), CheckId.SIGNING_TIME)
        is Reason.COMPROMISED
    )
    pdf = long_ago.make(replace(by.cms, stamp=stamped(TSA, stamp_s)))
    assert reason(verify(pdf, by.world.trust, policy=policy), CheckId.SIGNING_TIME) is outcome


def test_a_time_stamp_can_not_be_moved_to_another_document() -> None:
    donor = OURS.cms
    kept: list[bytes] = []

    def keep(signature: bytes) -> bytes:
        kept.append(stamped(TSA, AT_S - 20 * DAY_S)(signature))
        return kept[-1]

    OURS.pdf.make(replace(donor, stamp=keep))
    by = OURS.with_seal(history=STOLEN)
    moved = by.pdf.make(replace(by.cms, stamp=lambda _: kept[-1]))
    verdict = verify(moved, by.world.trust, policy=BELIEVED)
    assert reason(verdict, CheckId.DOCUMENT_SIGNATURE) is Reason.TIMESTAMP_BAD
