"""Write docs/reference/record.schema.json: what a row may hold, in both spellings of its keys.

``python tools/schema.py`` writes the file, ``python tools/schema.py --check`` only compares.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from etitle.labels import LABELS
from etitle.record.record import Record

TARGET = Path(__file__).resolve().parents[1] / "docs" / "reference" / "record.schema.json"


def schema() -> dict[str, Any]:
    """The JSON Schema of a row with English keys, Chinese keys, or a mixture."""
    made = Record.model_json_schema()
    english: dict[str, Any] = made["properties"]
    properties: dict[str, Any] = {}
    for field, entry in english.items():
        entry.pop("default", None)
        label = LABELS[field]
        properties[field] = {"title": label, **entry, "x-chinese-key": label}
    for field in english:
        properties[LABELS[field]] = {"$ref": f"#/properties/{field}"}
    either = [
        {"oneOf": [{"required": [field]}, {"required": [LABELS[field]]}]}
        for field in made["required"]
    ]
    once = [
        {"not": {"required": [field, LABELS[field]]}}
        for field in english
        if field not in made["required"]
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "etitle record",
        "description": (
            "One row for a title certificate (职称证书). Each key has an English and a Chinese "
            "spelling (附件1); a row gives each field once. The program forgives more than this "
            "schema: spaces, full-width digits, other spellings of dates, numbers for text. "
            "The rules that tie fields together (check digits, titles of a series, order of "
            "dates) are beyond a schema."
        ),
        "type": "object",
        "properties": properties,
        "allOf": [*either, *once],
        "additionalProperties": False,
    }


def main() -> int:
    """Write or compare; 1 where the file differs."""
    text = json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"
    if "--check" in sys.argv[1:]:
        same = TARGET.exists() and TARGET.read_text("utf-8") == text
        if not same:
            print(f"{TARGET} is not what tools/schema.py writes")
        return 0 if same else 1
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
