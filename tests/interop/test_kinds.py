"""Files of every kind that we make, under validators and readers that are not ours."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from pyzbar import pyzbar
from tests.support.documentkinds import KINDS, PROFILES, SIGNINGS, Document, Kind, Press
from tests.support.forge import OPENING
from tests.support.question import EXAMPLES
from tests.support.validators import SIGNATURE_JUDGES, UNKNOWN_TO, Panel, expect_accepted, run, tool
from tests.support.x509 import Maker

from etitle.certificate.commitment import format_opening
from etitle.certificate.identity import Profile
from etitle.page.template import shipped_template, shipped_templates
from etitle.page.wording import word_page
from etitle.token.read import read_codes
from etitle.verdict import Summary
from etitle.verify.document import verify_document
from etitle.verify.question import Question

TIMED = [kind for kind in KINDS if kind.level != "B-B"]

every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


@pytest.fixture
def document(press: Press, kind: Kind) -> Document:
    return press(kind)


def test_the_kinds_are_all_there() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    pages = {(one.template, one.profile, one.photo, one.long) for one in KINDS}
    assert len(pages) == len(shipped_templates()) * len(PROFILES) * 2 * 2
    signed = {(one.suite, one.level, one.profile) for one in KINDS}
    assert len(signed) == len(SIGNINGS) * len(PROFILES)
    assert {(one.suite, one.level, one.chain) for one in KINDS} == {
        (*signing, chain) for signing in SIGNINGS for chain in (False, True)
    }


@every_kind
def test_we_call_it_valid(press: Press, document: Document) -> None:
    trust, lists = press.trust(document.kind.suite)
    verdict = verify_document(
        document.pdf, Question(trust=trust, lists=lists, at=press.at, policy=EXAMPLES)
    )
    assert verdict.summary is Summary.VALID
    assert verdict.require() == document.certificate


@every_kind
@pytest.mark.parametrize("judge", SIGNATURE_JUDGES)
def test_each_judge_accepts_its_signature(
    panels: dict[str, Panel], document: Document, judge: str
) -> None:
    suite = document.kind.suite
    expect_accepted(judge, SIGNATURE_JUDGES[judge](panels[suite], document.pdf), suite)


@pytest.mark.parametrize("kind", TIMED, ids=lambda kind: kind.name)
def test_openssl_accepts_its_time_stamp(panel: Panel, document: Document) -> None:
    opinion = panel.openssl_time(document.pdf)
    assert opinion.accepted, opinion.said


@every_kind
def test_qpdf_finds_no_fault(panel: Panel, document: Document) -> None:
    opinion = panel.qpdf(document.pdf)
    assert opinion.accepted, opinion.said


def test_pdfbox_and_bouncy_castle_accept_them_all(press: Press, panel: Panel) -> None:
    known = [kind for kind in KINDS if (kind.suite, "pdfbox") not in UNKNOWN_TO]
    found = panel.pdfbox({f"{kind.name}.pdf": press(kind).pdf for kind in known})
    refused = {name: opinion.said for name, opinion in found.items() if not opinion.accepted}
    assert refused == {}
    for kind in known:
        level = found[f"{kind.name}.pdf"].said.split("\t")[0]
        # Evidence in the file is nothing that it looks at.
        assert level == kind.level.replace("B-LT", "B-T")


# -- reading back ----------------------------------------------------------------------------------


@every_kind
def test_pdftotext_gives_the_fields_back_in_reading_order(
    document: Document, tmp_path: Path
) -> None:
    (tmp_path / "a.pdf").write_bytes(document.pdf)
    done = run(tool("pdftotext"), "-raw", tmp_path / "a.pdf", "-")
    assert done.stderr == ""
    text = "".join(done.stdout.split())
    template = shipped_template(document.kind.template)
    words = word_page(template, document.certificate, url=document.url, work_unit=None)
    at = text.index(template.title)
    for field, value in words.values.items():
        at = text.index(words.labels[field], at)
        at = text.index("".join(value.split()), at)
    printed = f"核验码{format_opening(OPENING)}"
    assert (printed in text) is (document.kind.profile is Profile.MASKED)
    assert ("无照片" in text) is not document.kind.photo


@every_kind
@pytest.mark.parametrize("dpi", [150, 300])
def test_a_picture_of_the_page_yields_the_code(
    document: Document, tmp_path: Path, dpi: int
) -> None:
    (tmp_path / "a.pdf").write_bytes(document.pdf)
    command = [tool("pdftoppm"), "-r", dpi, "-gray", "-singlefile"]
    assert run(*command, tmp_path / "a.pdf", tmp_path / "a").returncode == 0
    with Image.open(tmp_path / "a.pgm") as picture:
        grey = picture.convert("L")
    out = io.BytesIO()
    grey.save(out, "PNG", compress_level=1)
    assert read_codes(out.getvalue(), wanted=lambda text: True) == (document.code,)
    # QR codes only: zbar takes chance stripes of a page for a bar code of six digits.
    found = pyzbar.decode(grey, symbols=[pyzbar.ZBarSymbol.QRCODE])
    assert [code.data.decode() for code in found] == [document.code]


# -- the judges can say no -------------------------------------------------------------------------

TIMED_KIND = next(kind for kind in TIMED if kind.suite == "p256")


def flipped(pdf: bytes) -> bytes:
    """The same with one digit of its metadata changed."""
    changed = pdf.replace(b"<pdfaid:part>3<", b"<pdfaid:part>2<")
    assert changed != pdf
    return changed


@pytest.mark.parametrize("judge", SIGNATURE_JUDGES)
def test_no_judge_accepts_a_changed_byte(
    press: Press, panels: dict[str, Panel], judge: str
) -> None:
    pdf = press(TIMED_KIND).pdf
    assert SIGNATURE_JUDGES[judge](panels["p256"], pdf).accepted
    assert not SIGNATURE_JUDGES[judge](panels["p256"], flipped(pdf)).accepted


@pytest.fixture(scope="module")
def strangers(panel: Panel, tmp_path_factory: pytest.TempPathFactory) -> Panel:
    roots = (Maker.root("样例根证书"),)
    return replace(panel, folder=tmp_path_factory.mktemp("strangers"), roots=roots)


@pytest.mark.parametrize("judge", ["pyhanko", "openssl", "pdfsig"])
def test_no_judge_of_trust_accepts_a_foreign_root_of_the_same_name(
    press: Press, strangers: Panel, judge: str
) -> None:
    assert not SIGNATURE_JUDGES[judge](strangers, press(TIMED_KIND).pdf).accepted


@pytest.mark.parametrize("judge", SIGNATURE_JUDGES)
def test_no_judge_accepts_a_tail(press: Press, panels: dict[str, Panel], judge: str) -> None:
    pdf = press(TIMED_KIND).pdf + b"\n% more\n%%EOF\n"
    assert not SIGNATURE_JUDGES[judge](panels["p256"], pdf).accepted


def test_openssl_refuses_the_time_stamp_of_a_foreign_authority(press: Press, panel: Panel) -> None:
    foreign = replace(panel, time_roots=(Maker.root("样例时间戳根"),))
    assert not foreign.openssl_time(press(TIMED_KIND).pdf).accepted


def test_pdfbox_and_bouncy_castle_refuse_what_is_wrong(press: Press, panel: Panel) -> None:
    pdf = press(TIMED_KIND).pdf
    files = {
        "right.pdf": pdf,
        "flipped.pdf": flipped(pdf),
        "tail.pdf": pdf + b"\n% more\n%%EOF\n",
        "permissive.pdf": pdf.replace(b"/TransformParams /P 1", b"/TransformParams /P 2"),
        "unsigned.pdf": pdf.replace(b"/FT /Sig", b"/FT /Btn"),
        "short.pdf": pdf[:-2000],
        "empty.pdf": b"",
    }
    assert len(set(files.values())) == len(files)
    accepted = {name for name, opinion in panel.pdfbox(files).items() if opinion.accepted}
    assert accepted == {"right.pdf"}


def test_pdfbox_and_bouncy_castle_refuse_foreign_roots(
    press: Press, panel: Panel, strangers: Panel
) -> None:
    pdf = {"a.pdf": press(TIMED_KIND).pdf}
    foreign = replace(panel, time_roots=(Maker.root("样例时间戳根"),))
    for one in (strangers, foreign):
        (opinion,) = one.pdfbox(pdf).values()
        assert not opinion.accepted
        assert "CertPathBuilderException" in opinion.said
