"""The certificates of tokens.json: nobody in them exists, and every name says 样例 or is a sign."""

from __future__ import annotations

import datetime
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

from tests.vectors.make.shop import Json
from tests.vectors.make.worlds import CITY_BODY, COUNTY_BODY, DELEGATED_BODY, ISSUER, REGION_BODY

from etitle.certificate.commitment import PEPPERS, commit
from etitle.certificate.dates import PartialDate
from etitle.certificate.identity import DocumentKind, Identity, check_digit, mask
from etitle.certificate.model import BodyLevel, Certificate, EndorsedCopy, Level, Sex, Source

RESIDENT: Final = "45009919900101123"
NUMBERS: Final[dict[DocumentKind, str]] = {
    DocumentKind.CN_RESIDENT: RESIDENT + check_digit(RESIDENT),
    DocumentKind.HMT_RESIDENCE: "81009919900101124" + check_digit("81009919900101124"),
    DocumentKind.FOREIGN_PR_2023: "91009919900101125" + check_digit("91009919900101125"),
    DocumentKind.FOREIGN_PR_2017: "ZZZ450099010101",
    DocumentKind.HM_TRAVEL: "H00990001",
    DocumentKind.TW_TRAVEL: "00990001",
    DocumentKind.PASSPORT: "E00990001",
}
"""An invented number of each kind; area 0099 was never assigned."""

NATIONALITY: Final = "ZZZ"


def opening(name: str) -> bytes:
    """The fixed opening of a vector, 10 bytes."""
    return sha256(f"etitle test opening: {name}".encode()).digest()[:10]


def pepper(name: str) -> int:
    """The fixed pepper of a vector."""
    return sha256(f"etitle test pepper: {name}".encode()).digest()[0] % PEPPERS


def masked(name: str, kind: DocumentKind, number: str | None = None) -> Identity:
    """A masked identity with its commitment."""
    whole = NUMBERS[kind] if number is None else number
    nationality = NATIONALITY if kind is DocumentKind.PASSPORT else None
    commitment = commit(opening(name), kind, whole, nationality, pepper=pepper(name))
    return Identity(kind, mask(kind, whole), commitment, nationality)


def full(kind: DocumentKind, number: str | None = None) -> Identity:
    """An identity in the profile full."""
    nationality = NATIONALITY if kind is DocumentKind.PASSPORT else None
    return Identity(kind, NUMBERS[kind] if number is None else number, None, nationality)


PLAIN: Final = Certificate(
    number="4520261000000001",
    name="样例甲",
    sex=Sex.MALE,
    identity=masked("plain", DocumentKind.CN_RESIDENT),
    series="工程技术人员",
    title="高级工程师",
    specialty="道路与桥梁工程",
    qualified=PartialDate(2026, 5, 18),
    issued=datetime.date(2026, 9, 1),
    review_body="样例省工程系列高级职称评审委员会",
    issuing_body=ISSUER,
    url=None,
    level=Level.ASSOCIATE_SENIOR,
    source=Source.REVIEW,
    body_level=BodyLevel.REGION,
    approving_body=REGION_BODY,
    approval_document=None,
    version=1,
    supersedes=None,
    list_id=1,
    index=7,
)


def plain(**changes: Any) -> Certificate:  # noqa: ANN401  # any field
    """The plain certificate with some fields changed."""
    return replace(PLAIN, **changes)


RARE_NAME: Final = "样例𠮷𬀩㐂"
"""U+20BB7 and U+2C029 lie beyond the BMP, U+3402 in Extension A."""

EVERYTHING: Final = replace(
    PLAIN,
    identity=Identity(
        DocumentKind.PASSPORT, "E******01", commit(opening("every-field"), DocumentKind.PASSPORT,
        NUMBERS[DocumentKind.PASSPORT], NATIONALITY, pepper=127), NATIONALITY,
    ),
    sex=Sex.UNSTATED,
    qualified=PartialDate(1998, 7),
    url="https://zc.sample.cn/own/1",
    source=Source.RECOGNITION,
    approval_document="样职办〔2026〕12号",
    version=3,
    supersedes="4520261000000000",
)  # fmt: skip


def longest() -> Certificate:
    """A certificate whose payload has 1024 bytes exactly: each text at its limit but the name."""
    return replace(
        EVERYTHING,
        number="SAMPLE-" + "9" * 33,
        name="样例" + "甲" * 28 + "A",
        identity=masked("longest", DocumentKind.PASSPORT, "E" + "0" * 17 + "01"),
        series="S" * 60,
        title="T" * 60,
        specialty="P" * 60,
        review_body="R" * 100,
        issuing_body="I" * 100,
        url="https://" + "u" * 192,
        body_level=BodyLevel.DELEGATED,
        approving_body="A" * 100,
        approval_document="D" * 60,
        version=999,
        supersedes="X" * 40,
        list_id=65535,
        index=134_217_727,
    )


BODIES: Final = {
    BodyLevel.REGION: ("4520261000000001", REGION_BODY),
    BodyLevel.CITY: ("4520262000000001", CITY_BODY),
    BodyLevel.COUNTY: ("4530001", COUNTY_BODY),
    BodyLevel.DELEGATED: ("4540001", DELEGATED_BODY),
}
"""A number of each management level, and its approving body."""


def to_json(certificate: Certificate) -> Json:
    """A certificate as the vectors show it: numbers of the enumerations, dates as text."""
    identity = certificate.identity
    fields: Json = {name: getattr(certificate, name) for name in Certificate.__dataclass_fields__}
    for name in ("sex", "level", "source", "body_level"):
        fields[name] = int(fields[name])
    fields["qualified"] = str(certificate.qualified)
    fields["issued"] = certificate.issued.isoformat()
    if certificate.copy is not None:
        fields["copy"] = {
            "scene": certificate.copy.scene,
            "recipient": certificate.copy.recipient,
            "expires": certificate.copy.expires.isoformat(),
            "original": certificate.copy.original.hex(),
        }
    if identity is not None:
        fields["identity"] = {
            "kind": int(identity.kind),
            "shown": identity.shown,
            "commitment": None if identity.commitment is None else identity.commitment.hex(),
            "nationality": identity.nationality,
        }
    return fields


def from_json(fields: Json) -> Certificate:
    """The certificate that a vector shows."""
    identity, copy = fields["identity"], fields["copy"]
    parts = [int(part) for part in fields["qualified"].split("-")]
    return Certificate(
        **fields
        | {
            "sex": Sex(fields["sex"]),
            "level": Level(fields["level"]),
            "source": Source(fields["source"]),
            "body_level": BodyLevel(fields["body_level"]),
            "qualified": PartialDate(*parts),
            "issued": datetime.date.fromisoformat(fields["issued"]),
            "copy": None
            if copy is None
            else EndorsedCopy(
                copy["scene"],
                copy["recipient"],
                datetime.date.fromisoformat(copy["expires"]),
                bytes.fromhex(copy["original"]),
            ),
            "identity": None
            if identity is None
            else Identity(
                DocumentKind(identity["kind"]),
                identity["shown"],
                identity["commitment"] and bytes.fromhex(identity["commitment"]),
                identity["nationality"],
            ),
        }
    )
