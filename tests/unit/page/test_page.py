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
from tests.support.documentkinds import LONGEST_URL as TOKENS_URL
from tests.support.documentkinds import longest as long_as_a_token
from tests.support.population import certificates
from tests.support.portrait import draw_portrait
from tests.support.validators import tool

from etitle.certificate.dates import PartialDate
from etitle.certificate.identity import DocumentKind, Identity
from etitle.certificate.model import Certificate, Sex, Source
from etitle.certificate.photo import Photo
from etitle.errors import IssueError
from etitle.pades.prepared import prepare
from etitle.page.border import INNER
from etitle.page.fields import EXAMPLE_NOTE, field_values
from etitle.page.font import FontChain, installed_sources
from etitle.page.icc import srgb
from etitle.page.layout import OPENING_ROOM
from etitle.page.page import make_page
from etitle.page.paper import MM, SHEETS
from etitle.page.sealimage import WATERMARK, draw_seal
from etitle.page.template import SourceWords, Template, shipped_template, shipped_templates
from etitle.page.wording import Wording, word_page
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
UNIT = "样例省甲市第一水务设计院"
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
    work_unit: str | None = None,
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
        work_unit=work_unit,
    )


def wording(
    template: Template,
    certificate: Certificate = CERTIFICATE,
    url: str = URL,
    work_unit: str = UNIT,
) -> Wording:
    return word_page(template, certificate, url=url, work_unit=work_unit)


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


def in_order(text: str, expected: list[str]) -> None:
    at = 0
    for words in expected:
        assert words in text[at:], words
        at = text.index(words, at) + len(words)


@pytest.mark.parametrize("how", ["-layout", "-raw"])
@pytest.mark.parametrize("name", shipped_templates())
def test_the_text_gives_title_labels_and_values_back_in_reading_order(
    tmp_path: Path, name: str, how: str
) -> None:
    template = shipped_template(name)
    path = stored(tmp_path, unsigned(template=template, photo=portrait(), work_unit=UNIT))
    text = joined(text_of(path, how))
    words = wording(template)
    order = [template.title, words.statement]
    for field in words.values if how == "-raw" else ():
        order += (words.labels[field], words.values[field])
    in_order(text, [joined(part) for part in order])
    for field, value in words.values.items():
        assert joined(value) in text
        assert words.labels[field] in text
    assert joined(words.corner) in text
    assert "核验码000G-40R4-0M30-E209J" in text


@pytest.mark.parametrize("name", shipped_templates())
@pytest.mark.parametrize("symbol", [SYMBOL, LONGEST_SYMBOL])
def test_the_longest_legal_values_are_all_there_and_inside_the_page(
    tmp_path: Path, name: str, symbol: object
) -> None:
    template = shipped_template(name)
    certificate, url = (
        (long_as_a_token(CERTIFICATE), TOKENS_URL)
        if template.layout.paper == "landscape"
        else (LONGEST, LONGEST_URL)
    )
    made = unsigned(
        certificate, template=template, url=url, photo=portrait(), symbol=symbol, work_unit=LONG
    )
    path = stored(tmp_path, made)
    text = joined(text_of(path, "-raw"))
    words = wording(template, certificate, url, LONG)
    for value in words.values.values():
        assert joined(value) in text
    sheet = SHEETS[template.layout.paper]
    boxes = re.findall(
        r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)"',
        text_of(path, "-bbox"),
    )
    assert len(boxes) > 20
    for left, top, right, bottom in (tuple(map(float, box)) for box in boxes):
        assert sheet.left - 3 < left < right < sheet.right + 3
        assert INNER < top < bottom < sheet.height - INNER


@pytest.mark.parametrize("name", shipped_templates())
@pytest.mark.parametrize("symbol", [SYMBOL, LONGEST_SYMBOL])
def test_the_seal_stands_apart_from_the_code_and_inside_the_page(name: str, symbol: object) -> None:
    template = shipped_template(name)
    sheet = SHEETS[template.layout.paper]
    for certificate in (CERTIFICATE, long_as_a_token(CERTIFICATE)):
        file = finished(unsigned(certificate, template=template, symbol=symbol))
        left, bottom, right, top = rectangle(file)
        code = re.search(rb"/BBox \[([^\]]*)\] >> /K", file)
        assert code is not None
        code_left, code_bottom, code_right, code_top = map(float, code[1].split())
        assert code_right < left
        assert right - left == pytest.approx(template.seal.diameter_mm * MM, abs=0.02)
        assert code_left >= sheet.left
        assert min(bottom, code_bottom) > sheet.bottom
        assert right <= sheet.right
        assert max(top, code_top) < sheet.height * 0.55


def line_of(path: Path, words: str) -> tuple[float, ...]:
    """Left, bottom, right, top of the line that has these words, from the page's lower left."""
    page = ElementTree.fromstring(run("pdftotext", "-bbox-layout", path, "-"))  # noqa: S314  # ours
    (sheet,) = (node for node in page.iter() if node.tag.endswith("page"))
    height = float(sheet.attrib["height"])
    for word in page.iter():
        if word.tag.endswith("word") and words in (word.text or ""):
            box = [float(word.attrib[side]) for side in ("xMin", "yMax", "xMax", "yMin")]
            return box[0], height - box[1], box[2], height - box[3]
    raise AssertionError(words)


@pytest.mark.parametrize("name", shipped_templates())
def test_the_seal_stands_over_body_and_day_with_its_centre_line_on_the_day(
    tmp_path: Path, name: str
) -> None:
    path = stored(tmp_path, unsigned(template=shipped_template(name)))
    left, bottom, right, top = rectangle(path.read_bytes())
    words = field_values(CERTIFICATE, URL)
    day = line_of(path, words["issued"])
    assert (bottom + top) / 2 == pytest.approx((day[1] + day[3]) / 2, abs=2)
    assert left < day[2] - 40
    assert day[2] < right
    body = line_of(path, words["issuing_body"])
    assert body[0] < left < body[2]
    assert bottom < body[1] < body[3] < top


def test_the_widest_opening_stays_clear_of_the_seal(tmp_path: Path) -> None:
    widest = int("11100" * 16, 2).to_bytes(10, "big")  # WWWW-WWWW-…
    path = stored(tmp_path, unsigned(opening=widest))
    assert line_of(path, "WWWW-WWWW")[2] < rectangle(path.read_bytes())[0]
    foot = SHEETS["portrait"].left + OPENING_ROOM
    assert line_of(path, "WWWW-WWWW")[2] < foot


@pytest.mark.parametrize("body", ["样例厅", "样例省人力资源和社会保障厅", LONG[:40]])
@pytest.mark.parametrize("name", shipped_templates())
def test_the_seal_stands_around_the_middle_of_the_day(tmp_path: Path, name: str, body: str) -> None:
    certificate = replace(CERTIFICATE, issuing_body=body)
    path = stored(tmp_path, unsigned(certificate, template=shipped_template(name)))
    left, _, right, _ = rectangle(path.read_bytes())
    day = line_of(path, field_values(CERTIFICATE, URL)["issued"])
    # The word that a reader finds may begin with the label.
    middle = day[2] - FONTS.width(field_values(CERTIFICATE, URL)["issued"]) / 1000 * 13 / 2
    assert (left + right) / 2 == pytest.approx(middle, abs=4)


def test_a_seal_without_words_below_covers_the_day_with_its_arc_alone(tmp_path: Path) -> None:
    bare = replace(SAMPLE, seal=replace(SAMPLE.seal, name="", number=""))
    path = stored(tmp_path, unsigned(template=bare))
    left, bottom, right, top = rectangle(path.read_bytes())
    day = line_of(path, field_values(CERTIFICATE, URL)["issued"])
    assert bottom < (day[1] + day[3]) / 2 < bottom + (top - bottom) * 0.2
    assert left < (day[0] + day[2]) / 2 < right


def test_what_is_under_the_seal_is_as_dark_as_beside_it(tmp_path: Path) -> None:
    path = stored(tmp_path, unsigned())
    left, bottom, right, top = line_of(path, field_values(CERTIFICATE, URL)["issued"])
    run("pdftoppm", "-r", 200, "-singlefile", path, tmp_path / "page")
    with Image.open(tmp_path / "page.ppm") as picture:
        scale = 200 / 72
        high, low = (round(picture.height - side * scale) for side in (top, bottom))
        day = picture.crop((round(left * scale), high, round(right * scale), low))
    # Red ink takes nothing from black: strokes are dark in the red light from end to end.
    black = day.getchannel("R").point(lambda level: 255 if level < 100 else 0)
    for x in range(0, day.width - 20, 20):
        assert black.crop((x, 0, x + 20, day.height)).getbbox()


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
    shares = []
    for name in ("page", "plain"):
        run("pdftoppm", "-r", 50, "-singlefile", tmp_path / f"{name}.pdf", tmp_path / name)
        with Image.open(tmp_path / f"{name}.ppm") as picture:
            colours = picture.convert("RGB").getcolors(1 << 24)
            assert colours is not None
            shares.append(sum(count for count, colour in colours if colour == WATERMARK))
    assert shares[0] > 2_000
    assert shares[1] == 0


def test_the_table_does_not_tear_the_watermark(tmp_path: Path) -> None:
    path = stored(tmp_path, unsigned())
    run("pdftoppm", "-r", 72, "-singlefile", path, tmp_path / "page")
    with Image.open(tmp_path / "page.ppm") as picture:
        # The column of labels, from the first row to the last.
        labels = picture.convert("RGB").crop((66, 150, 158, 560))
        colours = {colour: count for count, colour in labels.getcolors(1 << 24) or ()}
    assert colours[251, 245, 234] > 10_000
    assert colours[WATERMARK] > 500


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
    assert "证件号码本证书不载明" in text
    assert "评审机构无" in text
    assert "性别未说明" in text
    assert "无照片" in text
    assert "核验码000" not in text


@pytest.mark.parametrize(
    ("date", "words"),
    [
        (PartialDate(1998), "1998年"),
        (PartialDate(1998, 7), "1998年7月"),
        (PartialDate(2026, 3, 1), "2026年3月1日"),
    ],
)
def test_dates_keep_their_precision(date: PartialDate, words: str) -> None:
    assert field_values(replace(CERTIFICATE, qualified=date), URL)["qualified"] == words


def test_other_documents_are_named() -> None:
    passport = Identity(DocumentKind.PASSPORT, "E******78", bytes(16), "USA")
    values = field_values(replace(CERTIFICATE, identity=passport), URL)
    assert values["identity"] == "E******78（国籍 USA）"


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
    assert (tmp_path / "opening.txt").read_bytes() == b"000G40R40M30E209J"
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


# -- templates -------------------------------------------------------------------------------------

FULL = shipped_template("statement")


def test_optional_fields_stand_where_the_template_places_them_and_nowhere_else(
    tmp_path: Path,
) -> None:
    certificate = replace(CERTIFICATE, approval_document="样职改办〔2025〕12号")
    for template, there in ((FULL, True), (SAMPLE, False)):
        path = stored(tmp_path, unsigned(certificate, template=template, work_unit=UNIT))
        text = joined(text_of(path, "-raw"))
        for words in (
            f"工作单位{UNIT}",
            f"审批机构{certificate.approving_body}",
            "批准文号样职改办〔2025〕12号",
        ):
            assert (words in text) is there


def test_an_absent_optional_field_has_no_row(tmp_path: Path) -> None:
    bare = replace(CERTIFICATE, approval_document=None, source=Source.EXCEL)
    path = stored(tmp_path, unsigned(bare, template=FULL))
    text = joined(text_of(path, "-raw"))
    for label in ("工作单位", "批准文号", "取得方式"):
        assert label not in text
    assert "级别" in text


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (Source.REVIEW, ("取得方式：评审", "经评审，", "评审通过时间", "评审机构")),
        (Source.RECOGNITION, ("取得方式：认定", "经认定，", "认定通过时间", "认定单位名称")),
        (Source.EXCEL, ("任职资格，特发此证。", "取得资格时间", "评审机构")),
    ],
)
def test_labels_and_statement_follow_the_way_of_gaining_the_title(
    tmp_path: Path, source: Source, words: tuple[str, ...]
) -> None:
    path = stored(tmp_path, unsigned(replace(CERTIFICATE, source=source), template=FULL))
    in_order(joined(text_of(path, "-raw")), list(words))


@pytest.mark.parametrize(
    ("kind", "label"),
    [
        (DocumentKind.CN_RESIDENT, "身份证号"),
        (DocumentKind.HMT_RESIDENCE, "居住证号码"),
        (DocumentKind.FOREIGN_PR_2023, "居留身份证号"),
        (DocumentKind.FOREIGN_PR_2017, "居留证号码"),
        (DocumentKind.HM_TRAVEL, "通行证号码"),
        (DocumentKind.TW_TRAVEL, "通行证号码"),
        (DocumentKind.PASSPORT, "护照号码"),
    ],
)
def test_the_number_is_called_what_the_holders_document_is(kind: DocumentKind, label: str) -> None:
    identity = Identity(kind, "E******78", bytes(16))
    words = wording(SAMPLE, replace(CERTIFICATE, identity=identity))
    assert words.labels["identity"] == label


def test_a_template_may_name_things_its_own_way() -> None:
    named = replace(
        SAMPLE,
        labels=(("number", "证书编号"), ("review_body", "评委会")),
        corner="{source}",
        sources=(("review", SourceWords(word="", labels=(("number", "评审证号"),))),),
    )
    words = wording(named, replace(CERTIFICATE, source=Source.REVIEW))
    assert (words.labels["number"], words.labels["review_body"]) == ("评审证号", "评委会")
    assert words.corner == ""
    words = wording(named, replace(CERTIFICATE, source=Source.RECOGNITION))
    assert (words.labels["number"], words.corner) == ("证书编号", "认定")


def test_a_sentence_whose_field_is_absent_is_left_out() -> None:
    named = replace(SAMPLE, statement="经{review_body}评审，{name}具备任职资格。")
    assert wording(named).statement.startswith(f"经{CERTIFICATE.review_body}评审")
    assert wording(named, replace(CERTIFICATE, review_body=None)).statement == ""


def test_braces_in_a_value_name_no_field() -> None:
    named = replace(SAMPLE, statement="{name}")
    assert wording(named, replace(CERTIFICATE, name="{title}")).statement == "{title}"


@pytest.mark.parametrize(
    "size", [(413, 531), (358, 441), (295, 413), (413, 579), (413, 626), (390, 567)]
)
@pytest.mark.parametrize("name", shipped_templates())
def test_a_photo_is_as_large_as_its_box_lets_it_be_and_never_stretched(
    name: str, size: tuple[int, int]
) -> None:
    template = shipped_template(name)
    file = finished(unsigned(template=template, photo=read_photo(draw_portrait(*size))))
    box = re.search(rb"/BBox \[([^\]]*)\] >> /K", file)
    assert box is not None
    left, bottom, right, top = map(float, box[1].split())
    width, height = ((right - left) / MM, (top - bottom) / MM)
    assert width / height == pytest.approx(size[0] / size[1], rel=0.001)
    most = template.layout.photo_mm
    assert width == pytest.approx(most[0], abs=0.05) or height == pytest.approx(most[1], abs=0.05)
    assert width < most[0] + 0.05
    assert height < most[1] + 0.05


def test_a_long_title_takes_two_lines(tmp_path: Path) -> None:
    title = "样例省某某自治州人力资源和社会保障局专业技术人员职称电子证书"
    path = stored(tmp_path, unsigned(template=replace(SAMPLE, title=title)))
    assert title in joined(text_of(path))
    first, second = line_of(path, title[:6]), line_of(path, title[-4:])
    assert first[1] > second[3] - 4
    assert first[3] - first[1] > 15


def test_a_label_wider_than_its_column_is_made_smaller(tmp_path: Path) -> None:
    label = "专业技术职务任职资格证书编号"
    path = stored(tmp_path, unsigned(template=replace(SAMPLE, labels=(("number", label),))))
    right = line_of(path, label)[2]
    assert right < line_of(path, CERTIFICATE.number)[0]


def test_the_room_of_a_page_is_used() -> None:
    for template in map(shipped_template, shipped_templates()):
        file = finished(unsigned(template=template, photo=portrait()))
        code = re.findall(rb"/BBox \[([^\]]*)\] >> /K", file)[1]
        left, bottom, right, top = map(float, code.split())
        assert bottom < SHEETS[template.layout.paper].height * 0.22
        assert right > left
        assert top > bottom


def test_two_fields_that_do_not_fit_side_by_side_get_a_row_each() -> None:
    template = shipped_template("landscape")
    rows = {
        name: finished(unsigned(replace(CERTIFICATE, name=name), template=template)).count(
            b"/S /TR"
        )
        for name in ("样例甲", "阿卜杜热依木·" * 6 + "样例")
    }
    short, long = rows.values()
    assert long == short + 1


def read_by_mupdf(path: Path) -> list[str]:
    command = [tool("mutool"), "draw", "-q", "-F", "txt", "-o", "-", str(path)]
    return subprocess.run(command, capture_output=True, check=True).stdout.decode().splitlines()  # noqa: S603  # a test tool


@pytest.mark.parametrize("name", shipped_templates())
def test_values_come_out_character_by_character_also_from_under_the_seal(
    tmp_path: Path, name: str
) -> None:
    template = shipped_template(name)
    path = stored(tmp_path, unsigned(template=template, photo=portrait(), work_unit=UNIT))
    poppler = text_of(path, "-raw").splitlines()
    for lines in (read_by_mupdf(path), poppler):
        for field, value in wording(template).values.items():
            assert any(value in line for line in lines), field


def test_a_page_may_have_no_border_no_notes_and_no_words_below_the_code(tmp_path: Path) -> None:
    bare = replace(SAMPLE, note="", scan="", layout=replace(SAMPLE.layout, border="none"))
    text = text_of(stored(tmp_path, unsigned(template=bare, opening=OPENING)))
    assert "扫描" not in text
    real = replace(bare, example=False)
    text = text_of(stored(tmp_path, unsigned(template=real, example=False)))
    assert text.rstrip().endswith("E209J")


def test_rows_below_the_photo_may_be_none_and_the_day_may_be_in_any_row_of_the_foot() -> None:
    layout = replace(
        SAMPLE.layout,
        beside=(*SAMPLE.layout.beside, *SAMPLE.layout.below[:-1]),
        below=(),
        foot=(("url",), ("issuing_body",), ("issued",)),
    )
    for foot in (layout.foot, layout.foot[::-1]):
        template = replace(SAMPLE, layout=replace(layout, foot=foot))
        left, bottom, right, top = rectangle(finished(unsigned(template=template)))
        assert top - bottom == pytest.approx(right - left, abs=0.05)
        assert bottom > SHEETS["portrait"].bottom
