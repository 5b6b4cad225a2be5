"""One certificate is refused for what a row of a workbook would be, by the same code."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support import exampleoffice
from tests.support.exampleoffice import AT_S, DAY_S, EXAMPLE, row
from tests.support.portrait import draw_portrait
from tests.support.question import EXAMPLES

import etitle
from etitle import issue
from etitle.certificate.commitment import OPENING_BYTES
from etitle.certificate.dates import CHINA
from etitle.certificate.decode import MAX_INDEX
from etitle.keys.seal import make_seal, open_document_signer
from etitle.record.workbook import RecordRow
from etitle.register.plan import make_plan
from etitle.register.sqlite import SqliteLedger
from etitle.token import frame
from etitle.trust.anchors import Anchor
from etitle.trust.published import Bundle, KeyState, KeyUse, PublishedKey

AT = datetime.datetime.fromtimestamp(AT_S, CHINA)
NUMBER = "4501000000001"
OPENING = bytes(range(OPENING_BYTES))
CHAIN = issue.read_x509_chain(str(EXAMPLE / "keys/seal-1.x509.pem"))
SEAL = issue.open_seal(f"file:{EXAMPLE}/keys/seal-1.pem", x509_chain=CHAIN)
TEMPLATE = issue.shipped_template("sample")
ISSUER = exampleoffice.issuer()
MAKER = issue.open_document_maker(ISSUER, seal=SEAL, template=TEMPLATE, at=AT)
PHOTO = draw_portrait()


def place(number: str = NUMBER, *, list_id: int = 1, index: int = 0) -> issue.Place:
    return issue.Place(number, list_id, index, OPENING)


def make(
    record: RecordRow | None = None,
    *,
    at_place: issue.Place | None = None,
    issuer: issue.Issuer = ISSUER,
    photo: bytes | None = PHOTO,
    at: datetime.datetime = AT,
) -> issue.IssuedCertificate:
    maker = MAKER
    if issuer.bundle != ISSUER.bundle:
        maker = issue.open_document_maker(issuer, seal=SEAL, template=TEMPLATE, at=at)
    return issue.issue_certificate(
        (record or row(1)).cells,
        at_place or place(),
        issuer=issuer,
        maker=maker,
        photo=photo,
        at=at,
        source=issue.Source.REVIEW,
    )


def refused(
    record: RecordRow | None = None,
    *,
    at_place: issue.Place | None = None,
    issuer: issue.Issuer = ISSUER,
    photo: bytes | None = PHOTO,
    at: datetime.datetime = AT,
) -> str:
    with pytest.raises(etitle.EtitleError) as caught:
        make(record, at_place=at_place, issuer=issuer, photo=photo, at=at)
    assert "?" not in caught.value.what("zh") + caught.value.what("en")
    return caught.value.code


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqliteLedger]:
    with SqliteLedger.open(tmp_path / "ledger.sqlite", authority_id="sample") as opened:
        yield opened


def by_command(
    ledger: SqliteLedger, record: RecordRow, *, issuer: issue.Issuer = ISSUER
) -> list[str]:
    plan = make_plan([record], issuer=issuer, ledger=ledger, at_s=AT_S)
    return [finding.code for _, finding in plan.findings if finding.severity == "error"]


@pytest.mark.parametrize("profile", issue.Profile)
def test_a_certificate_verifies_by_the_published_bundle(profile: issue.Profile) -> None:
    issuer = exampleoffice.issuer(profile=profile)
    done = make(issuer=issuer)
    trust = etitle.Trust((Anchor(issuer.bundle, (), 0),))
    question = etitle.Question(trust=trust, lists=etitle.Lists(), at=AT, policy=EXAMPLES)
    verdict = etitle.verify_document(done.pdf, question)
    assert verdict.authenticity is etitle.Authenticity.AUTHENTIC
    assert verdict.claimed == etitle.decode_payload(done.payload)
    masked = profile is issue.Profile.MASKED
    assert done.opening == (issue.format_opening(OPENING) if masked else None)
    assert done.place.opening == (OPENING if masked else None)
    code = etitle.unpack(etitle.to_frame(done.code_text))
    aad = frame.binding(issuer.bundle.authority.id)
    assert (code.payload, code.to_be_signed(external_aad=aad)) == (done.payload, done.to_be_signed)
    assert done.key_thumbprint == issuer.signer.public.thumbprint


def test_the_same_call_gives_the_same_certificate_but_for_the_pepper() -> None:
    first, second = (etitle.decode_payload(make().payload) for _ in range(2))
    assert first.identity is not None
    assert second.identity is not None
    assert first == replace(
        second, identity=replace(second.identity, commitment=first.identity.commitment)
    )


def test_an_opening_may_be_given_as_it_is_printed() -> None:
    printed = issue.format_opening(OPENING)
    done = make(at_place=replace(place(), opening=printed.lower()))
    assert done.opening == printed
    question = etitle.Question(
        trust=etitle.Trust((Anchor(ISSUER.bundle, (), 0),)), lists=etitle.Lists(), at=AT,
        holder=etitle.Holder(number=exampleoffice.id_number(1)), policy=EXAMPLES,
    )  # fmt: skip
    checks = {one.id: one.reason for one in etitle.verify_document(done.pdf, question).checks}
    assert checks[etitle.CheckId.HOLDER] is etitle.Reason.OK
    wrong = replace(place(), opening=printed[:-1] + "0")
    assert refused(at_place=wrong) == "record.opening_mistyped"


def test_a_record_read_before_is_taken_as_it_is() -> None:
    record, _ = issue.read_record(row(1).cells)
    assert record is not None
    done = issue.issue_certificate(
        record, place(), issuer=ISSUER, maker=MAKER, photo=None, at=AT, source=issue.Source.REVIEW
    )
    assert etitle.decode_payload(done.payload).name == etitle.decode_payload(make().payload).name


def test_without_segments_no_document_would_verify() -> None:
    issuer = exampleoffice.issuer(of=replace(ISSUER.bundle, segments=()))
    number = "样例-1"
    assert refused(row(1, body_level="市级"), at_place=place(number), issuer=issuer) == (
        "issue.document_check"
    )


@pytest.mark.parametrize(
    ("cells", "number", "code"),
    [
        ({}, "9900000000001", "issue.number_outside"),
        ({}, "4501000000000", "issue.number_outside"),
        ({}, "4500000000001", "issue.number_outside"),  # another body's
        ({"approving_body": "样例省不存在的机构"}, NUMBER, "issue.no_segment"),
        ({"issued": "2027-01-01"}, NUMBER, "issue.issued_in_future"),
        ({"issued": "2019-12-31", "qualified": "2019"}, NUMBER, "issue.outside_window"),
        ({"id_number": None}, NUMBER, "record.identity_needed"),
        ({"title": "教授"}, NUMBER, "record.title_outside_series"),
        ({"specialty": "测" * 200}, NUMBER, "record.text_long"),
    ],
)
def test_a_row_is_refused_as_by_the_command(
    ledger: SqliteLedger, cells: dict[str, object], number: str, code: str
) -> None:
    assert refused(row(1, **cells), at_place=place(number)) == code
    assert by_command(ledger, row(1, number=number, **cells)) == [code]


def test_a_number_of_two_levels_is_refused_as_by_the_command(ledger: SqliteLedger) -> None:
    second = replace(ISSUER.bundle.segments[1], body_level=issue.BodyLevel.DELEGATED)
    segments = (*ISSUER.bundle.segments, second)
    issuer = exampleoffice.issuer(of=replace(ISSUER.bundle, segments=segments))
    assert refused(issuer=issuer) == "issue.body_level_needed"
    assert by_command(ledger, row(1, number=NUMBER), issuer=issuer) == ["issue.body_level_needed"]


def test_a_number_that_contradicts_the_record_is_refused() -> None:
    assert refused(row(1, number="4501000000002")) == "record.contradicted"


@pytest.mark.parametrize("index", [-1, MAX_INDEX + 1])
def test_an_index_out_of_range_is_refused(index: int) -> None:
    assert refused(at_place=place(index=index)).startswith("certificate.")


def test_a_list_that_the_bundle_does_not_name_is_refused() -> None:
    assert refused(at_place=place(list_id=9)) == "issue.list_not_in_bundle"


def test_an_opening_is_demanded_where_numbers_are_masked() -> None:
    assert refused(at_place=replace(place(), opening=None)) == "record.opening_needed"


@pytest.mark.parametrize("photo", [b"", draw_portrait(100, 100)])
def test_a_photo_that_breaks_the_rules_is_refused(photo: bytes) -> None:
    assert refused(photo=photo).startswith("photo.")


def test_a_page_that_can_not_be_drawn_is_refused() -> None:
    assert refused(row(1, specialty="\U0003134a测绘")) == "page.glyph_missing"


def test_a_time_without_zone_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="time zone"):
        make(at=AT.replace(tzinfo=None))


def test_a_maker_by_another_bundle_is_refused() -> None:
    other = exampleoffice.issuer(of=exampleoffice.bundle(version=2))
    with pytest.raises(issue.EtitleError) as caught:
        issue.issue_certificate(row(1).cells, place(), issuer=other, maker=MAKER, photo=None, at=AT)
    assert caught.value.code == "issue.bundle_differs"


def _with_seal_key(**changes: object) -> Bundle:
    def changed(key: PublishedKey) -> PublishedKey:
        return replace(key, **changes) if KeyUse.DOCUMENT in key.uses else key  # type: ignore[arg-type]

    return replace(ISSUER.bundle, keys=tuple(map(changed, ISSUER.bundle.keys)))


def maker_refused(bundle: Bundle, *, seal: issue.Seal = SEAL) -> str:
    issuer = exampleoffice.issuer(of=bundle)
    with pytest.raises(etitle.EtitleError) as caught:
        issue.open_document_maker(issuer, seal=seal, template=TEMPLATE, at=AT)
    return caught.value.code


def test_a_seal_that_no_verifier_takes_is_refused() -> None:
    ended = ISSUER.bundle.keys[0].not_before
    retired = ((KeyState.ACTIVE, 0), (KeyState.RETIRED, AT_S - DAY_S))
    assert maker_refused(_with_seal_key(x509=None)) == "issue.seal_not_in_bundle"
    assert maker_refused(_with_seal_key(not_after=ended)) == "issue.seal_outside_window"
    assert maker_refused(_with_seal_key(history=retired)) == "issue.key_not_active"
    assert maker_refused(replace(ISSUER.bundle, example=False)) == "page.template_example"


def test_a_seal_that_ran_out_meanwhile_is_refused() -> None:
    late = datetime.datetime.fromtimestamp(SEAL.not_after_s + 1, CHINA)
    assert refused(at=late) == "issue.seal_outside_window"


def test_a_wrong_seal_key_is_refused() -> None:
    other = open_document_signer(f"file:{EXAMPLE}/keys/list-1.pem")
    with pytest.raises(issue.EtitleError) as caught:
        make_seal(other, x509_chain=CHAIN)
    assert caught.value.code == "keys.x509_other_key"


def test_a_faulty_seal_never_leaves() -> None:
    class Faulty:
        suite = SEAL.signer.suite
        spki = SEAL.signer.spki
        max_signature_bytes = SEAL.signer.max_signature_bytes

        def sign(self, data: bytes) -> bytes:
            return SEAL.signer.sign(data + b"!")

    maker = replace(MAKER, seal=replace(SEAL, signer=Faulty()))
    with pytest.raises(issue.EtitleError) as caught:
        issue.issue_certificate(
            row(1).cells, place(), issuer=ISSUER, maker=maker, photo=None, at=AT,
            source=issue.Source.REVIEW,
        )  # fmt: skip
    assert caught.value.code == "issue.document_check"
