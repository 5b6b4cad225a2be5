"""Real certificates of every kind that we make: pages, profiles, seals, levels (clause 9).

Everything is made with the program itself, as an issuing office would, and dated now, because
the time-stamps come from a time-stamp authority that lives by the clock.
"""

from __future__ import annotations

import datetime
import time
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import Final

from tests.support.authority import BASE, WEEK_S, YEAR_S, World
from tests.support.forge import NUMBER, OPENING, Office, masked, office
from tests.support.population import certificates
from tests.support.portrait import draw_portrait
from tests.support.seals import signer_of
from tests.support.tsa import Authority
from tests.support.x509 import Maker

from etitle.certificate.dates import CHINA, DAY_S
from etitle.certificate.identity import DocumentKind, Identity, Profile
from etitle.certificate.model import Certificate
from etitle.certificate.photo import Photo
from etitle.keys.seal import Seal, make_seal
from etitle.pades.dss import ValidationData
from etitle.pades.sign import sign_document
from etitle.page.font import FontChain, installed_sources
from etitle.page.page import make_page
from etitle.page.template import shipped_template, shipped_templates
from etitle.record.photorules import read_photo
from etitle.token.draw import draw_symbol
from etitle.trust.anchors import Lists, Trust

SIGNINGS: Final = (
    ("p256", "B-B"),
    ("rsa3072", "B-B"),
    ("ed25519", "B-B"),
    ("mldsa65", "B-B"),
    ("p256", "B-T"),
    ("rsa3072", "B-T"),
    ("p256", "B-LT"),
    ("rsa3072", "B-LT"),
)
"""Key of the seal, and level (EN 319 142-1)."""

PROFILES: Final = (Profile.MASKED, Profile.FULL, Profile.NONE)

URL: Final = f"{BASE}/c/45009912345678"
LONGEST_URL: Final = f"{BASE}/" + "a" * 160

_BODY: Final = "样例省高等学校自然科学研究系列（实验技术、工程技术）高级职称评审委员会办公室"


def longest(certificate: Certificate) -> Certificate:
    """The same with long values in every field: as much as one token holds (clause 2.1.2)."""
    return replace(
        certificate,
        number="45" + "职" * 38,
        name="阿卜杜热依木·" * 6 + "样例",
        series="自然科学研究人员（实验技术）",
        title="正高级工程师（教授级）" * 2,
        specialty="机械设计制造及其自动化" * 3,
        review_body=_BODY,
        issuing_body=_BODY,
        url=LONGEST_URL,
    )


@dataclass(frozen=True)
class Kind:
    """What tells one of our files from another."""

    suite: str
    level: str
    template: str
    profile: Profile
    photo: bool
    long: bool
    chain: bool
    """Whether the root stands beside the seal's certificate."""

    @property
    def name(self) -> str:
        said = [self.suite, self.level, self.template, self.profile.name.lower()]
        said += ["photo"] * self.photo + ["longest"] * self.long + ["chain"] * self.chain
        return "-".join(said)


def _kinds() -> tuple[Kind, ...]:
    templates = sorted(shipped_templates())
    # Each way of signing takes every other template: all pages are made, in half the files.
    pages = [tuple(product(templates[turn::2], PROFILES)) for turn in (0, 1)]
    return tuple(
        Kind(
            suite, level, template, profile,
            photo=(at // 2 + page) % 2 == 0, long=(at // 2 + page) // 2 % 2 == 1,
            chain=(at + page) % 3 > 0,
        )
        for at, (suite, level) in enumerate(SIGNINGS)
        for page, (template, profile) in enumerate(pages[at % 2])
    )  # fmt: skip


KINDS: Final = _kinds()
"""Every way of signing with every profile; all pages that differ are among them."""

PAGES: Final = tuple(
    {(one.template, one.profile, one.photo, one.long): one for one in reversed(KINDS)}.values()
)
"""One for each page that differs."""


@dataclass(frozen=True)
class Document:
    """A file, and what must be found in it."""

    kind: Kind
    certificate: Certificate
    url: str
    code: str
    pdf: bytes


class Press:
    """Issues documents of every kind at one time, under one root for each kind of key."""

    def __init__(self, tsa: Authority) -> None:
        self.tsa = tsa
        self.at_s = int(time.time())
        self._made: dict[Kind, Document] = {}

    @property
    def at(self) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(self.at_s, datetime.UTC)

    @property
    def roots(self) -> dict[str, Maker]:
        """The root above each kind of key."""
        return {suite: _office(suite).root for suite, _ in SIGNINGS}

    def trust(self, suite: str) -> tuple[Trust, Lists]:
        """Bundle and list of a seal's authority, both of today."""
        world = self._world(suite)
        return world.trust, world.lists

    def __call__(self, kind: Kind) -> Document:
        """The document of that kind; made once."""
        if kind not in self._made:
            self._made[kind] = self._make(kind)
        return self._made[kind]

    def _world(self, suite: str) -> World:
        world = _office(suite).world
        return world.with_bundle(
            issued_s=self.at_s - WEEK_S, next_update_s=self.at_s + YEAR_S
        ).with_list(issued_s=self.at_s - 3600, expires_s=self.at_s + WEEK_S)

    def _make(self, kind: Kind) -> Document:
        by = _office(kind.suite)
        certificate = replace(
            by.certificate,
            identity=_identity(kind.profile, by.certificate),
            issued=datetime.datetime.fromtimestamp(self.at_s - 2 * DAY_S, CHINA).date(),
            index=KINDS.index(kind),
        )
        url = URL
        if kind.long:
            certificate, url = longest(certificate), LONGEST_URL
        code = by.world.code(certificate)
        page = make_page(
            certificate,
            template=shipped_template(kind.template),
            symbol=draw_symbol(code),
            token=by.world.token(certificate).to_bytes(),
            opening=OPENING if kind.profile is Profile.MASKED else None,
            photo=_portrait() if kind.photo else None,
            url=url,
            example=True,
            fonts=_fonts(),
        )
        pdf = sign_document(
            page,
            seal=_seal(kind.suite, chain=kind.chain),
            signing_time_s=self.at_s,
            tsa=None if kind.level == "B-B" else self.tsa.tsa(),
            validation_data=self._validation_data(by) if kind.level == "B-LT" else None,
        )
        return Document(kind, certificate, url, code, pdf)

    def _validation_data(self, by: Office) -> ValidationData:
        above = self.tsa.own.issuer
        assert above is not None
        x509s = tuple(one.der for one in (by.seal, by.root, self.tsa.own, above, self.tsa.root))
        return ValidationData(x509s, tuple(one.crl() for one in (by.root, above, self.tsa.root)))


@cache
def _office(suite: str) -> Office:
    return office(masked(certificates(1)[0]), kind=suite)


@cache
def _seal(suite: str, *, chain: bool) -> Seal:
    by = _office(suite)
    return make_seal(signer_of(by.seal.key), x509_chain=[by.seal.der, by.root.der][: 1 + chain])


@cache
def _portrait() -> Photo:
    return read_photo(draw_portrait(quality=90))


@cache
def _fonts() -> FontChain:
    return FontChain(installed_sources())


def _identity(profile: Profile, certificate: Certificate) -> Identity | None:
    if profile is Profile.FULL:
        return Identity(DocumentKind.CN_RESIDENT, NUMBER)
    return certificate.identity if profile is Profile.MASKED else None
