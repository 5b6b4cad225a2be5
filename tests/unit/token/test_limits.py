"""Limits of codes and pictures are those of the specification."""

from __future__ import annotations

from types import ModuleType

import pytest

from etitle.token import (
    copied,
    draw,
    frame,
    kinds,
    pages,
    pdfium,
    read,
    text,
)


@pytest.mark.parametrize(
    ("module", "name", "value"),
    [
        (copied, "MAX_COPIED_CHARS", 65_536),
        (copied, "MAX_DROPPED", 3),
        (copied, "MIN_CUT_DIGITS", 30),
        (draw, "MAX_MODULE_PX", 64),
        (draw, "MODULE_PX", 8),
        (draw, "QUIET_MODULES", 4),
        (frame, "CURRENT_DICTIONARY", 1),
        (frame, "MAX_FRAME_BYTES", 1124),
        (frame, "MIN_FRAME_BYTES", 70),
        (kinds, "HEADER_BYTES", 1024),
        (pages, "CLOSE_DPI", 300),
        (pages, "LOOK_DPI", 150),
        (pages, "MAX_PDF_PAGES", 50),
        (read, "MAX_DECODED_BYTES", 250_000_000),
        (read, "MAX_JPEG_SCANS", 100),
        (read, "MAX_PAGES", 20),
        (read, "MAX_PICTURE_BYTES", 67_108_864),
        (read, "MAX_PIXELS", 50_000_000),
        (text, "MAX_DIGITS", 2720),
        (text, "MAX_TEXT_CHARS", 8192),
        (text, "MIN_BARE_DIGITS", 150),
    ],
)
def test_a_limit_is_that_of_the_specification(module: ModuleType, name: str, value: object) -> None:
    assert getattr(module, name) == value


@pytest.mark.parametrize(
    "name", ["OCProperties", "OCPropert#69es", "#4fCProperties", "o#43", "Obj#53tm", "ObjStm",
             "Encrypt", "#2F", "A#aFb"],
)  # fmt: skip
def test_a_name_that_may_speak_of_layers_is_found_however_it_is_spelled(name: str) -> None:
    assert pdfium._LAYERS.search(f"<< /{name} 1 >>".encode())


@pytest.mark.parametrize("name", ["Font", "A#6z", "A#", "OC", "Object", "1#41"])
def test_other_names_speak_of_none(name: str) -> None:
    assert not pdfium._LAYERS.search(f"<< /{name} #41 >>".encode())
