"""The pictures of pages in the docs.

``python -m tests.support.picture`` draws docs/howto/page*.png again.
"""

from __future__ import annotations

import datetime
import io
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from PIL import Image
from tests.support.forge import OPENING, masked
from tests.support.population import certificates
from tests.support.portrait import draw_portrait
from tests.support.validators import run, tool

from etitle.certificate.dates import PartialDate
from etitle.certificate.identity import DocumentKind, Identity
from etitle.certificate.model import Certificate, Level, Sex, Source
from etitle.keys.signer import open_signer
from etitle.pades.prepared import prepare
from etitle.page.font import FontChain, installed_sources
from etitle.page.page import make_page
from etitle.page.template import Template, shipped_template
from etitle.record.photorules import read_photo
from etitle.token import frame, text
from etitle.token.draw import draw_symbol

FOLDER: Final = Path(__file__).parents[2] / "docs" / "howto"
DPI: Final = 70
CLOSE_DPI: Final = 110
COLOURS: Final = 64
"""Of a picture: what is drawn has few, and the files stay small."""

CERTIFICATE: Final = replace(
    masked(certificates(1)[0]),
    name="样例甲",
    series="工程技术人员",
    title="高级工程师",
    level=Level.ASSOCIATE_SENIOR,
    specialty="给水排水工程",
    qualified=PartialDate(2025, 12, 1),
    issued=datetime.date(2026, 3, 1),
    source=Source.REVIEW,
    review_body="样例省甲市工程系列高级职称评审委员会",
    approving_body="样例省职称改革工作领导小组办公室",
    approval_document="样职改办〔2025〕12号",
)
WORK_UNIT: Final = "样例省甲市第一水务设计院"

RECOGNISED: Final = replace(
    CERTIFICATE,
    name="样例·乙",
    sex=Sex.FEMALE,
    identity=Identity(DocumentKind.PASSPORT, "E******78", bytes(16), "USA"),
    source=Source.RECOGNITION,
    review_body="样例省甲市人力资源和社会保障局",
)
LONG: Final = replace(
    CERTIFICATE,
    name="阿卜杜热依木·" * 7 + "样例",
    specialty="机械设计制造及其自动化（含智能装备、流体传动与控制、车辆工程）",
    review_body="样例省高等学校自然科学研究系列（实验技术、工程技术、农业技术）高级职称评审委员会",
    issuing_body="样例省甲自治州人力资源和社会保障局职称改革工作领导小组办公室",
)


@dataclass(frozen=True)
class Drawing:
    """A picture, and where the code is in it, whose signature differs each time: pixels."""

    png: bytes
    code: tuple[int, int, int, int]


def _pdf(template: Template, certificate: Certificate, photo: tuple[int, int] | None) -> bytes:
    signer = open_signer(f"file:{FOLDER.parents[1]}/keys-example/keys/token-1.pem")
    token = frame.sign(certificate, signer=signer, authority_id="sample")
    page = make_page(
        certificate,
        template=template,
        symbol=draw_symbol(text.to_url(frame.pack(token), base="https://zc.sample.cn")),
        token=token.to_bytes(),
        opening=OPENING,
        photo=None if photo is None else read_photo(draw_portrait(*photo, quality=90)),
        url=f"https://zc.sample.cn/c/{certificate.number}",
        example=True,
        fonts=_fonts(),
        work_unit=WORK_UNIT,
    )
    return prepare(page, 64, name="样例省", reason=None, signing_time_s=0).file(b"\x30\x00")


@cache
def _fonts() -> FontChain:
    return FontChain(installed_sources())


def _picture(pdf: bytes, dpi: int) -> Image.Image:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page"
        path.with_suffix(".pdf").write_bytes(pdf)
        done = run(tool("pdftoppm"), "-r", dpi, "-png", "-singlefile", f"{path}.pdf", path)
        assert done.returncode == 0, done.stderr
        return Image.open(io.BytesIO(path.with_suffix(".png").read_bytes())).convert("RGB")


def _box(pdf: bytes, key: bytes, picture: Image.Image, dpi: int) -> tuple[int, int, int, int]:
    """The last box with that key, in pixels."""
    left, bottom, right, top = map(float, re.findall(key + rb" \[([^\]]*)\]", pdf)[-1].split())
    scale = dpi / 72
    high, low = picture.height - top * scale, picture.height - bottom * scale
    return round(left * scale), round(high), round(right * scale), round(low)


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def _whole(
    template: str, certificate: Certificate, photo: tuple[int, int] | None = (413, 531)
) -> Drawing:
    pdf = _pdf(shipped_template(template), certificate, photo)
    picture = _picture(pdf, DPI)
    return Drawing(_png(picture), _box(pdf, rb"/Placement /Block /BBox", picture, DPI))


def _seals() -> Drawing:
    """The foot with a seal that has words in its lower part, and with one that has none."""
    template = shipped_template("sample")
    bare = replace(template, seal=replace(template.seal, name="", number=""))
    cuts: list[Image.Image] = []
    for each in (template, bare):
        pdf = _pdf(each, CERTIFICATE, None)
        picture = _picture(pdf, CLOSE_DPI)
        left, top, right, bottom = _box(pdf, rb"/Rect", picture, CLOSE_DPI)
        cuts.append(picture.crop((left - 200, top - 12, right + 60, bottom + 24)))
    both = Image.new(
        "RGB", (sum(cut.width for cut in cuts) + 16, max(cut.height for cut in cuts)), "white"
    )
    both.paste(cuts[0], (0, 0))
    both.paste(cuts[1], (cuts[0].width + 16, 0))
    return Drawing(_png(both), (0, 0, 0, 0))


PICTURES: Final[dict[str, Callable[[], Drawing]]] = {
    "page.png": lambda: _whole("sample", CERTIFICATE),
    "page-plain.png": lambda: _whole("plain", CERTIFICATE, None),
    "page-statement.png": lambda: _whole("statement", CERTIFICATE, (413, 626)),
    "page-landscape.png": lambda: _whole("landscape", RECOGNISED, (295, 413)),
    "page-long.png": lambda: _whole("statement", LONG),
    "page-seal.png": _seals,
}


if __name__ == "__main__":
    for name, draw in PICTURES.items():
        (FOLDER / name).write_bytes(draw().png)
