"""What is wrong with a document is found before it is written, and what is right is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from tests.support import exampleoffice
from tests.support.blankpage import blank
from tests.support.exampleoffice import AT_S, DAY_S, row
from tests.support.portrait import draw_portrait

from etitle.certificate import payload
from etitle.certificate.identity import Profile
from etitle.errors import IssueError, SignerError
from etitle.issue.document import (
    DocumentMaker,
    Judge,
    PageMaker,
    document_fault,
    judge_by,
    key_of,
)
from etitle.keys.seal import Seal, open_seal, read_x509_chain
from etitle.keys.signer import generate
from etitle.keys.suite import ES256
from etitle.pades.sign import sign_document
from etitle.page.font import FontChain, installed_sources
from etitle.page.template import shipped_template
from etitle.record.album import Album
from etitle.register.batch import issue_batch
from etitle.register.documents import WrittenDocuments, write_documents
from etitle.register.ledger import WITHOUT_PHOTO, LedgerEntry
from etitle.register.photos import PhotoStore
from etitle.register.plan import make_plan
from etitle.register.sqlite import SqliteLedger
from etitle.token import frame, text
from etitle.trust.published import Bundle

CHAIN = read_x509_chain(str(exampleoffice.EXAMPLE / "keys/seal-1.x509.pem"))
SEAL = open_seal(f"file:{exampleoffice.EXAMPLE}/keys/seal-1.pem", x509_chain=CHAIN)
BUNDLE = exampleoffice.bundle()
PAGES = PageMaker.open(
    template=shipped_template("sample"),
    fonts=FontChain(installed_sources()),
    bundle=BUNDLE,
    code_base="https://zc.sample.cn",
)


JUDGE = judge_by(BUNDLE)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqliteLedger]:
    with SqliteLedger.open(tmp_path / "ledger.sqlite", authority_id="sample") as opened:
        yield opened


def issued(
    ledger: SqliteLedger, folder: Path, *, profile: Profile = Profile.MASKED, count: int = 1
) -> tuple[LedgerEntry, ...]:
    """Engineers with photos, entered in the ledger."""
    (folder / "in").mkdir()
    for n in range(count):
        path = folder / "in" / f"样例{n}_{exampleoffice.id_number(n)}.jpg"
        path.write_bytes(draw_portrait(variant=n))
    who = exampleoffice.issuer(profile=profile)
    plan = make_plan(
        [row(n) for n in range(count)],
        issuer=who,
        ledger=ledger,
        at_s=AT_S,
        album=Album(folder / "in"),
        try_out=partial(PAGES.try_out, key=who.signer.public),
    )
    assert plan.errors == 0
    PhotoStore(folder / "photos").take(plan.photos)
    return issue_batch(plan, issuer=who, ledger=ledger, at_s=AT_S)


def maker() -> DocumentMaker:
    return DocumentMaker(pages=PAGES, seal=SEAL, judge=JUDGE)


def make(one: LedgerEntry, folder: Path) -> bytes:
    photo = PhotoStore(folder / "photos").photo(one.photo) if one.photo else None
    return maker().make(one.signed.code_text, opening=one.opening, photo=photo, at_s=AT_S)


def fault(pdf: bytes, one: LedgerEntry, *, judge: Judge = JUDGE, at_s: int = AT_S) -> str:
    return document_fault(pdf, one.signed.code_text, opening=one.opening, judge=judge, at_s=at_s)


def written(
    entries: Iterable[LedgerEntry], folder: Path, maker: Callable[[], DocumentMaker]
) -> WrittenDocuments:
    return write_documents(
        entries,
        folder=folder / "out",
        judge=JUDGE,
        maker=maker,
        photos=PhotoStore(folder / "photos"),
        at_s=AT_S,
    )


@pytest.mark.parametrize("profile", Profile)
def test_every_profile_has_its_document(
    ledger: SqliteLedger, tmp_path: Path, profile: Profile
) -> None:
    (one,) = issued(ledger, tmp_path, profile=profile)
    pdf = make(one, tmp_path)
    assert fault(pdf, one) == ""
    assert draw_portrait(variant=0)[-2000:] in pdf


def test_what_is_no_document_of_the_certificate_is_found(
    ledger: SqliteLedger, tmp_path: Path
) -> None:
    one, other = issued(ledger, tmp_path, count=2)
    pdf = make(one, tmp_path)
    assert fault(pdf, other) == "certificate"
    signed_again = frame.sign(
        payload.decode(one.signed.payload), signer=generate(ES256), authority_id="sample"
    )
    again = text.to_url(frame.pack(signed_again), base="https://zc.sample.cn")
    assert fault(pdf, replace(one, signed=replace(one.signed, code_text=again))) == ("token")
    assert fault(pdf, replace(one, opening=other.opening)) == "opening"
    assert fault(pdf + b"\n%", one).startswith("byte_range")
    assert fault(pdf.replace(b"zh-CN", b"zh-TW"), one) == "document_signature signature_bad"
    assert fault(b"", one) == "no signed document"
    stranger = judge_by(replace(BUNDLE, keys=()))
    no_token = sign_document(blank(), seal=SEAL, signing_time_s=AT_S)
    assert fault(no_token, one).startswith("structure")
    assert fault(pdf, one, judge=stranger) == "signer_certificate seal_unknown"


def test_an_overdue_bundle_is_no_fault_of_a_document(ledger: SqliteLedger, tmp_path: Path) -> None:
    (one,) = issued(ledger, tmp_path)
    pdf = make(one, tmp_path)
    assert fault(pdf, one, at_s=AT_S + 3000 * DAY_S) == ""


def test_a_seal_must_be_one_that_verifiers_take_now() -> None:
    assert key_of(SEAL, BUNDLE, at_s=AT_S).x509 == CHAIN[0]

    def refused(seal: Seal = SEAL, bundle: Bundle = BUNDLE, at_s: int = AT_S) -> str:
        with pytest.raises(IssueError) as caught:
            key_of(seal, bundle, at_s=at_s)
        return caught.value.code

    without = replace(BUNDLE, keys=tuple(key for key in BUNDLE.keys if key.x509 is None))
    assert refused(bundle=without) == "issue.seal_not_in_bundle"
    assert refused(at_s=SEAL.not_after_s + 1) == "issue.seal_outside_window"
    ended = tuple(replace(key, not_after=key.not_before) for key in BUNDLE.keys)
    assert refused(bundle=replace(BUNDLE, keys=ended)) == "issue.seal_outside_window"


def test_one_page_that_fails_does_not_keep_the_others(ledger: SqliteLedger, tmp_path: Path) -> None:
    one, other = issued(ledger, tmp_path, count=2)
    lost = replace(one, photo=b"\0" * 32)
    without_word = replace(other, photo=None, number="4501000000009")
    done = written([lost, other, without_word], tmp_path, maker)
    assert (done.made, done.kept, done.left, done.ended) == (1, 0, 1, 0)
    ((number, error),) = done.failed
    assert (number, error.code) == (one.number, "issue.photo_lost")
    assert [path.name for path in (tmp_path / "out").iterdir()] == [f"{other.number}.pdf"]


def test_a_device_that_fails_ends_the_run(ledger: SqliteLedger, tmp_path: Path) -> None:
    (one,) = issued(ledger, tmp_path)

    def fail() -> DocumentMaker:
        raise SignerError("keys.pkcs11_failed", what="test")

    with pytest.raises(SignerError):
        written([one], tmp_path, fail)


def test_the_word_that_there_is_no_photo_is_printed(ledger: SqliteLedger, tmp_path: Path) -> None:
    (one,) = issued(ledger, tmp_path)
    pdf = make(replace(one, photo=WITHOUT_PHOTO), tmp_path)
    assert b"/DCTDecode" not in pdf
    assert fault(pdf, one) == ""
