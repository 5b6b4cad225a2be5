"""Issuing and verifying documents, against pyHanko on the same certificates and the same files.

Every document is of another certificate and there are more than any cache holds: what readers keep
from one to the next is what real documents of one authority share.
"""

from __future__ import annotations

import gc
import io
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import cycle, islice
from pathlib import Path
from typing import Final

from asn1crypto.x509 import Certificate as Asn1
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from tests.bench.measure import Row, pair_us, per_item_us, row
from tests.bench.plain import plain_issuer
from tests.support.authority import AT, AT_S, World, make_world
from tests.support.forge import OPENING, masked, office, public_of
from tests.support.population import certificates
from tests.support.portrait import draw_portrait
from tests.support.question import EXAMPLES
from tests.support.seals import signer_of
from tests.support.x509 import Maker, new_key

from etitle.certificate.model import Certificate
from etitle.keys.seal import Seal, make_seal
from etitle.pades.sign import sign_document
from etitle.page.fields import field_values
from etitle.page.font import FontChain, installed_sources
from etitle.page.page import make_page
from etitle.page.template import shipped_template
from etitle.record.photorules import read_photo
from etitle.token import frame, text
from etitle.token.draw import draw_symbol
from etitle.verdict import Summary
from etitle.verify.document import verify_document
from etitle.verify.question import Question

COUNT: Final = 300
"""Documents; of each some six texts are like no other's, and caches hold 256."""
RIVAL_COUNT: Final = 4
"""The plain way takes a quarter of a second each."""
MEMORY_COUNT: Final = 10_000
BASE: Final = "https://zc.sample.cn"
URL: Final = "https://zc.sample.cn/c/1"
TEMPLATE: Final = shipped_template("sample")
FONTS: Final = FontChain(installed_sources())
PHOTO: Final = draw_portrait(875, 1125, quality=95)


@dataclass(frozen=True)
class Office:
    """An authority whose seal stands below a CA and a root, its chain in the files or not."""

    certificates: tuple[Certificate, ...]
    seal_maker: Maker
    root: Maker
    world: World
    seal: Seal

    @classmethod
    def make(cls, *, chain: bool, kind: str = "p256") -> Office:
        found = tuple(masked(one) for one in certificates(COUNT))
        root = Maker.root("样例根证书")
        middle = root.ca("样例签发机构证书")
        own = middle.leaf("样例职称专用章", key=new_key(kind))
        world = make_world(list(found))
        # The entry of another office's seal, with this one's certificate.
        (entry,) = (key for key in office(found[0]).world.bundle.keys if key.x509 is not None)
        entry = replace(entry, public=public_of(own.key), x509=own.der)
        keys = sorted((*world.bundle.keys, entry), key=lambda key: key.public.to_bytes())
        return cls(
            certificates=found,
            seal_maker=own,
            root=root,
            world=world.with_bundle(keys=tuple(keys)),
            seal=make_seal(
                signer_of(own.key),
                x509_chain=(own.der, middle.der, root.der) if chain else (own.der,),
            ),
        )

    def issue(self, certificate: Certificate) -> bytes:
        """All of it: photo, token, QR symbol, page, signature."""
        token = self.world.token(certificate)
        unsigned = make_page(
            certificate,
            template=TEMPLATE,
            symbol=draw_symbol(text.to_url(frame.pack(token), base=BASE)),
            token=token.to_bytes(),
            opening=OPENING,
            photo=read_photo(PHOTO),
            url=URL,
            example=True,
            fonts=FONTS,
        )
        return sign_document(unsigned, seal=self.seal, signing_time_s=AT_S)

    @cached_property
    def documents(self) -> list[bytes]:
        return [self.issue(one) for one in self.certificates]

    @cached_property
    def question(self) -> Question:
        return Question(trust=self.world.trust, lists=self.world.lists, at=AT, policy=EXAMPLES)

    def verify(self, pdf: bytes) -> None:
        verdict = verify_document(pdf, self.question)
        assert verdict.summary is Summary.VALID, verdict.checks

    def pyhanko(self, pdf: bytes) -> None:
        """The signature alone, below the root; the CA is known beforehand."""
        middle = self.seal_maker.issuer
        assert middle is not None
        context = ValidationContext(
            trust_roots=[Asn1.load(self.root.der)],
            other_certs=[Asn1.load(middle.der)],
            moment=AT,
            allow_fetching=False,
        )
        (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
        status = validate_pdf_signature(signature, context)
        assert status.bottom_line


def rows() -> list[Row]:
    """CPU of one document in one process; its size; memory."""
    alone, whole = Office.make(chain=False), Office.make(chain=True)
    long = Office.make(chain=True, kind="rsa3072")
    found = [
        row("issue a document, P-256 (floor: plain pyHanko with its text)",
            per_item_us(whole.issue, whole.certificates) / 1000, "ms", _rival_ms(whole)),
        row("issue a document, RSA-3072",
            per_item_us(long.issue, long.certificates[:60]) / 1000, "ms"),
        row(f"document with a photo of {len(PHOTO):,} bytes, largest",
            max(map(len, whole.documents)), "bytes"),
    ]  # fmt: skip
    for name, by in (("the seal alone in it", alone), ("its chain up to the root in it", whole)):
        ours, theirs = pair_us(by.verify, by.pyhanko, by.documents)
        found.append(row(f"verify a document, B-B, {name} (floor: pyHanko's)", ours, "us", theirs))
    return [*found, _memory(whole)]


def _rival_ms(by: Office) -> float:
    issue = plain_issuer(by.seal_maker)

    def one(certificate: Certificate) -> None:
        token = by.world.token(certificate)
        values = field_values(certificate, URL)
        words = "\n".join(f"{field} {value}" for field, value in values.items())
        symbol = draw_symbol(text.to_url(frame.pack(token), base=BASE))
        issue(f"{TEMPLATE.title}\n{words}", PHOTO, symbol)

    return per_item_us(one, by.certificates[:RIVAL_COUNT]) / 1000


def _memory(by: Office) -> Row:
    """Resident after 10,000 documents issued and verified, against after the first 1,000."""
    sizes: list[float] = []
    for place, certificate in enumerate(islice(cycle(by.certificates), MEMORY_COUNT), 1):
        by.verify(by.issue(certificate))
        if place in {MEMORY_COUNT // 10, MEMORY_COUNT}:
            gc.collect()
            sizes.append(_resident_mb())
    first, last = sizes
    return row(
        "resident after 10,000 documents issued and verified (floor: after 1,000)",
        last, "MB", first,
    )  # fmt: skip


def _resident_mb() -> float:
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ValueError(line)
