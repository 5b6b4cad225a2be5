"""What print, scanner and phone do to a QR code: sixteen degradations, each seeded.

``photograph`` is the undamaged starting point: a symbol printed at 25 mm and scanned at 300 dpi
(about 5 pixels a module), grey ink on grey paper, off the pixel grid, with the softness of a
lens.  Each degradation takes such a picture and a seed and returns another, the same each time.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Final

import numpy as np
from PIL import Image, ImageFilter

SCAN_DPI: Final = 300
PRINT_MM: Final = 25.0
"""Width of the printed symbol without its quiet zone."""

_INK: Final = 35
_PAPER: Final = 225
_SUPERSAMPLE: Final = 4
_MARGIN_PX: Final = 40
"""Paper around the symbol on each side, quiet zone included."""

Degradation = Callable[[Image.Image, int], Image.Image]


def photograph(png: bytes, seed: int, *, quiet_modules: int = 4) -> Image.Image:
    """A drawn symbol as an office scanner sees it at 25 mm and 300 dpi.

    Args:
        png: as drawn: a symbol with ``quiet_modules`` of white around it.
        seed: decides where the symbol falls on the pixel grid, and the sensor's noise.
        quiet_modules: white modules on each side.
    """
    random = np.random.default_rng(seed)
    drawn = Image.open(io.BytesIO(png)).convert("L")
    box = drawn.point(lambda level: 255 - level).getbbox()
    assert box is not None
    module_px = box[0] / quiet_modules
    assert module_px == int(module_px)
    side_px = PRINT_MM / 25.4 * SCAN_DPI
    fine = round(side_px * _SUPERSAMPLE)
    symbol = drawn.crop(box).resize((fine, fine), Image.Resampling.BOX)
    page_px = round(side_px) + 2 * _MARGIN_PX
    page = Image.new("L", (page_px * _SUPERSAMPLE, page_px * _SUPERSAMPLE), 255)
    offset = _MARGIN_PX * _SUPERSAMPLE + random.integers(0, _SUPERSAMPLE, 2)
    page.paste(symbol, (int(offset[0]), int(offset[1])))
    page = page.resize((page_px, page_px), Image.Resampling.BOX)
    page = page.filter(ImageFilter.GaussianBlur(0.5))
    levels = _INK + np.asarray(page, float) / 255 * (_PAPER - _INK)
    return _picture(levels + random.normal(0, 3, levels.shape))


def _picture(levels: np.ndarray) -> Image.Image:
    return Image.fromarray(np.clip(np.rint(levels), 0, 255).astype(np.uint8))


def _blur(radius_px: float) -> Degradation:
    def degrade(picture: Image.Image, seed: int) -> Image.Image:
        blurred = picture.filter(ImageFilter.GaussianBlur(radius_px))
        return _noise(3)(blurred, seed)

    return degrade


def _motion(length_px: int) -> Degradation:
    """A hand that moved straight on while the shutter was open."""

    def degrade(picture: Image.Image, seed: int) -> Image.Image:
        angle = np.random.default_rng(seed).uniform(0, np.pi)
        levels = np.asarray(picture, float)
        steps = np.linspace(-length_px / 2, length_px / 2, 2 * length_px + 1)
        total = np.zeros_like(levels)
        for step in steps:
            shift = (1, 0, step * np.cos(angle), 0, 1, step * np.sin(angle))
            moved = picture.transform(
                picture.size,
                Image.Transform.AFFINE,
                shift,
                Image.Resampling.BILINEAR,
                fillcolor=_PAPER,
            )
            total += np.asarray(moved, float)
        return _noise(3)(_picture(total / len(steps)), seed)

    return degrade


def _noise(deviation: float) -> Degradation:
    """Gaussian sensor noise; ``deviation`` in grey levels of 255."""

    def degrade(picture: Image.Image, seed: int) -> Image.Image:
        levels = np.asarray(picture, float)
        return _picture(levels + np.random.default_rng(seed).normal(0, deviation, levels.shape))

    return degrade


def _specks(share: float) -> Degradation:
    """Dust and drop-outs: that share of the pixels turns black or white."""

    def degrade(picture: Image.Image, seed: int) -> Image.Image:
        random = np.random.default_rng(seed)
        levels = np.array(picture)
        hit = random.random(levels.shape) < share
        levels[hit] = random.integers(0, 2, int(hit.sum())) * 255
        return _picture(levels)

    return degrade


def _perspective(strength: float) -> Degradation:
    """A sheet photographed aslant: two corners move in by up to ``strength`` of the side."""

    def degrade(picture: Image.Image, seed: int) -> Image.Image:
        random = np.random.default_rng(seed)
        w, h = picture.size
        corners = np.array([(0, 0), (w, 0), (w, h), (0, h)], float)
        pulls = random.uniform(0.2, 1, (4, 2)) * strength * w
        pulls[int(random.integers(0, 4))] *= 2
        inward = np.sign(np.array([w / 2, h / 2]) - corners)
        targets = corners + inward * pulls + w * strength  # onto a larger canvas
        size = (round(w * (1 + 2 * strength)), round(h * (1 + 2 * strength)))
        return picture.transform(
            size,
            Image.Transform.PERSPECTIVE,
            _homography(targets, corners),
            Image.Resampling.BICUBIC,
            fillcolor=_PAPER,
        )

    return degrade


def _homography(sources: np.ndarray, targets: np.ndarray) -> list[float]:
    """The eight numbers that take each source point to its target."""
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(sources.tolist(), targets.tolist(), strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    return [float(value) for value in np.linalg.solve(np.array(rows), targets.ravel())]


def _rotate(picture: Image.Image, seed: int) -> Image.Image:
    """Laid on the glass any way round."""
    angle = float(np.random.default_rng(seed).uniform(0, 360))
    return picture.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=_PAPER)


def _jpeg(quality: int) -> Degradation:
    def degrade(picture: Image.Image, seed: int) -> Image.Image:
        del seed  # nothing is left to chance
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=quality)
        return Image.open(file).convert("L")

    return degrade


def _small(print_mm: float, dpi: float) -> Degradation:
    """The same symbol printed smaller and scanned more coarsely."""

    def degrade(picture: Image.Image, seed: int) -> Image.Image:
        scale = print_mm * dpi / (PRINT_MM * SCAN_DPI)
        size = (round(picture.width * scale), round(picture.height * scale))
        return _noise(3)(picture.resize(size, Image.Resampling.BOX), seed)

    return degrade


def _shade(depth: float) -> Degradation:
    """A shadow across the page: light falls by ``depth`` from one side to the other."""

    def degrade(picture: Image.Image, seed: int) -> Image.Image:
        angle = np.random.default_rng(seed).uniform(0, 2 * np.pi)
        levels = np.asarray(picture, float)
        y, x = np.mgrid[0 : 1 : levels.shape[0] * 1j, 0 : 1 : levels.shape[1] * 1j] - 0.5
        along = (x * np.cos(angle) + y * np.sin(angle)) / np.sqrt(2) + 0.5
        return _picture(levels * (1 - depth * along))

    return degrade


def _pale(contrast: float) -> Degradation:
    """A copy of a copy: ink and paper close together, and the sensor's noise unchanged."""

    def degrade(picture: Image.Image, seed: int) -> Image.Image:
        levels = 150 + (np.asarray(picture, float) - 128) * contrast
        return _noise(3)(_picture(levels), seed)

    return degrade


def _occlude(share: float) -> Degradation:
    """A stain or sticker over that share of the symbol, clear of the three finder patterns."""

    def degrade(picture: Image.Image, seed: int) -> Image.Image:
        random = np.random.default_rng(seed)
        levels = np.array(picture, float)
        side = picture.width - 2 * _MARGIN_PX
        patch = round(side * share**0.5)
        # Below and right of the finder patterns and the format bits: the first 9 of 57 modules.
        first, last = _MARGIN_PX + round(side * 9 / 57), _MARGIN_PX + side - patch
        left, top = (int(value) for value in random.integers(first, last + 1, 2))
        levels[top : top + patch, left : left + patch] = random.integers(60, 200)
        return _picture(levels)

    return degrade


def _handheld(picture: Image.Image, seed: int) -> Image.Image:
    """A quick phone photo in poor light: aslant, turned, soft, shaded, noisy, compressed."""
    steps = (_rotate, _perspective(0.05), _blur(1.3), _shade(0.4), _noise(12), _jpeg(30))
    for step in steps:
        picture = step(picture, seed)
    return picture


def _photocopy(picture: Image.Image, seed: int) -> Image.Image:
    """A pale photocopy at 20 mm, scanned at 200 dpi, stained and compressed."""
    steps = (_occlude(0.03), _pale(0.4), _blur(0.8), _small(20, 200), _jpeg(40))
    for step in steps:
        picture = step(picture, seed)
    return picture


DEGRADATIONS: Final[dict[str, Degradation]] = {
    "blur 2.2 px": _blur(2.2),
    "blur 2.8 px": _blur(2.8),
    "motion 8 px": _motion(8),
    "gaussian noise": _noise(70),
    "salt and pepper": _specks(0.25),
    "perspective": _perspective(0.12),
    "rotation": _rotate,
    "jpeg quality 5": _jpeg(5),
    "15 mm at 150 dpi": _small(15, 150),
    "shade": _shade(0.85),
    "low contrast": _pale(0.08),
    "occlusion 3 %": _occlude(0.03),
    "occlusion 6 %": _occlude(0.06),
    "occlusion 9 %": _occlude(0.09),
    "handheld": _handheld,
    "photocopy": _photocopy,
}
"""Name -> degradation; each takes what ``photograph`` returns."""
