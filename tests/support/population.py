"""A seeded population of varied fake certificates: the subject of the size figures and of demos.

Nobody in it exists: resident numbers use the address code 450099, which was never assigned.  As the
size goal demands, half carry an approval document number, and 30 % of the specialties and of the
regions named are absent from dictionary 1 (asserted by a test).
"""

from __future__ import annotations

import datetime
import json
import random
from importlib import resources
from pathlib import Path

from etitle.certificate.compact import derived_sex
from etitle.certificate.dates import PartialDate
from etitle.certificate.identity import DocumentKind, Identity, check_digit
from etitle.certificate.model import BodyLevel, Certificate, Level, Sex, Source

WORDS = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
LEVEL_WORDS = {1: "高级", 2: "高级", 3: "中级", 4: "初级", 5: "初级"}
ISSUER = "样例省人力资源和社会保障厅"


def _table(name: str) -> dict[str, list[dict[str, object]]]:
    text = resources.files("etitle.certificate").joinpath("tables", name).read_text("utf-8")
    return json.loads(text)  # type: ignore[no-any-return]


def certificates(count: int, *, seed: int = 2026, profile: str = "masked") -> list[Certificate]:
    """Make certificates; the same arguments give the same ones."""
    rng = random.Random(seed)
    titles = [
        (str(series["name"]), title["title"], int(title["level"][1]))
        for series in _table("title_series.json")["series"]
        for track in series["tracks"]  # type: ignore[attr-defined]
        for title in track["titles"]
    ]
    weights = [20 if name in WORDS["series_words"] else 1 for name, _, _ in titles]
    cities = [str(city["name"]) for city in _table("divisions_guangxi.json")["cities"]]
    return [
        _one(rng, n, rng.choices(titles, weights)[0], cities, profile=profile) for n in range(count)
    ]


def _one(
    rng: random.Random,
    n: int,
    title: tuple[str, str, int],
    cities: list[str],
    *,
    profile: str,
) -> Certificate:
    series, name_of_title, level = title
    issued = datetime.date(2020, 6, 1) + datetime.timedelta(days=rng.randrange(2400))
    qualified = issued - datetime.timedelta(days=rng.randrange(10, 200))
    own = rng.random() >= 0.3
    region = rng.choice(cities if rng.random() >= 0.3 else WORDS["other_regions"])
    regional = level >= 3
    where = region if regional else "样例省"
    identity = _identity(rng, profile=profile)
    sex = derived_sex(identity) or rng.choice((Sex.MALE, Sex.FEMALE))
    review = where + WORDS["series_words"].get(series, series.removesuffix("人员") + "系列")
    document = f"样职办〔{issued.year}〕{rng.randrange(1, 400)}号" if n % 2 else None
    if document and regional:
        document = f"{region[0]}人社职〔{issued.year}〕{rng.randrange(1, 900)}号"
    return Certificate(
        number=f"45{issued.year}{int(regional)}{rng.randrange(14):02}{n:07}",
        name="".join(
            [
                rng.choice(WORDS["surnames"]),
                *rng.choices(WORDS["given"], k=rng.choice((1, 2, 2, 2))),
            ]
        ),
        sex=sex,
        identity=identity,
        series=series,
        title=name_of_title,
        specialty=rng.choice(WORDS["own_specialties"] if own else WORDS["other_specialties"]),
        qualified=PartialDate.of(qualified),
        issued=issued,
        review_body=review + LEVEL_WORDS[level] + "职称评审委员会",
        issuing_body=ISSUER,
        url=None,
        level=Level(level),
        source=Source(rng.choices((1, 2, 3), (8, 1, 1))[0]),
        body_level=BodyLevel.CITY if regional else BodyLevel.REGION,
        approving_body=where + "职称改革工作领导小组办公室",
        approval_document=document,
        version=1,
        supersedes=None,
        list_id=1,
        index=rng.randrange(10_000_000),
    )


def _identity(rng: random.Random, *, profile: str) -> Identity:
    born = datetime.date(1960, 1, 1) + datetime.timedelta(days=rng.randrange(15_000))
    first17 = f"450099{born:%Y%m%d}{rng.randrange(1, 999):03}"
    number = first17 + check_digit(first17)
    if rng.random() < 0.02:
        passport = f"E{rng.randrange(10**8):08}"
        kind, number, mask = DocumentKind.PASSPORT, passport, f"E******{passport[-2:]}"
    else:
        kind, mask = DocumentKind.CN_RESIDENT, f"{number[:2]}{'*' * 12}{number[-4:]}"
    if profile == "full":
        return Identity(kind, number)
    return Identity(kind, mask, rng.randbytes(16))
