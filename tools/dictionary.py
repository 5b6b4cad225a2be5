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

WORDS = json.loads((ROOT / "tools/dictionary.json").read_text("utf-8"))


def _titles() -> list[bytes]:
    table = json.loads((TABLES / "title_series.json").read_text("utf-8"))
    frequent = WORDS["frequent_series"]
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
    return "".join([*counties, *WORDS["provinces"], *cities])


def build() -> bytes:
    """The bytes of dictionary 1."""
    parts: list[bytes] = [_places().encode(), "".join(WORDS["specialties"]).encode(), *_titles()]
    parts += [body.encode() for body in WORDS["bodies"]]
    # approval document numbers: key 17, text heads of the usual lengths
    parts += [text.encode() for text in WORDS["documents"]]
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
