"""The demonstration's records and photos: 24 people who do not exist, as an office hands them in.

Numbers use the address code 450099, which was never assigned; one uses a code of 4528xx that was
retired long ago.  Everything happens in the fictional 样例省.
"""

from __future__ import annotations

from pathlib import Path

import openpyxl
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from tests.support.portrait import draw_portrait

from etitle.certificate.codes import table
from etitle.certificate.identity import check_digit
from etitle.labels import LABELS

COLUMNS = (
    "name", "sex", "id_number", "id_kind", "nationality", "series", "title", "specialty", "level",
    "qualified", "review_body", "issuing_body", "approving_body", "approval_document", "source",
)  # fmt: skip

FILLED_IN = ("number", "issued", "url")
"""Columns of 附件1 that the authority fills in: left empty here."""

WIDTH = 22
"""Of a column, in characters."""

ISSUER = "样例省人力资源和社会保障厅"
REGION = "样例省职称改革工作领导小组办公室"
CITY = "样例省甲市职称改革工作领导小组办公室"
COUNTY = "样例省甲市乙县人力资源和社会保障局"
UNIVERSITY = "样例省样例大学"


def _resident(born: str, sequence: int, *, area: str = "450099") -> str:
    first17 = f"{area}{born}{sequence:03}"
    return first17 + check_digit(first17)


def _retired_area() -> str:
    """An address code of 4528xx (钦州 before 1994) that no division has today."""
    retired: list[str] = [each["code"] for each in table("divisions_guangxi")["retired_codes"]]
    return min(code for code in retired if code.startswith("4528"))


ENGINEERING, HEALTH, SCHOOL = "工程技术人员", "卫生技术人员", "中小学教师"
_Row = tuple[str | None, ...]


def people() -> list[_Row]:
    """The rows, in the order of ``COLUMNS``."""
    engineers = "样例省工程系列高级职称评审委员会"
    city_engineers = "样例省甲市工程系列中级职称评审委员会"
    doctors = "样例省卫生系列高级职称评审委员会"
    teachers = "样例省甲市中小学教师系列中级职称评审委员会"
    n = None

    def row(  # noqa: PLR0917  # a row of the workbook
        name: str, sex: str | None, number: str, series: str, title: str, specialty: str,
        qualified: str, review: str | None, body: str, document: str | None = None,
        level: str | None = None, kind: str | None = None, nationality: str | None = None,
        source: str = "评审",
    ) -> _Row:  # fmt: skip
        return (
            name, sex, number, kind, nationality, series, title, specialty, level, qualified,
            review, ISSUER, body, document, source,
        )  # fmt: skip

    return [
        row("样例甲", "男", _resident("19900101", 7), ENGINEERING, "高级工程师", "道路与桥梁工程",
            "2025-11-20", engineers, REGION, "样职办〔2025〕101号"),
        row("样例乙", "女", _resident("19850612", 24), ENGINEERING, "高级工程师", "水利水电工程",
            "2025年11月20日", engineers, REGION, "样职办〔2025〕101号"),
        row("样例丙", "男", _resident("19680228", 11), ENGINEERING, "正高级工程师",
            "建筑施工", "2025/11/20", engineers, REGION, "样职办〔2025〕102号"),
        row("𬱖样例", "女", _resident("19921103", 246), ENGINEERING, "工程师", "环境工程",
            "2025-09-10", city_engineers, CITY, "甲人社职〔2025〕33号"),
        row("样例𫓧", "男", _resident("19930508", 135), ENGINEERING, "工程师", "测绘工程",
            "2025-09-10", city_engineers, CITY, "甲人社职〔2025〕33号"),
        row("样㛃例", "女", _resident("19941217", 88), ENGINEERING, "助理工程师", "工程造价",
            "2025-07-01", n, COUNTY, "乙人社〔2025〕9号", source="认定"),
        row("样例阿依古丽•买买提", "女", _resident("19870415", 442), HEALTH, "副主任医师",
            "心血管内科", "2025-10-30", doctors, REGION, "样职办〔2025〕110号"),
        row("样例丁", "女", _resident("19790920", 126), HEALTH, "主任护师", "内科护理",
            "2025-10-30", doctors, REGION, "样职办〔2025〕110号"),
        row("样例戊", "男", _resident("19880303", 57), HEALTH, "主治医师", "骨科",
            "2025-10-30", "样例省甲市卫生系列中级职称评审委员会", CITY),
        row("SAMPLE ALEX", "男", "E00000000", "高等学校教师", "副教授", "国际法学",
            "2025-12-05", "样例省样例大学职称评审委员会", UNIVERSITY, "样例大学〔2025〕12号",
            kind="护照", nationality="GBR"),
        row("样例港", "女", _resident("19940823", 2, area="810000"), ENGINEERING, "工程师",
            "电气工程", "2025-09-10", city_engineers, CITY, kind="港澳台居民居住证"),
        row("样例澳", "男", "H00000000", "高等学校教师", "讲师", "会计学", "2025-12-05",
            "样例省样例大学职称评审委员会", UNIVERSITY, kind="港澳居民来往内地通行证"),
        row("样例己", "男", _resident("19620709", 15, area=_retired_area()), ENGINEERING,
            "高级工程师", "机械设计制造", "1998", n, REGION, source="Excel导入"),
        row("样例庚", "女", _resident("19710111", 62), SCHOOL, "高级教师", "语文", "2004年8月",
            "样例省中小学教师系列高级职称评审委员会", REGION, source="Excel导入"),
        row("样例辛", "女", _resident("19910925", 228), SCHOOL, "一级教师", "数学", "2025-08-28",
            teachers, CITY, "甲人社职〔2025〕41号"),
        row("样例壬", "男", _resident("19951010", 91), SCHOOL, "二级教师", "英语", "2025-08-28",
            n, COUNTY, "乙人社〔2025〕15号", source="认定"),
        row("样例癸", "女", _resident("19860606", 304), "会计人员", "高级会计师", "会计",
            "2025-12-18", "样例省会计系列高级职称评审委员会", REGION, "样职办〔2025〕120号"),
        row("样例子", "男", _resident("19840229", 73), "经济专业人员", "高级经济师", "工商管理",
            "2025-12-18", "样例省经济系列高级职称评审委员会", REGION, "样职办〔2025〕121号"),
        row("样例丑", "男", _resident("19751205", 99), "农业技术人员", "高级农艺师", "甘蔗栽培",
            "2025-11-06", "样例省农业系列高级职称评审委员会", REGION, "样职办〔2025〕98号"),
        row("样例寅", "女", _resident("19960318", 180), "农业技术人员", "助理农艺师", "植物保护",
            "2025-07-01", n, COUNTY, "乙人社〔2025〕9号", source="认定"),
        row("欧阳样例", "男", _resident("19700501", 33), "高等学校教师", "教授", "水文学及水资源",
            "2025-12-05", "样例省样例大学职称评审委员会", UNIVERSITY, "样例大学〔2025〕12号"),
        row("样例卯", n, _resident("19980412", 164), "档案专业人员", "助理馆员", "档案管理",
            "2025-07-01", n, COUNTY, source="认定"),
        row("样例辰", "男", _resident("19831130", 215), "新闻专业人员", "主任记者", "新闻采编",
            "2025-11-28", "样例省新闻系列高级职称评审委员会", REGION, "样职办〔2025〕115号"),
        row("样例巳", "女", _resident("19900214", 348), "翻译专业人员", "一级翻译", "越南语",
            "2025-11-28", "样例省翻译系列高级职称评审委员会", REGION, "样职办〔2025〕116号"),
    ]  # fmt: skip


def make_records(path: Path) -> int:
    """Write the workbook, with 附件1's headings.

    Args:
        path: where, ``….xlsx``; its folder is made.

    Returns:
        How many people.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    book = openpyxl.Workbook()
    sheet = book.active
    if sheet is None:
        raise AssertionError
    sheet.title = "样例"
    sheet.append([LABELS[column] for column in (*COLUMNS, *FILLED_IN)])
    for column, cell in enumerate(sheet[1], 1):
        cell.font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = WIDTH
    sheet.freeze_panes = "B2"
    rows = people()
    for row in rows:
        sheet.append(row)
    for line in sheet.iter_rows(min_row=2):
        for cell in line:
            cell.number_format = "@"  # text: 18 digits are not a number to a spreadsheet
    book.save(path)
    return len(rows)


WITHOUT_PHOTO_ROWS = "14,15"
"""Rows of the workbook whose records are old ones without a photo (domain.md, S6)."""


def make_photos(folder: Path) -> int:
    """Draw a photo of each person but those of the old records, named as offices name them.

    Args:
        folder: where; it is made.

    Returns:
        How many photos.
    """
    folder.mkdir(parents=True, exist_ok=True)
    old = {int(row) for row in WITHOUT_PHOTO_ROWS.split(",")}
    made = 0
    for row, record in enumerate(people(), 2):
        if row in old:
            continue
        name, sex, number = record[0], record[1], record[2] or ""
        spelled = (
            f"{name}_{number}.jpg",
            f"{name}＋{number.lower()}.jpg",
            f"{name}_{number[:2]}***{number[-4:]}.jpg",  # 附件2 masks the number like this
        )[row % 3]
        photo = draw_portrait(variant=row, long_hair=sex == "女", quality=88, dpi=(300, 300))
        (folder / spelled).write_bytes(photo)
        made += 1
    return made
