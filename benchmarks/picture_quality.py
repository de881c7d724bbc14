"""Whether bad pictures are found among good ones: ``python -m benchmarks.picture_quality PLACE [...]``.

A place is an archive of good photographs, or a folder with the IDX files of MNIST. In drawings, MNIST's and the digits
of scikit-learn, nothing should be found, be they white on black or black on white.

Of photographs, the stage's time is taken, for 2,000 of them in turn. Then a fault is planted in one in twenty, saved as
JPEG, and all are judged. It is found if such a picture has a finding of its kind; every finding of that kind in another
picture is a false alarm. The last two faults are none, and to find them is the false alarm: a small picture on a plain
ground, and one of which only the middle is in focus. Where CleanVision is installed, the same pictures are judged by
its rules.
"""

import io
import sys
import time
import zipfile
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from PIL import Image, ImageChops, ImageFilter
from sklearn.datasets import load_digits

from benchmarks.conditions import print_conditions
from stages.artifacts.originals import Originals, open_upright
from stages.fetch.sources.idx import read_folder
from stages.inspect.picture_measures import Measures, measure_all, measure_picture
from stages.inspect.picture_quality import find_flaws

SHARE, SEED, JPEG_QUALITY = 0.05, 0, 90
TIMED = 2000
# CleanVision's names for the same
NAMES = {
    "dark": "dark", "bright": "light", "blurred": "blurry", "little information": "low_information",
    "odd size": "odd_size", "odd shape": "odd_aspect_ratio",
}  # fmt: skip


class Fault(NamedTuple):
    """What is done to a picture, the kind of finding that it should give, and how."""

    name: str
    kind: str
    plant: Callable[[Image.Image], Image.Image]


def expose(factor: float) -> Callable[[Image.Image], Image.Image]:
    """Multiply all levels."""
    return lambda picture: picture.point(lambda level: min(255, round(level * factor)))


def blur(share: float) -> Callable[[Image.Image], Image.Image]:
    """Blur by a Gaussian whose standard deviation is a share of the longer side."""
    return lambda picture: picture.filter(ImageFilter.GaussianBlur(share * max(picture.size)))


def shake(picture: Image.Image) -> Image.Image:
    """Blur along a line of 1/40 of the longer side, as a moved camera does."""
    length = max(2, max(picture.size) // 40)
    moved = [np.asarray(ImageChops.offset(picture, by, 0), dtype=np.uint32) for by in range(length)]
    return Image.fromarray((sum(moved[1:], moved[0]) // length).astype(np.uint8))


def fade(picture: Image.Image) -> Image.Image:
    """Leave 3 % of the contrast, as in thick fog."""
    return Image.blend(Image.new(picture.mode, picture.size, (128,) * len(picture.getbands())), picture, 0.03)


def scale(factor: float) -> Callable[[Image.Image], Image.Image]:
    """Give a picture other sides."""
    return lambda picture: picture.resize([max(1, round(factor * side)) for side in picture.size])


def put_on_paper(picture: Image.Image) -> Image.Image:
    """Put a picture, a third as large, on a plain ground of its first pixel's colour."""
    ground = Image.new(picture.mode, picture.size, picture.getpixel((0, 0)))
    small = scale(1 / 3)(picture)
    ground.paste(small, (picture.width // 3, picture.height // 3))
    return ground


def focus_middle(picture: Image.Image) -> Image.Image:
    """Blur all but the middle ninth of a picture, as a lens that is wide open does."""
    left, top = picture.width // 3, picture.height // 3
    blurred = blur(1 / 50)(picture)
    blurred.paste(picture.crop((left, top, 2 * left, 2 * top)), (left, top))
    return blurred


FAULTS = (
    Fault("darkened to 0.4", "dark", expose(0.4)),
    Fault("darkened to 0.25", "dark", expose(0.25)),
    Fault("exposed 3 times", "bright", expose(3)),
    Fault("exposed 5 times", "bright", expose(5)),
    Fault("blurred by 1/400 of the side", "blurred", blur(1 / 400)),
    Fault("blurred by 1/200", "blurred", blur(1 / 200)),
    Fault("blurred by 1/100", "blurred", blur(1 / 100)),
    Fault("blurred by 1/50", "blurred", blur(1 / 50)),
    Fault("moved by 1/40", "blurred", shake),
    Fault("enlarged from 1/8", "blurred", lambda picture: scale(1 / 8)(picture).resize(picture.size)),
    Fault("one colour", "little information", lambda p: Image.new(p.mode, p.size, p.getpixel((0, 0)))),
    Fault("3 % of the contrast", "little information", fade),
    Fault("1/8 as large", "odd size", scale(1 / 8)),
    Fault("3 times as large", "odd size", scale(3)),
    Fault("a strip, 1/5 as wide", "odd shape", lambda p: p.crop((0, 0, p.width // 5, p.height))),
    Fault("none: small, on a plain ground", "blurred", put_on_paper),
    Fault("none: the middle in focus", "blurred", focus_middle),
)


def save(picture: Image.Image) -> Image.Image:
    """Return what a JPEG file holds of a picture."""
    file = io.BytesIO()
    picture.save(file, format="JPEG", quality=JPEG_QUALITY)
    return open_upright(file.getvalue())


def judge(measured: list[Any]) -> dict[str, set[int]]:
    """Return the rows of each kind that the stage finds."""
    found = find_flaws(pd.DataFrame(measured, columns=Measures._fields))
    return {kind: set(found.loc[found["kind"] == kind, "row"].tolist()) for kind in NAMES}


def make_cleanvision() -> Any:
    """Return the part of CleanVision that judges pictures one by one."""
    return import_module("cleanvision.issue_managers.image_property_issue_manager").ImagePropertyIssueManager()


def measure_by_cleanvision(picture: Image.Image) -> dict[str, Any]:
    """Return what CleanVision measures of a picture."""
    properties = make_cleanvision().image_properties
    return {name: number for kind in NAMES.values() for name, number in properties[kind].calculate(picture).items()}


def judge_by_cleanvision(measured: list[Any]) -> dict[str, set[int]]:
    """Return the rows of each kind that CleanVision's default rules find."""
    manager, table = make_cleanvision(), pd.DataFrame(measured)
    found = {}
    for kind, name in NAMES.items():
        rule, settings = manager.image_properties[name], manager.params[name]
        scores = rule.get_scores(table[rule.score_columns], name, **settings)
        marked = rule.mark_issue(scores, name, settings.get("threshold"))
        found[kind] = set(np.flatnonzero(marked.iloc[:, 0]).tolist())
    return found


JUDGES = {"the stage": (measure_picture, judge)} | (
    {"CleanVision": (measure_by_cleanvision, judge_by_cleanvision)} if find_spec("cleanvision") else {}
)


def time_stage(originals: Originals) -> None:
    """Print what the stage takes for many pictures."""
    start, busy = time.perf_counter(), time.process_time()
    measure_all(lambda row: originals.open(row % len(originals)), TIMED)
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    peak = getrusage(RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{TIMED:,} pictures: {seconds:.1f} s, {busy:.1f} s of all cores, highest resident set {peak:.2f} GB")


def compare(originals: Originals) -> None:
    """Print a row for each fault, with what each judge finds."""
    rng = np.random.default_rng(SEED)
    clean = {}
    for name, (measure, decide) in JUDGES.items():
        start = time.process_time()
        clean[name] = [measure(originals.open(row)) for row in range(len(originals))]
        found = {kind: len(rows) for kind, rows in sorted(decide(clean[name]).items()) if rows}
        print(f"{name}: {time.process_time() - start:.1f} s of one core; without a fault it finds {found or 'nothing'}")
    print("\n| fault | kind |" + "".join(f" {name} finds | false alarms |" for name in JUDGES))
    print("| --- | --- |" + " ---: | ---: |" * len(JUDGES))
    for fault in FAULTS:
        rows = rng.choice(len(originals), max(1, round(SHARE * len(originals))), replace=False).tolist()
        planted = {row: save(fault.plant(originals.open(row))) for row in rows}
        cells = [fault.name, fault.kind]
        for name, (measure, decide) in JUDGES.items():
            measured = list(clean[name])
            for row, picture in planted.items():
                measured[row] = measure(picture)
            marked = decide(measured)[fault.kind]
            cells += [f"{len(marked & set(rows))} of {len(rows)}", str(len(marked - set(rows)))]
        print(f"| {' | '.join(cells)} |", flush=True)


def judge_drawings(name: str, images: np.ndarray) -> None:
    """Print what is found in drawings, (n, H, W) uint8."""
    for way, drawn in (("white on black", images), ("black on white", 255 - images)):
        start, pictures = time.process_time(), [Image.fromarray(drawing) for drawing in drawn]
        found = find_flaws(measure_all(pictures.__getitem__, len(pictures)))
        print(f"{name}, {len(images):,}, {way}: {len(found)} findings, {time.process_time() - start:.1f} s of one core")


def main() -> None:
    """Judge the digits, and each place."""
    print_conditions()
    judge_drawings("digits", np.rint(load_digits().images * (255 / 16)).astype(np.uint8))
    for path in map(Path, sys.argv[1:]):
        if path.is_dir():
            judge_drawings(path.name, read_folder(path, max_unpacking=100).features.reshape(-1, 28, 28))
            continue
        with zipfile.ZipFile(path) as archive:
            ids = [name for name in archive.namelist() if not name.endswith("/")]
        print(f"{path.name}: {len(ids):,} pictures, seed {SEED}, JPEG quality {JPEG_QUALITY}", flush=True)
        originals = Originals(path, ids)
        time_stage(originals)
        compare(originals)
        print()


if __name__ == "__main__":
    main()
