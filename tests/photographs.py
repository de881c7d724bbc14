"""Pictures in files of every kind that people have, and a data set of them as `find_issues` leaves it."""

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from stages.artifacts.files import write_json
from stages.artifacts.kind import write_kind
from tests.review import make_artifacts

# four colours, so that a turn is seen, and so large that JPEG keeps them
COLOURS = np.array([[[250, 20, 30], [20, 200, 40]], [[30, 40, 220], [240, 240, 60]]], np.uint8)
UPRIGHT = COLOURS.repeat(48, axis=0).repeat(64, axis=1)
SHADES = np.tile(np.linspace(0, 255, 64).astype(np.uint8), (48, 1))
# what a viewer does with a file that has the tag
TURNS: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    2: np.fliplr, 3: lambda pixels: np.rot90(pixels, 2), 4: np.flipud, 5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: np.rot90(pixels, -1), 7: lambda pixels: np.rot90(pixels, 2).swapaxes(0, 1), 8: np.rot90,
}  # fmt: skip


def save(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """Return the file of a picture."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def make_files() -> dict[str, tuple[bytes, np.ndarray]]:
    """Return a file of each kind, by what it is, and what a person sees in it, (H, W) or (H, W, 3) uint8."""
    colour, grey = Image.fromarray(UPRIGHT), Image.fromarray(SHADES)
    deep = Image.fromarray(SHADES.astype(np.uint16) * 257)
    few = colour.quantize(4)
    first, second = colour, Image.fromarray(255 - UPRIGHT)
    wide, flat = Image.fromarray(np.tile(SHADES[:20], (1, 157))[:, :10_000]), Image.fromarray(SHADES[:1])
    seen: dict[str, tuple[bytes, np.ndarray]] = {
        "jpeg": (save(colour, "JPEG"), UPRIGHT),
        "progressive": (save(colour, "JPEG", progressive=True), UPRIGHT),
        "grey jpeg": (save(grey, "JPEG"), SHADES),
        "mpo": (save(first, "MPO", save_all=True, append_images=[second]), UPRIGHT),
        "cmyk jpeg": (save(colour.convert("CMYK"), "JPEG"), UPRIGHT),
        "cmyk tiff": (save(colour.convert("CMYK"), "TIFF"), UPRIGHT),
        "tiff": (save(colour, "TIFF"), UPRIGHT),
        "bmp": (save(colour, "BMP"), UPRIGHT),
        "png": (save(colour, "PNG"), UPRIGHT),
        "16 bit png": (save(deep, "PNG"), SHADES),
        "16 bit tiff": (save(deep, "TIFF"), SHADES),
        "1 bit": (save(Image.fromarray(SHADES > 127), "PNG"), (SHADES > 127).astype(np.uint8) * 255),
        "palette": (save(few, "PNG"), UPRIGHT),
        "palette with a transparent colour": (save(few, "PNG", transparency=few.getpixel((0, 0))), _without_corner()),
        "transparent": (save(_make_transparent(colour), "PNG"), _without_corner()),
        "transparent webp": (save(_make_transparent(colour), "WEBP", lossless=True), _without_corner()),
        "animated gif": (save(first, "GIF", save_all=True, append_images=[second]), UPRIGHT),
        "animated webp": (save(first, "WEBP", save_all=True, append_images=[second], lossless=True), UPRIGHT),
        "animated png": (save(first, "PNG", save_all=True, append_images=[second]), UPRIGHT),
        "1 pixel high": (save(flat, "PNG"), SHADES[:1]),
        "wide": (save(wide, "PNG"), np.asarray(wide)),
        "wide jpeg": (save(wide, "JPEG"), np.asarray(wide)),
    }
    for turn, view in TURNS.items():
        exif = Image.Exif()
        exif[0x0112] = turn
        for kind in ("JPEG", "PNG", "TIFF"):
            seen[f"turned {turn}, {kind}"] = (save(colour, kind, exif=exif), np.ascontiguousarray(view(UPRIGHT)))
    return seen


def _make_transparent(colour: Image.Image) -> Image.Image:
    alpha = np.full(UPRIGHT.shape[:2], 255, np.uint8)
    alpha[:48, :64] = 0
    seen = colour.copy()
    seen.putalpha(Image.fromarray(alpha))
    return seen


def _without_corner() -> np.ndarray:
    pixels = UPRIGHT.copy()
    pixels[:48, :64] = 0
    return pixels


def make_photographs(folder: Path, files: Mapping[str, bytes], n_flagged: int = 20) -> Path:
    """Make a data set called digits whose rows are these files, without an array of pixels; the first are flagged."""
    make_artifacts(folder, ["cat", "dog"], len(files), n_flagged=min(len(files), n_flagged))
    data = folder / "data/digits"
    (data / "prepared/rows.csv").unlink()
    write_kind(data / "prepared", "picture")
    (data / "raw").mkdir()
    with zipfile.ZipFile(data / "raw/pictures.zip", "w") as archive:
        for row, content in enumerate(files.values()):
            archive.writestr(f"row-{row}", content)
    return folder


def see_with_a_network(folder: Path, n_rows: int) -> None:
    """Leave what `preprocess` does if a network is trained on pixels: small pictures, and how they were made."""
    prepared = folder / "data/digits/prepared"
    np.save(prepared / "images.npy", np.random.default_rng(0).integers(0, 256, (n_rows, 3, 8, 8), dtype=np.uint8))
    write_json(prepared / "fitted.json", {"fit": "resize"})
