"""Write the demonstration's workbook and photos: ``python -m tools.records records.xlsx``."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support.records import make_photos, make_records

if __name__ == "__main__":
    records = Path(sys.argv[1] if len(sys.argv) > 1 else "demo/records.xlsx")
    photos = records.parent / "photos"
    print(f"{make_records(records)} records, {make_photos(photos)} photos in {photos}")
