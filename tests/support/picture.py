"""The picture of a page in the docs.

``python -m tests.support.picture`` draws docs/howto/page.png again.
"""

from __future__ import annotations

import datetime
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

from tests.support.forge import OPENING, masked
from tests.support.population import certificates
from tests.support.portrait import draw_portrait
from tests.support.validators import run, tool

from etitle.certificate.dates import PartialDate
from etitle.certificate.model import Level
from etitle.keys.signer import open_signer
from etitle.pades.prepared import prepare
from etitle.page.font import FontChain, installed_sources
from etitle.page.page import make_page
from etitle.page.template import shipped_template
from etitle.record.photorules import read_photo
from etitle.token import frame, text
from etitle.token.draw import draw_symbol

PLACE: Final = Path(__file__).parents[2] / "docs" / "howto" / "page.png"
DPI: Final = 70

CERTIFICATE: Final = replace(
    masked(certificates(1)[0]),
    name="样例甲",
    series="工程技术人员",
    title="高级工程师",
    level=Level.ASSOCIATE_SENIOR,
    specialty="给水排水工程",
    qualified=PartialDate(2025, 12, 1),
    issued=datetime.date(2026, 3, 1),
    review_body="样例省甲市工程系列高级职称评审委员会",
    approving_body="样例省职称改革工作领导小组办公室",
)


def draw() -> bytes:
    """The page as a PNG."""
    signer = open_signer(f"file:{PLACE.parents[2]}/keys-example/keys/token-1.pem")
    token = frame.sign(CERTIFICATE, signer=signer, authority_id="sample")
    page = make_page(
        CERTIFICATE,
        template=shipped_template("sample"),
        symbol=draw_symbol(text.to_url(frame.pack(token), base="https://zc.sample.cn")),
        token=token.to_bytes(),
        opening=OPENING,
        photo=read_photo(draw_portrait(quality=90)),
        url=f"https://zc.sample.cn/c/{CERTIFICATE.number}",
        example=True,
        fonts=FontChain(installed_sources()),
    )
    prepared = prepare(page, 64, name="样例省", reason=None, signing_time_s=0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page"
        path.with_suffix(".pdf").write_bytes(prepared.file(b"\x30\x00"))
        done = run(tool("pdftoppm"), "-r", DPI, "-png", "-singlefile", f"{path}.pdf", path)
        assert done.returncode == 0, done.stderr
        return path.with_suffix(".png").read_bytes()


if __name__ == "__main__":
    PLACE.write_bytes(draw())
