"""The page: docs/spec clauses 9.1, 9.5 and 9.6, read back by other people's programs."""

from __future__ import annotations

import datetime
import io
import re
import subprocess
import zlib
from dataclasses import replace
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image, ImageCms
from tests.support.population import certificates
from tests.support.portrait import draw_portrait
from tests.support.validators import tool

from etitle.certificate.dates import PartialDate
from etitle.certificate.identity import DocumentKind, Identity
from etitle.certificate.model import Certificate, Sex
from etitle.certificate.photo import Photo
from etitle.errors import IssueError
from etitle.pades.prepared import prepare
from etitle.page.fields import EXAMPLE_NOTE, field_values, label_of
from etitle.page.font import FontChain, installed_sources
from etitle.page.icc import srgb
from etitle.page.page import make_page
from etitle.page.sealimage import draw_seal
from etitle.page.template import Template, shipped_template, shipped_templates
from etitle.pdf import Unsigned
from etitle.record.photorules import read_photo
from etitle.token.draw import draw_symbol
from etitle.token.read import read_codes

FONTS = FontChain(installed_sources())
CODE_TEXT = "https://zc.sample.cn/v#" + "1234567890" * 43
LONGEST_CODE_TEXT = "https://zc.sample.cn/v#" + "1234567890" * 272
SYMBOL = draw_symbol(CODE_TEXT)
LONGEST_SYMBOL = draw_symbol(LONGEST_CODE_TEXT)
TOKEN = b"\xd2\x84" + bytes(range(200))
OPENING = bytes(range(10))
URL = "https://zc.sample.cn/c/45009912345678"
CERTIFICATE = replace(certificates(1)[0], name="张样例", sex=Sex.FEMALE)
SAMPLE = shipped_template("sample")
LONG = (
    "样例省高等学校自然科学研究系列（实验技术、工程技"
    "术、农业技术）高级职称评审委员会第二评审组办公室"
)
LONGEST = replace(
    CERTIFICATE,
    number="职" * 40,
    name="阿卜杜热依木·" * 14 + "样例",
    series="自然科学研究人员（实验技术）" * 4,
    title="正高级工程师（教授级）" * 5,
    specialty="机械设计制造及其自动化" * 5,
    review_body=(LONG * 3)[:100],
    issuing_body=(LONG * 3)[:100],
)
BEFORE = (*SAMPLE.layout.beside, *SAMPLE.layout.below)
LONGEST_URL = "https://zc.sample.cn/" + "a" * 179


@cache
def portrait() -> Photo:
    return read_photo(draw_portrait(quality=90))


def unsigned(
    certificate: Certificate = CERTIFICATE,
    *,
    template: Template = SAMPLE,
    photo: Photo | None = None,
    url: str = URL,
    opening: bytes | None = OPENING,
    example: bool = True,
    symbol: object = SYMBOL,
) -> Unsigned:
    return make_page(
        certificate,
        template=template,
        symbol=symbol,  # type: ignore[arg-type]
        token=TOKEN,
        opening=opening,
        photo=photo,
        url=url,
        example=example,
        fonts=FONTS,
    )


def finished(page: Unsigned) -> bytes:
    prepared = prepare(page, 64, name="样例省", reason=None, signing_time_s=0)
    return prepared.file(b"\x30\x00")


def run(*command: object) -> bytes:
    words = [tool(str(command[0])), *(str(word) for word in command[1:])]
    done = subprocess.run(words, capture_output=True, check=False)  # noqa: S603  # test tools
    assert (done.returncode, done.stderr.decode()) == (0, "")
    return done.stdout


def text_of(path: Path, *options: str) -> str:
    return run("pdftotext", *options, path, "-").decode()


def joined(text: str) -> str:
    return "".join(text.split())


def stored(tmp_path: Path, page: Unsigned) -> Path:
    path = tmp_path / "page.pdf"
    path.write_bytes(finished(page))
    return path


@pytest.mark.parametrize("name", shipped_templates())
def test_the_text_gives_title_labels_and_values_back_in_reading_order(
    tmp_path: Path, name: str
) -> None:
    template = shipped_template(name)
    path = stored(tmp_path, unsigned(template=template, photo=portrait()))
    text = joined(text_of(path))
    expected = [template.title]
    labels = [label_of(field) for field in BEFORE]
    values = field_values(CERTIFICATE, URL)
    for label, field in zip(labels, BEFORE, strict=True):
        expected += (label, values[field])
    expected += ("发证机关", values["issuing_body"], "发证日期", values["issued"])
    at = 0
    for words in expected:
        assert words in text[at:]
        at = text.index(words, at) + len(words)
    assert "核验码000G-40R4-0M30-E209" in text


@pytest.mark.parametrize("symbol", [SYMBOL, LONGEST_SYMBOL])
def test_the_longest_legal_values_are_all_there_and_inside_the_page(
    tmp_path: Path, symbol: object
) -> None:
    page = unsigned(LONGEST, url=LONGEST_URL, photo=portrait(), symbol=symbol)
    path = stored(tmp_path, page)
    text = joined(text_of(path))
    for words in field_values(LONGEST, LONGEST_URL).values():
        assert words in text
    boxes = re.findall(
        r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)"',
        text_of(path, "-bbox"),
    )
    assert len(boxes) > 20
    for left, top, right, bottom in (tuple(map(float, box)) for box in boxes):
        assert 42 < left < right < 595.28 - 42
        assert 42 < top < bottom < 841.89 - 30


@pytest.mark.parametrize("name", shipped_templates())
@pytest.mark.parametrize("symbol", [SYMBOL, LONGEST_SYMBOL])
def test_the_seal_stands_apart_from_the_code_and_inside_the_page(name: str, symbol: object) -> None:
    template = shipped_template(name)
    for certificate in (CERTIFICATE, LONGEST):
        file = finished(unsigned(certificate, template=template, symbol=symbol))
        left, bottom, right, top = rectangle(file)
        code = re.search(rb"/BBox \[([^\]]*)\] >> /K", file)
        assert code is not None
        code_left, code_bottom, code_right, code_top = map(float, code[1].split())
        assert code_right < left
        assert right - left == pytest.approx(template.seal.diameter_mm * 72 / 25.4, abs=0.02)
        assert code_left > 42
        assert min(bottom, code_bottom) > 60
        assert right < 595.28 - 42
        assert code_top < 500
        assert top < 500


def rectangle(file: bytes) -> tuple[float, ...]:
    found = re.search(rb"/Rect \[([^\]]*)\]", file)
    assert found is not None
    return tuple(map(float, found[1].split()))


@pytest.mark.parametrize(
    ("text", "dpi"), [(CODE_TEXT, 150), (CODE_TEXT, 300), (LONGEST_CODE_TEXT, 300)]
)
def test_a_picture_of_the_page_yields_the_code_text(tmp_path: Path, text: str, dpi: int) -> None:
    path = stored(tmp_path, unsigned(photo=portrait(), symbol=draw_symbol(text)))
    run("pdftoppm", "-r", dpi, "-png", "-singlefile", path, tmp_path / "page")
    found = read_codes((tmp_path / "page.png").read_bytes(), wanted=lambda code: True)
    assert list(found) == [text]


def test_the_code_is_printed_at_25_mm_at_least_with_four_quiet_modules(tmp_path: Path) -> None:
    for template in map(shipped_template, shipped_templates()):
        path = stored(tmp_path, unsigned(template=template))
        run("pdftoppm", "-r", 300, "-gray", "-singlefile", path, tmp_path / "page")
        with Image.open(tmp_path / "page.pgm") as picture:
            grey = picture.convert("L")
        box = re.search(rb"/BBox \[([^\]]*)\] >> /K", path.read_bytes())
        assert box is not None
        left, bottom, right, top = (float(side) * 300 / 72 for side in box[1].split())
        cut = grey.crop(
            (int(left) + 1, int(grey.height - top) + 1, int(right), int(grey.height - bottom))
        )
        dark = cut.point(lambda level: 255 if level < 128 else 0)
        found = dark.getbbox()
        assert found is not None
        side = found[2] - found[0]
        assert side / 300 * 25.4 >= 25
        quiet = side / SYMBOL.size * 4
        assert min(found[0], found[1], cut.width - found[2], cut.height - found[3]) > quiet - 3
        # White, not the watermark.
        assert set(cut.crop((0, 0, cut.width, int(quiet) - 3)).tobytes()) == {255}


@pytest.mark.parametrize("with_photo", [True, False])
@pytest.mark.parametrize("name", shipped_templates())
def test_qpdf_and_mupdf_find_no_fault(tmp_path: Path, name: str, *, with_photo: bool) -> None:
    page = unsigned(template=shipped_template(name), photo=portrait() if with_photo else None)
    path = stored(tmp_path, page)
    assert b"No syntax or stream encoding errors" in run("qpdf", "--check", path)
    command = [tool("mutool"), "draw", "-q", "-o", str(tmp_path / "page.png"), str(path)]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603  # a test tool
    assert done.returncode == 0
    # Of builds without colour management, whatever the file.
    assert done.stderr in {b"", b"warning: ICC support is not available\n"}


def test_rare_characters_copy_out_as_they_are(tmp_path: Path) -> None:
    rare = "\U00020087\u3400·\u4db6é⼀"
    path = stored(tmp_path, unsigned(replace(CERTIFICATE, name=f"样{rare}例")))
    assert f"样{rare}例" in joined(text_of(path))


def test_a_character_without_a_font_is_refused_by_name() -> None:
    with pytest.raises(IssueError) as caught:
        unsigned(replace(CERTIFICATE, name="样\U0003134a例"))
    assert caught.value.code == "page.glyph_missing"
    assert caught.value.details["character"] == "\U0003134a"


def test_the_same_input_gives_the_same_bytes() -> None:
    first = finished(unsigned(photo=portrait()))
    other = FontChain(installed_sources())
    again = make_page(
        CERTIFICATE,
        template=SAMPLE,
        symbol=draw_symbol(CODE_TEXT),
        token=TOKEN,
        opening=OPENING,
        photo=read_photo(draw_portrait(quality=90)),
        url=URL,
        example=True,
        fonts=other,
    )
    assert finished(again) == first


def test_example_pages_say_so_in_text_seal_and_watermark(tmp_path: Path) -> None:
    real = replace(SAMPLE, example=False)
    shown = stored(tmp_path, unsigned())
    assert EXAMPLE_NOTE in text_of(shown)
    plain = finished(unsigned(template=real, example=False))
    (tmp_path / "plain.pdf").write_bytes(plain)
    assert "EXAMPLE" not in text_of(tmp_path / "plain.pdf")
    pictures = []
    for name in ("page", "plain"):
        run("pdftoppm", "-r", 50, "-singlefile", tmp_path / f"{name}.pdf", tmp_path / name)
        with Image.open(tmp_path / f"{name}.ppm") as picture:
            # The empty middle of the page.
            pictures.append(picture.crop((60, 360, 350, 425)).convert("L").tobytes())
    assert min(pictures[0]) < 230
    assert set(pictures[1]) == {255}


def test_an_example_seal_says_so_whatever_its_template_says() -> None:
    drawn = {
        example: draw_seal(FONTS, SAMPLE.seal, (255, 0, 0), example=example)
        for example in (True, False)
    }
    assert drawn[True] != drawn[False]
    assert len(drawn[True]) > len(drawn[False])


def test_a_real_template_is_refused_under_example_keys() -> None:
    with pytest.raises(IssueError) as caught:
        unsigned(template=replace(SAMPLE, example=False))
    assert caught.value.code == "page.template_real"


def test_a_fictional_template_is_refused_under_real_keys() -> None:
    with pytest.raises(IssueError) as caught:
        unsigned(example=False)
    assert caught.value.code == "page.template_example"


@pytest.mark.parametrize(
    ("identity", "opening"),
    [
        (CERTIFICATE.identity, None),
        (Identity(DocumentKind.PASSPORT, "E12345678"), OPENING),
        (None, OPENING),
    ],
)
def test_opening_and_profile_must_agree(identity: Identity | None, opening: bytes | None) -> None:
    with pytest.raises(IssueError) as caught:
        unsigned(replace(CERTIFICATE, identity=identity), opening=opening)
    assert caught.value.code == "page.opening_disagrees"


def test_texts_that_no_page_holds_are_refused() -> None:
    endless = replace(CERTIFICATE, specialty="专" * 6000)
    with pytest.raises(IssueError) as caught:
        unsigned(endless)
    assert caught.value.code == "page.too_long"


def test_what_is_absent_is_said(tmp_path: Path) -> None:
    bare = replace(CERTIFICATE, identity=None, review_body=None, sex=Sex.UNSTATED)
    text = joined(text_of(stored(tmp_path, unsigned(bare, opening=None))))
    assert "身份证号本证书不载明" in text
    assert "评审机构无" in text
    assert "性别未说明" in text
    assert "无照片" in text
    assert "核验码000" not in text


@pytest.mark.parametrize(
    ("date", "words"),
    [
        (PartialDate(1998), "1998年"),
        (PartialDate(1998, 7), "1998年07月"),
        (PartialDate(2026, 3, 1), "2026年03月01日"),
    ],
)
def test_dates_keep_their_precision(date: PartialDate, words: str) -> None:
    assert field_values(replace(CERTIFICATE, qualified=date), URL)["qualified"] == words


def test_other_documents_are_named() -> None:
    passport = Identity(DocumentKind.PASSPORT, "E******78", bytes(16), "USA")
    values = field_values(replace(CERTIFICATE, identity=passport), URL)
    assert values["identity"] == "E******78（护照 USA）"


# -- structure -------------------------------------------------------------------------------------


def test_a_png_is_on_the_page_pixel_by_pixel(tmp_path: Path) -> None:
    data = draw_portrait(kind="PNG")
    path = stored(tmp_path, unsigned(photo=read_photo(data)))
    run("pdfimages", "-png", path, tmp_path / "photo")
    with Image.open(tmp_path / "photo-000.png") as kept, Image.open(io.BytesIO(data)) as first:
        assert kept.convert("RGB").tobytes() == first.convert("RGB").tobytes()


def test_a_jpeg_is_on_the_page_byte_by_byte(tmp_path: Path) -> None:
    path = stored(tmp_path, unsigned(photo=portrait()))
    run("pdfimages", "-all", path, tmp_path / "photo")
    assert (tmp_path / "photo-000.jpg").read_bytes() == portrait().data


def test_a_grey_photo_is_on_the_page(tmp_path: Path) -> None:
    grey = read_photo(draw_portrait(kind="PNG", mode="L"))
    assert b"gray" in run("pdfimages", "-list", stored(tmp_path, unsigned(photo=grey)))


def test_the_associated_files_come_out_as_they_went_in(tmp_path: Path) -> None:
    path = stored(tmp_path, unsigned())
    run("pdfdetach", "-saveall", "-o", tmp_path, path)
    assert (tmp_path / "token.cose").read_bytes() == TOKEN
    assert (tmp_path / "opening.txt").read_bytes() == b"000G40R40M30E209"
    file = path.read_bytes()
    assert file.count(b"/AFRelationship /Data") == 1
    assert file.count(b"/AFRelationship /Supplement") == 1


def test_without_an_opening_the_token_is_the_only_file(tmp_path: Path) -> None:
    path = stored(tmp_path, unsigned(replace(CERTIFICATE, identity=None), opening=None))
    run("pdfdetach", "-saveall", "-o", tmp_path, path)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["page.pdf", "token.cose"]


def test_the_tags_name_every_part_in_order(tmp_path: Path) -> None:
    tree = run("pdfinfo", "-struct", stored(tmp_path, unsigned(photo=portrait()))).decode()
    kinds = re.findall(r"^ *(\w+)", tree, re.MULTILINE)
    row = ["TR", "TH", "TD"]
    assert kinds == [
        *("Document", "H1", "Figure", "Table"),
        *row * 10,
        *("P", "P", "Form", "Object", "Figure", "P", "P", "P", "P"),
    ]


def test_title_language_and_tags_are_set(tmp_path: Path) -> None:
    path = stored(tmp_path, unsigned())
    info = run("pdfinfo", path).decode()
    assert re.search(r"Title: +样例省职称证书\n", info)
    assert re.search(r"Tagged: +yes\n", info)
    assert re.search(r"JavaScript: +no\n", info)
    assert "A4" in info
    assert b"/Lang (zh-CN)" in path.read_bytes()
    assert b"/DisplayDocTitle true" in path.read_bytes()


def test_the_metadata_claim_pdf_a_3b_and_agree_with_the_information(tmp_path: Path) -> None:
    template = replace(SAMPLE, title="样例<省>&证书")
    path = stored(tmp_path, unsigned(template=template))
    root = ElementTree.fromstring(run("pdfinfo", "-meta", path))  # noqa: S314  # our own
    texts = {node.tag.rpartition("}")[2]: node.text for node in root.iter() if node.text}
    assert (texts["part"], texts["conformance"]) == ("3", "B")
    assert texts["li"] == "zh-CN" or "样例<省>&证书" in texts.values()
    titles = [node.text for node in root.iter() if node.tag.endswith("}li")]
    assert titles == ["样例<省>&证书", "zh-CN"]
    assert "样例<省>&证书" in run("pdfinfo", path).decode()


def test_the_output_intent_is_a_working_srgb_profile() -> None:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(srgb()))
    assert ImageCms.getProfileName(profile).strip() == "sRGB IEC61966-2.1"
    picture = Image.linear_gradient("L").convert("RGB")
    other = ImageCms.createProfile("sRGB")
    moved = ImageCms.profileToProfile(picture, profile, other)
    assert moved is not None
    difference = max(abs(a - b) for a, b in zip(picture.tobytes(), moved.tobytes(), strict=True))
    assert difference <= 1


def test_every_font_is_embedded_a_subset_and_has_a_map_to_unicode(tmp_path: Path) -> None:
    rows = run("pdffonts", stored(tmp_path, unsigned())).decode().splitlines()[2:]
    assert len(rows) == 2
    for row in rows:
        assert re.fullmatch(r"[A-Z]{6}\+\S+ +CID Type 0C +Identity-H +yes yes yes +\d+ +0", row)


def test_pdf_a_forbids_none_of_what_is_there() -> None:
    file = finished(unsigned(photo=portrait()))
    streams = [
        zlib.decompress(found[1])
        for found in re.finditer(
            rb"/FlateDecode[^>]*/Length \d+ >>\nstream\n(.*?)\nendstream", file, re.DOTALL
        )
    ]
    assert len(streams) > 5
    for forbidden in (b"/Encrypt", b"/JavaScript", b"/JS", b"/OCProperties", b"/XFA", b"/SMask"):
        assert forbidden not in file
    for forbidden in (b"/LZWDecode", b"/AA", b"/OpenAction", b"/Launch", b"/NeedAppearances"):
        assert forbidden not in file
    # Printed, never hidden; locked.
    assert b"/F 132" in file


def test_a_document_with_a_photo_of_40_kb_stays_under_90_kb() -> None:
    photo = replace(portrait(), data=portrait().data.ljust(40_000, b"\0"))
    for certificate in certificates(20):
        page = unsigned(certificate, photo=photo)
        prepared = prepare(page, 4000, name="样例省", reason=None, signing_time_s=0)
        assert len(prepared.file(b"")) <= 90_000


def test_glyphs_are_kept_but_pages_are_not() -> None:
    before = finished(unsigned())
    for certificate in certificates(10):
        unsigned(certificate)
    assert finished(unsigned()) == before


def test_the_files_are_dated_by_the_day_of_issue() -> None:
    certificate = replace(CERTIFICATE, issued=datetime.date(2026, 3, 1))
    assert b"/ModDate (D:20260301000000+08'00')" in finished(unsigned(certificate))
