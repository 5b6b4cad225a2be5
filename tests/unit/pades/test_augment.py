"""Archival revisions: made, judged, attacked (docs/spec clause 9.10)."""

from __future__ import annotations

import datetime
import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.authority import AT, AT_S
from tests.support.blankpage import blank
from tests.support.forge import (
    SHA256,
    TST_INFO,
    Cms,
    LocalTsa,
    Office,
    integer,
    masked,
    office,
    oid,
    stamped,
    tlv,
)
from tests.support.population import certificates
from tests.support.question import EXAMPLES
from tests.support.withoutmldsa import lacking_mldsa
from tests.support.x509 import Maker

from etitle.errors import IssueError
from etitle.keys.seal import document_signer, make_seal
from etitle.keys.signer import SoftSigner
from etitle.pades import augment as prolonging
from etitle.pades.archived import base_of, read_archived
from etitle.pades.augment import augment
from etitle.pades.dss import ValidationData
from etitle.pades.revision import MAX_REVISIONS
from etitle.pades.sign import sign_document
from etitle.trust.bundle import KeyState
from etitle.verdict import CheckId, Outcome, Reason, Summary, Verdict
from etitle.verify.document import verify_document
from etitle.verify.file import verify_bytes
from etitle.verify.part import Part
from etitle.verify.question import Policy, Question

DAY_S: Final = 86_400
OURS: Final = office(masked(certificates(1)[0]))
ROOT: Final = Maker.root("样例时间戳根")
TSA: Final = ROOT.leaf("样例时间戳", timestamps=True)
MIDDLE: Final = ROOT.ca("样例时间戳中间")
SECOND: Final = MIDDLE.leaf("样例时间戳二", timestamps=True)
ON: Final = Policy(archival=True, tsas=frozenset({TSA.der, SECOND.der}), examples=True)
OFF: Final = Policy(tsas=ON.tsas, examples=True)
FIRST_S: Final = AT_S - 20 * DAY_S
"""When documents here are archived, after which a key may be compromised."""
SECOND_S: Final = AT_S - 10 * DAY_S
LIMIT_S: Final = 2.0


def archive(
    pdf: bytes, own: Maker = TSA, at_s: int = FIRST_S, *, chain: tuple[bytes, ...] = ()
) -> bytes:
    validation_data = ValidationData((own.der,), ocsps=(b"\x30\x03\x0a\x01\x00",))
    return augment(
        pdf, validation_data=validation_data, tsa=LocalTsa(own, at_s, chain=chain), now_s=at_s
    )


def verify(pdf: bytes, policy: Policy = ON, by: Office = OURS) -> Verdict:
    start = time.process_time()
    verdict = verify_document(
        pdf, Question(trust=by.world.trust, lists=by.world.lists, at=AT, policy=policy)
    )
    assert time.process_time() - start < LIMIT_S
    return verdict


def reason(verdict: Verdict, check: CheckId) -> Reason:
    (found,) = (one for one in verdict.checks if one.id is check)
    return found.reason


def detail(verdict: Verdict, check: CheckId) -> str:
    (found,) = (one for one in verdict.checks if one.id is check)
    return found.detail


PLAIN: Final = OURS.document()
ONCE: Final = archive(PLAIN)
TWICE: Final = archive(ONCE, SECOND, SECOND_S, chain=(MIDDLE.der,))


def with_catalog(old: bytes, new: bytes, more: dict[int, bytes] | None = None) -> bytes:
    """A document whose seal is over another catalog."""
    catalog = OURS.pdf.bodies()[1]
    assert old in catalog
    return OURS.document(objects={1: catalog.replace(old, new)} | (more or {}))


FORM: Final = b"<< /Fields [5 0 R] /SigFlags 3 >>"


# -- made ------------------------------------------------------------------------------------------


def test_an_archived_document_begins_with_the_document_byte_for_byte() -> None:
    assert ONCE.startswith(PLAIN)
    assert TWICE.startswith(ONCE)
    assert ONCE.count(b"%%EOF") == 2
    assert TWICE.count(b"%%EOF") == 3


def test_a_revision_covers_the_whole_file_and_is_read_back() -> None:
    found = read_archived(TWICE)
    assert found is not None
    assert found.original == PLAIN
    assert [one.end for one in found.revisions] == [len(ONCE), len(TWICE)]
    assert found.base.length == len(TWICE)
    assert read_archived(PLAIN) is None


def test_the_certificates_of_a_time_stamp_join_the_evidence() -> None:
    found = read_archived(TWICE)
    assert found is not None
    assert found.revisions[1].x509s == (SECOND.der, MIDDLE.der)


def test_the_evidence_of_the_file_so_far_stays_named() -> None:
    lists = [re.findall(rb"/Certs \[([^\]]*)\]", pdf) for pdf in (ONCE, TWICE)]
    assert lists[1][1].startswith(lists[0][0])
    assert len(lists[1][1].split()) == 3 * 3


def test_evidence_that_was_sealed_within_stays_named() -> None:
    seal = make_seal(document_signer(SoftSigner(OURS.seal.key)), x509_chain=(OURS.seal.der,))  # type: ignore[arg-type]
    pdf = sign_document(
        blank(),
        seal=seal,
        signing_time_s=FIRST_S,
        tsa=LocalTsa(TSA, FIRST_S),
        validation_data=ValidationData((TSA.der,), (b"\x30\x00",)),
    )
    archived = archive(pdf)
    old, new = re.findall(rb"/DSS (\d+) 0 R", archived)
    (within,) = re.findall(rb"\n%b 0 obj\n<< /Type /DSS (.*) >>" % old, archived)
    (after,) = re.findall(rb"\n%b 0 obj\n<< /Type /DSS (.*) >>" % new, archived)
    assert archived.count(b"/Extensions") == 2
    for key in (b"Certs", b"CRLs"):
        before, now = (re.findall(rb"/%b \[([^\]]*)\]" % key, text)[0] for text in (within, after))
        assert now.startswith(before)
    assert reason(verify(archived), CheckId.BYTE_RANGE) is Reason.OK


def test_a_document_is_archived_so_often_and_no_more() -> None:
    pdf = PLAIN
    for place in range(MAX_REVISIONS):
        pdf = archive(pdf, at_s=FIRST_S + place)
    assert verify(pdf).summary is Summary.VALID
    with pytest.raises(IssueError) as caught:
        archive(pdf)
    assert caught.value.code == "sign.archive_full"
    assert verify(revised(pdf, token_s=FIRST_S + 99)).summary is not Summary.VALID


@pytest.mark.parametrize(
    "validation_data",
    [
        ValidationData(),
        ValidationData((b"",)),
        ValidationData((b"\x30\x01",)),
        ValidationData((TSA.der + b"\0",)),
        ValidationData(crls=(b"\x02\x01\x00",)),
        ValidationData(ocsps=(tlv(0x30, tlv(4, b"/ByteRange [0 1 2 3]")),)),
    ],
)
def test_evidence_that_is_none_is_refused(validation_data: ValidationData) -> None:
    with pytest.raises(IssueError) as caught:
        augment(PLAIN, validation_data=validation_data, tsa=LocalTsa(TSA, FIRST_S), now_s=FIRST_S)
    assert caught.value.code == "sign.archive_evidence"


@pytest.mark.parametrize(
    "pdf",
    [
        b"",
        b"%PDF-1.7\n",
        PLAIN + b"\n",
        PLAIN[:-1],
        ONCE + b"\n",
        ONCE[:-1],
        OURS.document(header=b"%PDF-1.6\n%\xe2\xe3\xcf\xd3\n"),
        OURS.document(permission=2),
        with_catalog(b"/Lang (zh-CN)", b"/Extensions << >> /Lang (zh-CN)"),
        with_catalog(b"/Lang (zh-CN)", b"/Lang (/Fields [5 0 R])"),
        with_catalog(b"/Lang (zh-CN)", b"/DSS << >> /Lang (zh-CN)"),
        with_catalog(b"/Lang (zh-CN)", b"/DSS 3 0 R /Lang (zh-CN)"),
        with_catalog(b"/Lang (zh-CN)", b"/DSS 6 0 R /Lang (/DSS 6 0 R)", {6: b"<< /Type /DSS >>"}),
        with_catalog(b"<< /Fields [5 0 R] /SigFlags 3 >>", b"6 0 R", {6: FORM}),
        with_catalog(
            b"<< /Fields [5 0 R] /SigFlags 3 >>",
            b"6 0 R /PieceInfo << /Fields [5 0 R] >>",
            {6: FORM},
        ),
    ],
)
def test_only_documents_of_ours_are_archived_and_no_authority_is_asked(pdf: bytes) -> None:
    stamper = LocalTsa(TSA, FIRST_S)
    with pytest.raises(IssueError) as caught:
        augment(pdf, validation_data=ValidationData((TSA.der,)), tsa=stamper, now_s=FIRST_S)
    assert caught.value.code == "sign.archive_shape"
    assert stamper.asked == 0


def test_a_time_stamp_that_outgrows_its_room_is_asked_for_again() -> None:
    stamper = LocalTsa(TSA, FIRST_S, room=10)
    pdf = augment(PLAIN, validation_data=ValidationData((TSA.der,)), tsa=stamper, now_s=FIRST_S)
    assert stamper.asked == 2
    assert verify(pdf).summary is Summary.VALID


def test_time_stamps_that_go_on_growing_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    stamper = LocalTsa(TSA, FIRST_S)
    monkeypatch.setattr(stamper, "room_bytes", lambda: 10)
    with pytest.raises(IssueError) as caught:
        augment(PLAIN, validation_data=ValidationData((TSA.der,)), tsa=stamper, now_s=FIRST_S)
    assert caught.value.code == "sign.stamp_outgrew"
    assert stamper.asked == prolonging._TRIES


def test_the_fourth_time_stamp_may_be_the_first_that_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    stamper = LocalTsa(TSA, FIRST_S)
    rooms = iter((10, 11, 12, 4096))
    monkeypatch.setattr(stamper, "room_bytes", lambda: next(rooms))
    pdf = augment(PLAIN, validation_data=ValidationData((TSA.der,)), tsa=stamper, now_s=FIRST_S)
    assert verify(pdf).summary is Summary.VALID


# -- judged ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("pdf", [ONCE, TWICE])
def test_an_archived_document_is_valid_under_the_archival_policy(pdf: bytes) -> None:
    verdict = verify(pdf)
    assert verdict.summary is Summary.VALID
    assert verdict.require() == OURS.certificate
    assert [check.id for check in verdict.checks[:5]] == [
        CheckId.BYTE_RANGE, CheckId.SIGNER_CERTIFICATE, CheckId.DOCUMENT_SIGNATURE,
        CheckId.STRUCTURE, CheckId.ARCHIVE,
    ]  # fmt: skip
    (part,) = verify_bytes(
        pdf, Question(trust=OURS.world.trust, lists=OURS.world.lists, at=AT, policy=ON)
    )
    assert part == Part(verdict)


@pytest.mark.parametrize("policy", [EXAMPLES, OFF])
@pytest.mark.parametrize("pdf", [ONCE, TWICE])
def test_an_archived_document_is_never_authentic_without_it(pdf: bytes, policy: Policy) -> None:
    verdict = verify(pdf, policy)
    assert verdict.summary is Summary.INDETERMINATE
    assert reason(verdict, CheckId.BYTE_RANGE) is Reason.ARCHIVED
    assert CheckId.ARCHIVE not in {check.id for check in verdict.checks}
    assert [one.reason for one in verdict.checks if one.outcome is not Outcome.PASS] == [
        Reason.ARCHIVED
    ]


@pytest.mark.parametrize("policy", [EXAMPLES, OFF, ON])
def test_a_document_without_revisions_is_judged_as_ever(policy: Policy) -> None:
    assert verify(PLAIN, policy) == verify(PLAIN, EXAMPLES)
    assert verify(PLAIN, policy).summary is Summary.VALID
    assert verify(PLAIN + b"\n", policy) == verify(PLAIN + b"\n", EXAMPLES)


def test_a_revision_taken_away_leaves_what_was_there_before() -> None:
    assert verify(TWICE[: len(ONCE)]).summary is Summary.VALID
    assert verify(TWICE[: len(PLAIN)]) == verify(PLAIN)


@pytest.mark.parametrize("tsas", [(), (SECOND,), (TSA,)])
def test_every_time_stamper_must_be_believed(tsas: tuple[Maker, ...]) -> None:
    verdict = verify(
        TWICE, Policy(archival=True, tsas=frozenset(one.der for one in tsas), examples=True)
    )
    assert verdict.summary is Summary.INDETERMINATE
    assert reason(verdict, CheckId.ARCHIVE) is Reason.STAMPER_UNKNOWN
    assert detail(verdict, CheckId.ARCHIVE) == ("archive-2" if TSA in tsas else "archive-1")


def test_a_time_stamp_later_than_the_time_asked_about_decides_nothing() -> None:
    verdict = verify(archive(PLAIN, at_s=AT_S + DAY_S))
    assert verdict.summary is Summary.INDETERMINATE
    assert reason(verdict, CheckId.ARCHIVE) is Reason.ARCHIVED_IN_FUTURE
    assert verify(archive(PLAIN, at_s=AT_S + 200)).summary is Summary.VALID
    # The first doubt is told.
    later = archive(PLAIN, at_s=AT_S + DAY_S)
    nobody = Policy(archival=True, examples=True)
    assert reason(verify(later, nobody), CheckId.ARCHIVE) is Reason.STAMPER_UNKNOWN
    twice = archive(later, SECOND, AT_S + DAY_S, chain=(MIDDLE.der,))
    one = replace(nobody, tsas=frozenset({TSA.der}))
    assert reason(verify(twice, one), CheckId.ARCHIVE) is Reason.ARCHIVED_IN_FUTURE


def test_time_stamps_stand_in_the_order_of_their_times() -> None:
    verdict = verify(archive(archive(PLAIN, at_s=SECOND_S), at_s=FIRST_S))
    assert verdict.summary is Summary.INVALID
    assert reason(verdict, CheckId.ARCHIVE) is Reason.TIMESTAMP_BAD
    near = archive(archive(PLAIN, at_s=SECOND_S), at_s=SECOND_S - 200)
    assert verify(near).summary is Summary.VALID
    # Each after the one before, not after the first alone.
    third = archive(TWICE, at_s=FIRST_S + DAY_S)
    assert reason(verify(third), CheckId.ARCHIVE) is Reason.TIMESTAMP_BAD


def test_an_ml_dsa_time_stamp_that_can_not_be_verified_here_refutes_nothing() -> None:
    own = Maker.root("样例时间戳根", kind="mldsa65").leaf("样例时间戳三", timestamps=True)
    policy = replace(ON, tsas=ON.tsas | {own.der})
    pdf = archive(ONCE, own, SECOND_S, chain=(own.issuer.der,) if own.issuer else ())
    assert verify(pdf, policy).summary is Summary.VALID
    wrong = archive(archive(PLAIN, at_s=SECOND_S), own, FIRST_S)
    with lacking_mldsa():
        verdict = verify(pdf, policy)
        # One that verifies is judged all the same, and a wrong one is wrong beside one in doubt.
        assert reason(verify(wrong, policy), CheckId.ARCHIVE) is Reason.TIMESTAMP_BAD
        bad = archive(archive(PLAIN, own, chain=(own.issuer.der,) if own.issuer else ()), at_s=1)
        assert reason(verify(bad, policy), CheckId.ARCHIVE) is Reason.TIMESTAMP_BAD
    assert reason(verdict, CheckId.ARCHIVE) is Reason.ALGORITHM_MISSING
    assert verdict.summary is Summary.INDETERMINATE


def compromised_at(since_s: int) -> Office:
    history = ((KeyState.ACTIVE, 1_577_836_800), (KeyState.COMPROMISED, since_s))
    keys = tuple(replace(key, history=history) for key in OURS.world.bundle.keys)
    return replace(OURS, world=OURS.world.with_bundle(keys=keys))


def test_the_first_time_stamp_answers_for_seal_and_token_after_a_compromise() -> None:
    between = compromised_at(FIRST_S + DAY_S)
    for pdf in (ONCE, TWICE):
        verdict = verify(pdf, by=between)
        assert verdict.summary is Summary.VALID
        assert reason(verdict, CheckId.SIGNING_TIME) is Reason.TIMESTAMPED
        assert reason(verdict, CheckId.COMPROMISE) is Reason.TIMESTAMPED
    for verdict in (verify(ONCE, OFF, between), verify(PLAIN, by=between)):
        assert reason(verdict, CheckId.SIGNING_TIME) is Reason.COMPROMISED
    before = verify(TWICE, by=compromised_at(FIRST_S))
    assert before.summary is Summary.INDETERMINATE
    assert reason(before, CheckId.SIGNING_TIME) is Reason.COMPROMISED


def test_the_earliest_believed_time_answers_after_a_compromise() -> None:
    sealed = OURS.signed(stamp=stamped(TSA, FIRST_S - 5 * DAY_S))
    pdf = archive(sealed)
    assert verify(pdf, by=compromised_at(FIRST_S - DAY_S)).summary is Summary.VALID
    late = archive(OURS.signed(stamp=stamped(TSA, SECOND_S)))
    assert verify(late, by=compromised_at(FIRST_S + DAY_S)).summary is Summary.VALID


def test_time_stamps_that_are_not_believed_answer_for_nothing() -> None:
    verdict = verify(ONCE, Policy(archival=True, examples=True), compromised_at(FIRST_S + DAY_S))
    assert verdict.summary is Summary.INDETERMINATE
    assert reason(verdict, CheckId.SIGNING_TIME) is Reason.COMPROMISED


def test_an_unknown_seal_stays_unknown() -> None:
    stranger = office(masked(certificates(1)[0]), name="other")
    for policy in (OFF, ON):
        verdict = verify(archive(stranger.document()), policy)
        assert verdict.summary is Summary.INDETERMINATE
        assert reason(verdict, CheckId.SIGNER_CERTIFICATE) is Reason.SEAL_UNKNOWN
        if policy.archival:
            assert reason(verdict, CheckId.ARCHIVE) is Reason.NOT_CHECKED


# -- attacked --------------------------------------------------------------------------------------

Bodies = list[tuple[int, bytes]]
"""Object number and text, in the order of the file."""

STAMP: Final = (
    b"<<\n/Type /DocTimeStamp\n/Filter /Adobe.PPKLite\n/SubFilter /ETSI.RFC3161\n"
    b"/ByteRange [0 @@@@@@@@@@ @@@@@@@@@@ @@@@@@@@@@]\n/Contents "
)


def same(bodies: Bodies) -> Bodies:
    return bodies


def revised(
    pdf: bytes,
    *,
    bodies: Callable[[Bodies], Bodies] = same,
    stamp: Callable[[bytes], bytes] = lambda text: text,
    order: Callable[[Bodies], Bodies] = same,
    entries: Callable[[dict[int, int]], dict[int, int]] = lambda offsets: offsets,
    xref: Callable[[bytes], bytes] = lambda text: text,
    trailer: Callable[[bytes], bytes] = lambda text: text,
    gap: bytes = b"",
    tail: bytes = b"",
    after_tail: bytes = b"",
    by: Maker = TSA,
    chain: tuple[bytes, ...] = (),
    token: Callable[[bytes], bytes] | None = None,
    token_s: int = FIRST_S,
    ranged: Callable[[int, int, int], tuple[int, int, int]] = lambda *numbers: numbers,
) -> bytes:
    """A revision as an attacker writes it, with a real time-stamp over whatever it is.

    Its offsets, lengths and time-stamp are right, save for what a caller changes.
    """
    archived = read_archived(pdf)
    base = base_of(pdf) if archived is None else archived.base
    cert, store, field, number = range(base.size, base.size + 4)
    catalog = re.sub(rb"/Fields \[([^\]]*)\]", rb"/Fields [\1 %d 0 R]" % field, base.catalog)
    if b"/DSS" in catalog:
        catalog = re.sub(rb"/DSS \d+", b"/DSS %d" % store, catalog)
    else:
        catalog = catalog[:-3] + (
            b"\n/Extensions << /ESIC << /BaseVersion /1.7 /ExtensionLevel 5 >> >>\n"
            b"/DSS %d 0 R >>" % store
        )
    known = b"".join(b"%d 0 R " % one for one in base.dss[0])
    ocsps = b" /OCSPs [%b]" % b" ".join(b"%d 0 R" % one for one in base.dss[2])
    found = bodies(
        [
            (base.root, catalog),
            (cert, b"<< /Length %d >>\nstream\n%b\nendstream" % (len(by.der), by.der)),
            (store, b"<< /Type /DSS /Certs [%b%d 0 R]%b >>"
             % (known, cert, ocsps if base.dss[2] else b"")),
            (field, b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (archive-%d) /F 132"
             b" /Rect [0 0 0 0] /V %d 0 R >>" % (base.revisions + 1, number)),
        ]
    )  # fmt: skip
    out = bytearray(gap)
    offsets: dict[int, int] = {}
    for one, body in order(found):
        offsets[one] = len(pdf) + len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (one, body)
    written = hashlib.sha256(bytes(out)).hexdigest()[:32].encode()
    offsets[number] = len(pdf) + len(out)
    out += b"%d 0 obj\n" % number + stamp(STAMP)
    digits = 4000
    a = len(pdf) + len(out)
    b = a + digits + 2
    after = bytearray(b"\n>>\nendobj\n")
    table = b + len(after)
    places = entries(offsets)
    section = b"xref\n"
    for run in runs(sorted(places)):
        section += b"%d %d\n" % (run[0], len(run))
        section += b"".join(b"%010d 00000 n \n" % places[one] for one in run)
    after += xref(section)
    identifier = b"/ID [<%b> <%b>] " % (base.identifier, written) if base.identifier else b""
    after += b"trailer\n" + trailer(
        b"<< /Size %d /Root %d 0 R %b%b/Prev %d >>\n"
        % (number + 1, base.root, base.info, identifier, base.table)
    )
    after += b"startxref\n%d\n%%%%EOF\n" % table + tail
    numbers = b" ".join(b"%10d" % one for one in ranged(a, b, len(after)))
    before = bytes(out).replace(b"@@@@@@@@@@ @@@@@@@@@@ @@@@@@@@@@", numbers)
    make = token or stamped(by, token_s, chain=chain)
    made = make(pdf + before + bytes(after)).hex().encode()
    return pdf + before + b"<" + made.ljust(digits, b"0") + b">" + bytes(after) + after_tail


def runs(numbers: list[int]) -> list[list[int]]:
    found: list[list[int]] = []
    for one in numbers:
        if found and found[-1][-1] == one - 1:
            found[-1].append(one)
        else:
            found.append([one])
    return found


def test_the_attacker_writes_what_we_write() -> None:
    # So that each attack below differs from a right file in the one thing that it changes.
    assert verify(revised(PLAIN)).summary is Summary.VALID
    assert verify(revised(ONCE, token_s=SECOND_S)).summary is Summary.VALID
    theirs = augment(
        PLAIN,
        validation_data=ValidationData((TSA.der,)),
        tsa=LocalTsa(TSA, FIRST_S, room=2000),
        now_s=FIRST_S,
    )
    assert with_hole(revised(PLAIN), b"") == with_hole(theirs, b"")


PAGE: Final = (
    b"<< /Type /Page /Parent 3 0 R /MediaBox [0 0 595 842] /Resources << >>"
    b" /Contents %d 0 R /Annots [5 0 R] >>"
)
OBJECT_STREAM: Final = b"<< /Type /ObjStm /N 1 /First 4 /Length 8 >>\nstream\n4 0 <<>>\nendstream"
DRAWING: Final = b"<< /Length 13 >>\nstream\n9 9 m 0 0 l S\nendstream"


def adding(*more: tuple[int, bytes]) -> Callable[[Bodies], Bodies]:
    """Objects before the time-stamp, numbered after ours."""
    return lambda bodies: [*bodies, *more]


def first(*more: tuple[int, bytes]) -> Callable[[Bodies], Bodies]:
    return lambda bodies: [*more, *bodies]


def editing(place: int, old: bytes, new: bytes) -> Callable[[Bodies], Bodies]:
    def edit(bodies: Bodies) -> Bodies:
        number, body = bodies[place]
        assert old in body, body
        bodies[place] = number, body.replace(old, new)
        return bodies

    return edit


def moment(**changes: bytes) -> Callable[[bytes], bytes]:
    """A time-stamp that says what it is told to."""

    def make(covered: bytes) -> bytes:
        at = datetime.datetime.fromtimestamp(FIRST_S, datetime.UTC)
        imprint = tlv(0x30, SHA256, tlv(4, hashlib.sha256(covered).digest()))
        info = tlv(
            0x30,
            tlv(2, b"\x01"),
            oid("1.3.6.1.4.1.99999.1"),
            changes.get("imprint", imprint),
            integer(7),
            changes.get("time", tlv(0x18, f"{at:%Y%m%d%H%M%S}Z".encode())),
        )
        return Cms(TSA, kind=TST_INFO, content=info).make(changes.get("signed", info))

    return make


def elsewhere(own: Maker) -> Maker:
    """A certificate of the time-stamper's name and key by another issuer."""
    return Maker.root("样例时间戳根").leaf("样例时间戳", key=own.key, timestamps=True)


def hole_of(pdf: bytes) -> tuple[int, int]:
    found = re.findall(rb"/ByteRange \[0 +(\d+) +(\d+) +\d+\]", pdf)[-1]
    return int(found[0]), int(found[1])


def with_hole(pdf: bytes, digits: bytes) -> bytes:
    start, end = hole_of(pdf)
    room = end - start - 2
    assert len(digits) <= room
    return pdf[: start + 1] + digits.ljust(room, b"0") + pdf[end - 1 :]


def digits_of(pdf: bytes) -> bytes:
    start, end = hole_of(pdf)
    return pdf[start + 1 : end - 1]


SIZE: Final = base_of(PLAIN).size
OTHER: Final = OURS.pdf.make(OURS.cms)
"""The same certificate's document, sealed anew: another signature and nothing else."""
ENTRY: Final = b"%010d 00000 n \n"


def swapped() -> bytes:
    """The revisions of a twice archived document, the other way round."""
    return PLAIN + TWICE[len(ONCE) :] + TWICE[len(PLAIN) : len(ONCE)]


def on_xref_stream() -> bytes:
    """A cross-reference stream instead of the table (hybrid the other way round)."""
    return revised(
        PLAIN,
        xref=lambda _: (
            b"%d 0 obj\n<< /Type /XRef /Length 0 >>\nstream\n\nendstream\nendobj\n" % (SIZE + 9)
        ),
    )


ATTACKS: Final[dict[str, Callable[[], bytes]]] = {
    # The page, and what it shows.
    "another page": partial(
        revised, PLAIN, bodies=adding((4, PAGE % (SIZE + 9)), (SIZE + 9, DRAWING))
    ),
    "another page first": partial(revised, PLAIN, bodies=first((4, PAGE % 6))),
    "the page's content": partial(revised, PLAIN, bodies=adding((6, DRAWING))),
    "the page tree": partial(
        revised, PLAIN, bodies=adding((3, b"<< /Type /Pages /Kids [4 0 R 4 0 R] /Count 2 >>"))
    ),
    "the seal's field": partial(
        revised, PLAIN,
        bodies=adding((5, b"<< /Subtype /Widget /FT /Sig /T (seal) /V 2 0 R /AP 6 0 R >>")),
    ),
    "a redefined font": partial(
        revised, PLAIN,
        bodies=adding((6, b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 9 9] >>")),
    ),
    "the token": partial(
        revised, PLAIN,
        bodies=adding((7, b"<< /Type /EmbeddedFile /Length 1 >>\nstream\nx\nendstream")),
    ),
    "the signature": partial(revised, PLAIN, bodies=adding((2, b"<< /Type /Sig >>"))),
    "a field with an appearance": partial(
        revised, PLAIN, bodies=editing(3, b" >>", b" /AP << /N 6 0 R >> >>")
    ),
    "a field with a place": partial(
        revised, PLAIN, bodies=editing(3, b"[0 0 0 0]", b"[0 0 595 842]")
    ),
    "a field with an action": partial(
        revised, PLAIN, bodies=editing(3, b" >>", b" /AA << /E << /S /JavaScript >> >> >>")
    ),
    "a field of another name": partial(
        revised, PLAIN, bodies=editing(3, b"archive-1", b"archive-2")
    ),
    # The catalog.
    "an action on opening": partial(
        revised, PLAIN, bodies=editing(0, b"/Lang", b"/OpenAction << /S /JavaScript >> /Lang")
    ),
    "optional content": partial(
        revised, PLAIN, bodies=editing(0, b"/Lang", b"/OCProperties << /OCGs [] >> /Lang")
    ),
    "other pages": partial(revised, PLAIN, bodies=editing(0, b"/Pages 3", b"/Pages 6")),
    "other permissions": partial(
        revised, PLAIN, bodies=editing(0, b"/Perms << /DocMDP 2 0 R >>", b"")
    ),
    "other files": partial(revised, PLAIN, bodies=editing(0, b"/AF [8 0 R", b"/AF [6 0 R")),
    "appearances needed": partial(
        revised, PLAIN, bodies=editing(0, b"/SigFlags 3", b"/NeedAppearances true /SigFlags 3")
    ),
    "one more field": partial(revised, PLAIN, bodies=editing(0, b"[5 0 R", b"[6 0 R 5 0 R")),
    "the field left out": partial(
        revised, PLAIN, bodies=editing(0, b"[5 0 R %d 0 R]" % (SIZE + 2), b"[5 0 R]")
    ),
    "a key twice": partial(revised, PLAIN, bodies=editing(0, b"/Lang", b"/Lang (en) /Lang")),
    "white space in the catalog": partial(revised, PLAIN, bodies=editing(0, b"/Lang", b" /Lang")),
    "a comment in the catalog": partial(revised, PLAIN, bodies=editing(0, b"/Lang", b"%\n/Lang")),
    "another extension": partial(revised, PLAIN, bodies=editing(0, b"Level 5", b"Level 6")),
    "a second catalog": partial(
        revised, PLAIN, bodies=adding((1, b"<< /Type /Catalog /Pages 3 0 R >>"))
    ),
    "a new root": partial(
        revised, PLAIN, bodies=adding((SIZE + 9, b"<< /Type /Catalog /Pages 3 0 R >>")),
        trailer=lambda text: text.replace(b"/Root 1", b"/Root %d" % (SIZE + 9)),
    ),
    # Objects.
    "a shadow object": partial(revised, PLAIN, bodies=adding((SIZE + 9, DRAWING))),
    "a shadow object outside the table": partial(
        revised, PLAIN, bodies=adding((SIZE + 9, DRAWING)),
        entries=lambda found: {one: at for one, at in found.items() if one != SIZE + 9},
    ),
    "an object stream": partial(
        revised, PLAIN,
        bodies=adding((SIZE + 9, OBJECT_STREAM)),
    ),
    "objects in another order": partial(revised, PLAIN, order=lambda found: found[::-1]),
    "no evidence": partial(
        revised, PLAIN, bodies=lambda found: [found[0], *found[2:]],
    ),
    "evidence that is no DER": partial(
        revised, PLAIN,
        bodies=lambda found: [found[0], (SIZE, DRAWING), *found[2:]],
    ),
    "evidence with more in its dictionary": partial(
        revised, PLAIN, bodies=editing(1, b"<< /Length", b"<< /Subtype /Form /Length")
    ),
    "evidence named elsewhere": partial(
        revised, PLAIN, bodies=editing(2, b"[%d 0 R]" % SIZE, b"[6 0 R]")
    ),
    "evidence named twice": partial(
        revised, PLAIN, bodies=editing(2, b"[%d 0 R]" % SIZE, b"[%d 0 R %d 0 R]" % (SIZE, SIZE))
    ),
    "evidence with validation data": partial(
        revised, PLAIN, bodies=editing(2, b" >>", b" /VRI << >> >>")
    ),
    "earlier evidence left out": partial(
        revised, ONCE, token_s=SECOND_S,
        bodies=lambda found: [*found[:2], (found[2][0], re.sub(rb"\[\d+ 0 R ", b"[", found[2][1])),
                              found[3]],
    ),
    # Cross-references.
    "an entry into the document": partial(
        revised, PLAIN, entries=lambda found: found | {4: PLAIN.index(b"6 0 obj")}
    ),
    "an entry into evidence": partial(
        revised, PLAIN, entries=lambda found: found | {SIZE + 1: found[SIZE] + 40}
    ),
    "an entry for a free object": partial(
        revised, PLAIN, xref=lambda text: text + b"6 1\n0000000000 00001 f \n"
    ),
    "an entry of another generation": partial(
        revised, PLAIN, xref=lambda text: text.replace(b"00000 n", b"00001 n", 1)
    ),
    "a section more": partial(revised, PLAIN, xref=lambda text: text + text[5:]),
    "no previous section": partial(
        revised, PLAIN, trailer=lambda text: re.sub(rb"/Prev \d+ ", b"", text)
    ),
    "another previous section": partial(
        revised, PLAIN, trailer=lambda text: re.sub(rb"/Prev \d+", b"/Prev 9", text)
    ),
    "a hybrid file": partial(
        revised, PLAIN, trailer=lambda text: text.replace(b"/Prev", b"/XRefStm 9 /Prev")
    ),
    "a cross-reference stream": on_xref_stream,
    "encrypted": partial(
        revised, PLAIN, trailer=lambda text: text.replace(b"/Prev", b"/Encrypt 9 0 R /Prev")
    ),
    "another size": partial(
        revised, PLAIN, trailer=lambda text: re.sub(rb"/Size \d+", b"/Size 99", text)
    ),
    # Bytes between and after.
    "a gap": partial(revised, PLAIN, gap=b"\n"),
    "a gap with an object": partial(revised, PLAIN, gap=b"4 0 obj\n" + PAGE % 6 + b"\nendobj\n"),
    "a comment between": partial(revised, PLAIN, gap=b"% between\n"),
    "covered bytes after the end": partial(revised, PLAIN, tail=b"\n"),
    "a covered object after the end": partial(
        revised, PLAIN, tail=b"4 0 obj\n" + PAGE % 6 + b"\nendobj\n"
    ),
    "bytes after the end": partial(revised, PLAIN, after_tail=b"x"),
    "an object after the end": partial(
        revised, PLAIN, after_tail=b"4 0 obj\n" + PAGE % 6 + b"\nendobj\n"
    ),
    "a revision after the end that is not covered": lambda: (
        ONCE + revised(PLAIN, bodies=adding((4, PAGE % 6)))[len(PLAIN) :]
    ),
    "bytes before": lambda: b"\n" + ONCE,
    "the document archived twice over": lambda: ONCE + ONCE,
    "a page between document and archive": lambda: archive_over(PAGE % 6),
    # Revisions moved, taken out, cut.
    "revisions swapped": swapped,
    "the second revision alone": lambda: PLAIN + TWICE[len(ONCE) :],
    "a revision twice": lambda: ONCE + ONCE[len(PLAIN) :],
    "a revision of another document": lambda: OTHER + ONCE[len(PLAIN) :],
    "another document under the revision": lambda: (
        archive(OTHER)[: len(OTHER)] + archive(PLAIN)[len(PLAIN) :]
    ),
    "without its last byte": lambda: ONCE[:-1],
    "without its end": lambda: ONCE[: ONCE.rindex(b"startxref")],
    "without its table": lambda: ONCE[: ONCE.rindex(b"xref\n1 1")],
    "without the middle": lambda: ONCE[: len(PLAIN)] + ONCE[ONCE.rindex(b"<<\n/Type /DocTime") :],
    # Time-stamps.
    "a time-stamp over the document alone": partial(
        revised, PLAIN, token=lambda _: stamped(TSA, FIRST_S)(PLAIN)
    ),
    "a time-stamp over the revision alone": partial(
        revised, PLAIN, token=lambda covered: stamped(TSA, FIRST_S)(covered[len(PLAIN) :])
    ),
    "a time-stamp over nothing": partial(
        revised, PLAIN, token=lambda _: stamped(TSA, FIRST_S)(b"")
    ),
    "a range of the document alone": partial(
        revised, PLAIN, ranged=lambda *_: (*hole_of(PLAIN), len(PLAIN) - hole_of(PLAIN)[1])
    ),
    "a range with a wider hole": partial(revised, PLAIN, ranged=lambda a, b, c: (a - 9, b, c)),
    "a range with a later end": partial(revised, PLAIN, ranged=lambda a, b, c: (a, b + 9, c - 9)),
    "a range with a shorter rest": partial(revised, PLAIN, ranged=lambda a, b, c: (a, b, c - 9)),
    "a range past the end": partial(revised, PLAIN, ranged=lambda a, b, c: (a, b, c + 9)),
    "a range of nothing": partial(revised, PLAIN, ranged=lambda *_: (0, 0, 0)),
    "no time-stamp": lambda: with_hole(ONCE, b""),
    "an empty time-stamp": lambda: with_hole(ONCE, b"3000"),
    "a time-stamp of the seal's signature": lambda: with_hole(
        ONCE, stamped(TSA, FIRST_S)(b"signature").hex().encode()
    ),
    "a time-stamp of another file": lambda: with_hole(ONCE, digits_of(archive(OTHER)).rstrip(b"0")),
    "a seal's signature for a time-stamp": lambda: with_hole(
        ONCE, digits_of(PLAIN).rstrip(b"0")[: len(digits_of(ONCE))]
    ),
    "capitals": lambda: with_hole(ONCE, digits_of(ONCE).upper()),
    "padding": lambda: with_hole(ONCE, digits_of(ONCE)[:-1] + b"1"),
    "a key of the hole more": partial(
        revised, PLAIN, stamp=lambda text: text.replace(b"/Filter", b"/Reason (x) /Filter")
    ),
    "a signature instead": partial(
        revised, PLAIN, stamp=lambda text: text.replace(b"/DocTimeStamp", b"/Sig")
    ),
    "another imprint": partial(
        revised, PLAIN, token=moment(imprint=tlv(0x30, SHA256, tlv(4, bytes(32))))
    ),
    "an imprint of an unknown hash": partial(
        revised, PLAIN, token=moment(imprint=tlv(0x30, tlv(0x30, oid("1.3.14.3.2.26")),
                                                 tlv(4, bytes(20))))
    ),
    "no time": partial(revised, PLAIN, token=moment(time=tlv(0x18, b"2026"))),
    "a time that was not signed": partial(revised, PLAIN, token=moment(signed=b"other")),
    "a time before the certificate's": partial(revised, PLAIN, token_s=1_000_000_000),
    "a stranger's time-stamp": partial(revised, PLAIN, by=ROOT.leaf("样例", timestamps=True)),
    "a time-stamp of the believed name and key": partial(revised, PLAIN, by=elsewhere(TSA)),
    "a time-stamp by the seal": partial(revised, PLAIN, by=OURS.seal),
    "a time-stamp by the seal's root": partial(revised, PLAIN, by=OURS.root),
    "a time-stamp below the seal's root": partial(
        revised, PLAIN, by=OURS.root.leaf("样例时间戳", timestamps=True)
    ),
    "certificates that are not among the evidence": partial(
        revised, PLAIN, by=SECOND, chain=(MIDDLE.der,)
    ),
    "certificates of no chain": partial(revised, PLAIN, chain=(MIDDLE.der,)),
    "an earlier time than the revision before": partial(revised, ONCE, token_s=FIRST_S - DAY_S),
}  # fmt: skip


def archive_over(page: bytes) -> bytes:
    """A page changed by an ordinary incremental save, and then archived by a right revision."""
    base = base_of(PLAIN)
    body = b"4 0 obj\n" + page + b"\nendobj\n"
    saved = PLAIN + body + b"xref\n4 1\n" + ENTRY % len(PLAIN)
    saved += b"trailer\n<< /Size %d /Root 1 0 R /Prev %d >>\n" % (base.size, base.table)
    saved += b"startxref\n%d\n%%%%EOF\n" % (len(PLAIN) + len(body))
    whole = revised(PLAIN, gap=saved[len(PLAIN) :])
    assert saved in whole
    return whole


@cache
def attack(name: str) -> bytes:
    return ATTACKS[name]()


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_never_valid(name: str) -> None:
    for policy in (EXAMPLES, OFF, ON):
        assert verify(attack(name), policy).summary is not Summary.VALID


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_never_valid_for_those_who_believe_everybody(name: str) -> None:
    # The seal's own keys and strangers among the time-stampers: even then it is the shape that
    # decides, and what a certificate is for.
    if name == "a stranger's time-stamp":
        return
    everybody = frozenset({TSA.der, SECOND.der, OURS.seal.der, OURS.root.der, ROOT.der})
    policy = Policy(archival=True, tsas=everybody, examples=True)
    assert verify(attack(name), policy).summary is not Summary.VALID


def test_a_time_stamp_by_the_seal_is_wrong_even_where_it_is_believed() -> None:
    policy = Policy(archival=True, tsas=frozenset({OURS.seal.der, OURS.root.der}), examples=True)
    for name in ("a time-stamp by the seal", "a time-stamp by the seal's root"):
        verdict = verify(attack(name), policy)
        assert reason(verdict, CheckId.ARCHIVE) is Reason.TIMESTAMP_BAD
        assert "no time-stamper" in detail(verdict, CheckId.ARCHIVE)


def flips_missed(pdf: bytes, places: range, policy: Policy) -> list[int]:
    missed = []
    for place in places:
        damaged = bytearray(pdf)
        damaged[place] ^= 1 << place % 8
        if verify(bytes(damaged), policy).summary is Summary.VALID:
            missed.append(place)
    return missed


@pytest.mark.parametrize("pdf", [ONCE, TWICE], ids=["once", "twice"])
def test_a_flip_at_every_byte_of_a_revision_is_seen(pdf: bytes) -> None:
    before = len(PLAIN if pdf is ONCE else ONCE)
    assert flips_missed(pdf, range(before, len(pdf)), ON) == []


def test_a_flip_of_what_was_there_before_is_seen() -> None:
    assert flips_missed(ONCE, range(0, len(PLAIN), 3), ON) == []
    assert flips_missed(TWICE, range(0, len(TWICE), 29), OFF) == []


def test_a_cut_at_every_byte_is_seen() -> None:
    whole = {len(PLAIN), len(ONCE), len(TWICE)}
    for length in range(len(PLAIN) - 50, len(TWICE) + 1):
        verdict = verify(TWICE[:length])
        assert (verdict.summary is Summary.VALID) == (length in whole)


def test_a_byte_put_in_or_taken_out_anywhere_is_seen() -> None:
    for place in range(len(PLAIN), len(ONCE)):
        for damaged in (ONCE[:place] + b" " + ONCE[place:], ONCE[:place] + ONCE[place + 1 :]):
            assert verify(damaged).summary is not Summary.VALID


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_pieces_of_archived_files_in_any_order_are_valid_only_as_they_were(
    data: st.DataObject,
) -> None:
    places = st.integers(0, len(TWICE))
    seams = st.sampled_from((len(PLAIN), len(ONCE), len(TWICE), 0, ONCE.rindex(b"xref\n1")))
    cut = st.one_of(places, seams)
    pieces = data.draw(st.lists(st.tuples(cut, cut), min_size=1, max_size=4))
    pdf = b"".join(TWICE[min(pair) : max(pair)] for pair in pieces)
    for policy in (OFF, ON):
        valid = verify(pdf, policy).summary is Summary.VALID
        assert valid == (pdf == PLAIN or (policy is ON and pdf in {ONCE, TWICE}))


def test_long_files_of_revisions_are_bounded() -> None:
    many = PLAIN + ONCE[len(PLAIN) :] * 5000
    spaces = PLAIN + b"1 0 obj\n" * 500_000 + b"/ByteRange [0 1 2 3]"
    items = PLAIN + b"1 0 obj\n<< >>\nendobj\n"
    items += b"".join(
        b"%d 0 obj\n<< /Length 2 >>\nstream\n0\0\nendstream\nendobj\n" % one
        for one in range(SIZE, 50_000)
    )
    items += b"/ByteRange [0 %d 1 1]" % len(items)
    for pdf in (many, spaces, items):
        assert verify(pdf).summary is not Summary.VALID
