"""How many planted near-copies and foreign pictures `inspect` finds, by pixels and by pretrained features.

``python -m benchmarks.planted_pictures FOLDER FOLDER``: each folder holds pictures, in a sub-folder for each class. Of
each, `ORIGINALS` pictures get a copy for each of `CHANGES`. Prints how many of the copies are nearly the same as
something of their family, and how many other pairs are found; how many of the `FOREIGN` pictures out of the other
folder are outliers, and how many of its own, each a mean over `DRAWS` draws; and how many of the six nearest rows have
the same label. The network comes out of a package (`tests.pretrained`), at 128 pixels, on one core.
"""

import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

from benchmarks.conditions import print_conditions
from stages.artifacts.originals import open_upright
from stages.artifacts.pictures import COMPARED
from stages.embed.pretrained import Network, load_network
from stages.inspect.duplicates import NEAR, NEAR_PICTURES, find_pairs
from stages.inspect.features import to_unit
from stages.inspect.neighbours import find_neighbours
from stages.inspect.outliers import NEIGHBOURS, average_distances, flag_outliers
from tests.pretrained import declare_operators, write_lite0

ORIGINALS, FOREIGN, DRAWS, NEAREST, SIZE = 12, 5, 8, 6, 128
VIEWS = {"pixels": ("euclidean", NEAR), "pretrained": ("cosine", NEAR_PICTURES)}


def save_jpeg(picture: Image.Image) -> Image.Image:
    """Save as a JPEG of low quality, and read again."""
    buffer = io.BytesIO()
    picture.save(buffer, format="JPEG", quality=25)
    return open_upright(buffer.getvalue())


def crop(picture: Image.Image) -> Image.Image:
    """Cut a tenth off each side."""
    width, height = picture.size
    return picture.crop((width // 10, height // 10, width - width // 10, height - height // 10))


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "JPEG, quality 25": save_jpeg,
    "half the size": lambda picture: picture.resize((picture.width // 2, picture.height // 2)),
    "brighter by a fifth": lambda picture: ImageEnhance.Brightness(picture).enhance(1.2),
    "mirrored": ImageOps.mirror,
    "turned by 5 degrees": lambda picture: picture.rotate(5, Image.Resampling.BICUBIC),
    "a tenth cut off each side": crop,
}


class Pictures(NamedTuple):
    """The pictures of a folder: their files, the names of their classes, and their vectors by each of `VIEWS`."""

    files: list[bytes]
    labels: np.ndarray
    views: dict[str, np.ndarray]


def read_pictures(folder: Path, network: Network) -> Pictures:
    """Read a folder and embed it."""
    paths = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in Image.registered_extensions()]
    files = [path.read_bytes() for path in paths]
    return Pictures(files, np.array([path.parent.name for path in paths]), embed(files, network))


def embed(files: list[bytes], network: Network) -> dict[str, np.ndarray]:
    """Return the vectors of pictures by each of `VIEWS`."""
    small = [open_upright(file).convert("RGB").resize((COMPARED, COMPARED), Image.Resampling.BOX) for file in files]
    pixels = np.stack([np.asarray(each, np.float32).ravel() / 255 for each in small])
    return {"pixels": pixels, "pretrained": to_unit(load_network(network).encode(files))}


def find_copies(own: Pictures, network: Network) -> dict[str, dict[str, int]]:
    """Return by each way to compare how many copies of each change are found, and how many other pairs."""
    originals = np.random.default_rng(0).permutation(len(own.files))[:ORIGINALS]
    copies = [
        to_png(change(open_upright(own.files[row]).convert("RGB"))) for change in CHANGES.values() for row in originals
    ]
    views, n_own = embed(copies, network), len(own.files)
    family = np.concatenate([np.arange(n_own), np.tile(originals, len(CHANGES))])
    found = {}
    for name, (metric, near) in VIEWS.items():
        neighbours, distances = find_neighbours(np.concatenate([own.views[name], views[name]]), NEIGHBOURS, metric)
        pairs = find_pairs(neighbours, distances, near)
        same = family[pairs.first] == family[pairs.second]
        members = np.concatenate([pairs.first[same], pairs.second[same]])
        by_change = {
            change: int(np.isin(n_own + ORIGINALS * number + np.arange(ORIGINALS), members).sum())
            for number, change in enumerate(CHANGES)
        }
        found[name] = by_change | {"other pairs": int((~same).sum())}
    return found


def find_foreign(own: Pictures, others: Pictures) -> dict[str, list[str]]:
    """Return by each way how many foreign pictures are outliers, how many others, and how often neighbours agree."""
    said = {}
    for name, (metric, _) in VIEWS.items():
        counts = []
        for draw in range(DRAWS):
            drawn = np.random.default_rng(draw).permutation(len(others.files))[:FOREIGN]
            vectors = np.concatenate([own.views[name], others.views[name][drawn]])
            neighbours, distances = find_neighbours(vectors, NEIGHBOURS, metric)
            flagged = flag_outliers(average_distances(neighbours, distances, np.ones(len(vectors), int)), metric)[1]
            counts.append((flagged[-FOREIGN:].sum(), flagged[:-FOREIGN].sum()))
        nearest, _ = find_neighbours(own.views[name], NEAREST, metric)
        foreign, rest = np.mean(counts, axis=0)
        same = (own.labels[nearest] == own.labels[:, None]).mean()
        said[name] = [f"{foreign:.1f}", f"{rest:.1f}", f"{same:.2f}"]
    return said


def to_png(picture: Image.Image) -> bytes:
    """Encode without loss."""
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG", compress_level=1)
    return buffer.getvalue()


def main(folders: list[Path]) -> None:
    """Print both tables."""
    declare_operators()
    with tempfile.TemporaryDirectory() as name:
        network = Network("stages.embed.sources.timm", str(write_lite0(Path(name) / "lite0")), SIZE, "cpu")
        pictures = [read_pictures(folder, network) for folder in folders]
        print(f"| compared by | {' | '.join(CHANGES)} | other pairs |\n| --- |{' ---: |' * (len(CHANGES) + 1)}")
        for folder, own in zip(folders, pictures, strict=True):
            for way, found in find_copies(own, network).items():
                print(f"| {folder.name}, {way} | {' | '.join(map(str, found.values()))} |", flush=True)
    print(f"\n| compared by | foreign outliers of {FOREIGN} | others flagged | same label among {NEAREST} nearest |")
    print("| --- | ---: | ---: | ---: |")
    for folder, own, others in zip(folders, pictures, pictures[::-1], strict=True):
        for way, cells in find_foreign(own, others).items():
            print(f"| {folder.name}, {way} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    print_conditions()
    main([Path(argument) for argument in sys.argv[1:]])
