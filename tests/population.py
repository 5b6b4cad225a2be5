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

from etitle.certificate.dates import PartialDate
from etitle.certificate.identity import DocumentKind, Identity, check_digit
from etitle.certificate.model import BodyLevel, Certificate, Level, Sex, Source
from etitle.certificate.payload import derived_sex

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗韦覃莫陆蒙農欧阳司马"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂雯嘉怡子涵梓轩一诺若曦鑫淼喆芃昊婷钰"
OWN_SPECIALTIES = """
道路与桥梁工程 水利水电工程 建筑施工 给水排水工程 机械设计制造 电气工程 计算机应用技术 环境工程 测绘工程 工程造价
内科护理 心血管内科 骨科 药学 临床检验 妇产科 语文 数学 英语 小学数学 农学 林学 会计 档案 高等教育 法学
""".split()
OTHER_SPECIALTIES = """
数字孪生流域建模 氢能储运装备 空间信息与数字技术 老年慢病管理 装配式钢结构 海上风电运维 增材制造 航空航天动力 甘蔗病虫害绿色防控 东盟小语种教学
铝基新材料 粤剧唱腔研究 罗汉果精深加工 无人机测绘 北部湾渔业资源评估 喀斯特石漠化治理
""".split()
OTHER_REGIONS = """
遵义市 昭通市 赣州市 邵阳市 湛江市 三亚市 泉州市 绵阳市 宝鸡市 洛阳市 大理白族自治州 恩施土家族苗族自治州
""".split()
SERIES_WORDS = {
    "高等学校教师": "教师系列", "卫生技术人员": "卫生系列", "工程技术人员": "工程系列", "中小学教师": "中小学教师系列",
    "农业技术人员": "农业系列", "会计人员": "会计系列", "经济专业人员": "经济系列",
}  # fmt: skip
LEVEL_WORDS = {1: "高级", 2: "高级", 3: "中级", 4: "初级", 5: "初级"}
ISSUER = "样例省人力资源和社会保障厅"


def _table(name: str) -> dict[str, list[dict[str, object]]]:
    text = resources.files("etitle.certificate").joinpath("tables", name).read_text("utf-8")
    return json.loads(text)  # type: ignore[no-any-return]


def certificates(count: int, *, seed: int = 2026, profile: str = "masked") -> list[Certificate]:
    """Make certificates; the same arguments give the same ones."""
    rng = random.Random(seed)
    titles = [
        (series["name"], title["title"], int(title["level"][1]))
        for series in _table("title_series.json")["series"]
        for track in series["tracks"]  # type: ignore[attr-defined]
        for title in track["titles"]
    ]
    weights = [20 if name in SERIES_WORDS else 1 for name, _, _ in titles]
    cities = [str(city["name"]) for city in _table("divisions_guangxi.json")["cities"]]
    return [
        _one(rng, n, rng.choices(titles, weights)[0], cities, profile=profile)
        for n in range(count)
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
    region = rng.choice(cities if rng.random() >= 0.3 else OTHER_REGIONS)
    regional = level >= 3
    where = region if regional else "样例省"
    identity = _identity(rng, profile=profile)
    sex = derived_sex(identity) or rng.choice((Sex.MALE, Sex.FEMALE))
    review = where + SERIES_WORDS.get(series, series.removesuffix("人员") + "系列")
    document = f"样职办〔{issued.year}〕{rng.randrange(1, 400)}号" if n % 2 else None
    if document and regional:
        document = f"{region[0]}人社职〔{issued.year}〕{rng.randrange(1, 900)}号"
    return Certificate(
        number=f"45{issued.year}{int(regional)}{rng.randrange(14):02}{n:07}",
        name="".join([rng.choice(SURNAMES), *rng.choices(GIVEN, k=rng.choice((1, 2, 2, 2)))]),
        sex=sex,
        identity=identity,
        series=series,
        title=name_of_title,
        specialty=rng.choice(OWN_SPECIALTIES if own else OTHER_SPECIALTIES),
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
