"""Build the preset dictionary of the token frame (docs/spec clause 4.3).

Dictionary 1 is frozen: its SHA-256 stands in the specification and in ``etitle.token.frame``.  This
tool is its provenance: it shows where each byte came from and proves that the file is the one it
describes (``--check``).  A later dictionary gets a new number and a new file.

What is nearest to the end is cheapest to refer to, so the order is from rare to frequent.
"""

from __future__ import annotations

import argparse
import json
import sys
from hashlib import sha256
from pathlib import Path

from etitle import canon

ROOT = Path(__file__).resolve().parent.parent
TABLES = ROOT / "src/etitle/certificate/tables"
TARGET = ROOT / "src/etitle/token/dict1.bin"

SPECIALTIES = """
道路与桥梁工程 交通工程 港口与航道工程 水利水电工程 水文与水资源 工程地质 岩土工程 测绘工程 地理信息 城乡规划
建筑设计 建筑结构 建筑施工 工民建 建筑工程管理 工程造价 给水排水工程 暖通空调 建筑电气 风景园林 市政工程 环境工程 环境监测 环境保护
机械设计制造 机械工程 机电工程 电气工程 电力系统及其自动化 电子信息 通信工程 计算机应用技术 软件工程 人工智能 网络安全 自动化
化学工程 化工工艺 冶金工程 采矿工程 选矿 地质矿产 石油化工 轻工 食品工程 纺织工程 制糖工程 材料工程 安全工程 质量工程 标准化 计量
林业工程 林学 森林保护 农学 农艺 植物保护 土壤肥料 园艺 畜牧 兽医 水产养殖 农业机械 农业经济 蚕桑 茶学
内科 外科 心血管内科 呼吸内科 消化内科 神经内科 肾内科 内分泌科 血液内科 普通外科 骨科 神经外科 胸心外科 泌尿外科 妇产科 儿科 眼科 耳鼻喉科
口腔科 皮肤科 精神科 急诊医学 重症医学 麻醉学 康复医学 全科医学 中医内科 中医骨伤 针灸推拿 中西医结合 放射医学 超声医学 病理学 临床检验 公共卫生
疾病控制 护理学 内科护理 外科护理 妇产科护理 儿科护理 药学 中药学 医院药学 理化检验技术 放射医学技术
语文 数学 英语 物理 化学 生物 历史 地理 思想政治 音乐 美术 体育 信息技术 学前教育 小学语文 小学数学 小学英语 初中语文 初中数学 高中语文 高中数学
高等教育 马克思主义理论 法学 经济学 管理学 教育学 心理学 汉语言文学 外国语言文学 新闻学 会计 审计 统计 财政税收 金融 工商管理 人力资源管理 知识产权
图书资料 档案 文物博物 群众文化 播音主持 新闻采编 编辑 翻译 美术设计 工艺美术 舞台表演 律师 公证 实验技术 思想政治工作 运动训练
""".split()

PROVINCES = """
北京市 天津市 河北省 山西省 内蒙古自治区 辽宁省 吉林省 黑龙江省 上海市 江苏省 浙江省 安徽省 福建省 江西省 山东省 河南省 湖北省 湖南省
广东省 海南省 重庆市 四川省 贵州省 云南省 西藏自治区 陕西省 甘肃省 青海省 宁夏回族自治区 新疆维吾尔自治区 样例省 广西壮族自治区
""".split()

BODIES = [
    "大学", "学院", "职业技术学院", "师范大学", "医科大学", "中心医院", "人民医院", "集团有限公司", "研究院", "设计院",
    "教师系列", "自然科学研究系列", "农业系列", "新闻系列", "艺术系列", "档案系列", "图书资料系列", "会计系列", "经济系列",
    "中小学教师系列", "卫生系列", "工程系列", "初级职称评审委员会", "中级职称评审委员会", "高级职称评审委员会",
    "初级评审委员会", "中级评审委员会", "高级专业技术职务评审委员会", "专业技术职务任职资格评审委员会",
    "中小学教师系列高级职称评审委员会", "卫生系列高级职称评审委员会", "工程系列中级职称评审委员会", "工程系列高级职称评审委员会",
    "人力资源社会保障局", "职称改革工作办公室", "人力资源和社会保障局", "职称改革工作领导小组办公室",
]  # fmt: skip

DOCUMENTS = [
    "职称", "评审", "职办通", "人社规", "人社函", "人社职称字", "职改办", "职改字", "人社职", "人社发", "职办",
    "〔2019〕", "〔2020〕", "〔2021〕", "〔2022〕", "〔2023〕", "〔2024〕", "〔2025〕", "〔2026〕", "〔2027〕", "号",
]  # fmt: skip


def _titles() -> list[bytes]:
    table = json.loads((TABLES / "title_series.json").read_text("utf-8"))
    frequent = ["高等学校教师", "会计人员", "农业技术人员", "卫生技术人员", "中小学教师", "工程技术人员"]
    rows: list[tuple[int, bytes]] = []
    for series in table["series"]:
        name = series["name"]
        rank = frequent.index(name) if name in frequent else -1
        for track in series["tracks"]:
            for title in track["titles"]:
                # keys 5 and 6 and the key 7 that follows, as the payload spells them
                spelled = (
                    b"\x05" + canon.encode(name) + b"\x06" + canon.encode(title["title"]) + b"\x07"
                )
                rows.append((rank, spelled))
    unique = dict.fromkeys(spelled for _, spelled in sorted(rows, key=lambda row: row[0]))
    return list(unique)


def _places() -> str:
    table = json.loads((TABLES / "divisions_guangxi.json").read_text("utf-8"))
    counties = [county["name"] for city in table["cities"] for county in city["counties"]]
    cities = [city["name"] for city in table["cities"]]
    return "".join([*counties, *PROVINCES, *cities])


def build() -> bytes:
    """The bytes of dictionary 1."""
    parts: list[bytes] = [_places().encode(), "".join(SPECIALTIES).encode(), *_titles()]
    parts += [body.encode() for body in BODIES]
    # approval document numbers: key 17, text heads of the usual lengths
    parts += [text.encode() for text in DOCUMENTS]
    # level, source, body level, then the approving body: keys 13, 14, 15, 16
    for body_level in (4, 3, 2, 1):
        for source in (3, 2, 1):
            for level in (5, 4, 3, 2, 1):
                parts.append(bytes((13, level, 14, source, 15, body_level, 16, 0x78)))
    issuing = "广西壮族自治区人力资源和社会保障厅"
    parts.append(b"\x0b" + canon.encode(issuing) + b"\x0d")
    sample = "样例省人力资源和社会保障厅"
    parts.append("样例省职称改革工作领导小组办公室".encode())
    parts.append("广西壮族自治区职称改革工作领导小组办公室".encode())
    parts.append(b"\x0b" + canon.encode(sample) + b"\x0d")
    for head in (b"\x11\x78\x1b", b"\x11\x78\x18", b"\x11\x75", b"\x11\x78\x19"):
        parts.append(head + "桂职办〔2026〕".encode())
    parts += [b"\x09\x19\x50\x0a\x78", b"\x08\x19\x4f", b"\x08\x19\x50", b"\x09\x19\x51\x0a\x78"]
    parts += [b"\xb5\x00\x01\x01\x1b\x00", b"\xb4\x00\x01\x01\x1b\x00", b"\xb2\x00\x01\x01\x1b\x00"]
    parts += [b"\x14\x01\x15\x19", b"\x14\x01\x15\x1a\x00", b"\x03\x83\x01\x1a\x00"]
    parts.append(b"\xb3\x00\x01\x01\x1b\x00")
    return b"".join(parts)


def main() -> int:
    """Write the dictionary, or with ``--check`` say whether the file is the one described."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    data = build()
    same = TARGET.exists() and TARGET.read_bytes() == data
    if parser.parse_args().check:
        sys.stdout.write(f"dictionary 1: {'as described' if same else 'DIFFERS'}\n")
        return 0 if same else 1
    TARGET.write_bytes(data)
    sys.stdout.write(f"dictionary 1: {len(data)} bytes, SHA-256 {sha256(data).hexdigest()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
