"""Limits of a table that comes from outside, each with its unit and its source.

They bound time and memory, not taste: a file at every limit is still read in seconds, within
200 MB.  "Excel" stands for the published limits of Excel's specification.
"""

from __future__ import annotations

from typing import Final

MAX_FILE_BYTES: Final = 1 << 25
"""Bytes of a file; a workbook of 50,000 records takes about 6 MB."""

MAX_PARTS: Final = 2000
"""Members of the zip; each picture and each sheet is one."""

MAX_DIRECTORY_BYTES: Final = 1 << 19
"""Bytes of the zip's central directory: ``MAX_PARTS`` members with names of 200 bytes."""

MAX_INFLATED_BYTES: Final = 1 << 28
"""Bytes of all members together when inflated."""

MAX_SHEET_BYTES: Final = 1 << 27
"""Bytes of a sheet, or of the shared strings, when inflated; 100,000 rows of 12 take 55 MB."""

MAX_PART_BYTES: Final = 1 << 24
"""Bytes of any other part that is parsed (styles, relationships) when inflated."""

MAX_RATIO: Final = 200
"""Inflated to deflated size of a part that is parsed.

Measured: 12 for formatted empty cells, 13 for filled ones, 21 for formatted empty rows, and 680
for bombs, which repeat one element.
"""

RATIO_FROM_BYTES: Final = 1 << 20
"""Inflated bytes from which ``MAX_RATIO`` holds; a small part may be as regular as it likes."""

MAX_TAGS: Final = 12_000_000
"""Tags of the parts that are parsed: 100,000 rows of 25 filled cells, 5 seconds."""

MAX_EMPTY_CELLS: Final = 1_000_000
"""Cells of a sheet that have a format and no value: 65,536 rows of 15."""

MAX_EMPTY_ROWS: Final = 1 << 19
"""Rows of a sheet that have a format and no value: half of a sheet."""

MAX_OTHER_ELEMENTS: Final = 1_000_000
"""Elements of a sheet that are neither rows nor cells nor values: merged cells, links, rules."""

MAX_CELL_ELEMENTS: Final = 8
"""Elements within a cell that are not counted as others; rich text may have more."""

MAX_TOKEN_BYTES: Final = 1 << 20
"""Bytes of one tag; the longest that Excel writes has some hundred."""

MAX_DEPTH: Final = 64
"""Elements within each other; a sheet has about ten."""

MAX_SHEETS: Final = 1000
"""Sheets of a workbook."""

MAX_STYLES: Final = 65_490
"""Cell styles of a workbook (Excel)."""

MAX_STRINGS: Final = 1_000_000
"""Shared strings of a workbook, which stand in memory: 100,000 rows with ten of their own."""

MAX_STRINGS_CHARS: Final = 32_000_000
"""Characters of all shared strings; two bytes each in memory for Chinese."""

MAX_SHEET_ROWS: Final = 1 << 20
"""Rows of a sheet (Excel)."""

MAX_SHEET_COLUMNS: Final = 1 << 14
"""Columns of a sheet (Excel)."""

MAX_CELL_CHARS: Final = 32_767
"""Characters of a cell (Excel)."""

MAX_COLUMNS: Final = 256
"""Columns that are read unless the caller sets another limit; values beyond are reported."""

PIECE_BYTES: Final = 1 << 16
"""Bytes that are inflated and parsed at a time."""

EXACT_DIGITS: Final = 15
"""Decimal digits that a spreadsheet's number keeps; the others become zeros (Excel)."""
