"""A folder of photographs through the whole pipeline: ``python -m benchmarks.photographs FOLDER [COUNT]``.

FOLDER holds photographs in a sub-folder for each class. Of them COUNT are made (2,000 by default), of 400×500 pixels,
each cut out and mirrored at random. It clones this repository, has it clean them with the features of
EfficientNet-Lite0 at 224 pixels, which comes out of a package (`tests.pretrained`), and runs `dvc repro`; then it adds
50 and runs it again. The times and the memory, of all processes together, are taken as in `benchmarks.pipeline_time`.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import yaml
from PIL import ImageOps

from benchmarks.conditions import print_conditions
from benchmarks.pipeline_time import run_pipeline
from benchmarks.workplace import ROOT
from stages.artifacts.originals import open_upright
from tests.pretrained import OPERATORS, declare_operators, write_lite0

COUNT, ADDED, SIZE = 2000, 50, (400, 500)


def write_photographs(sources: list[Path], folder: Path, numbers: range) -> None:
    """Write photographs cut out of others, into a sub-folder for each class."""
    for number in numbers:
        rng, source = np.random.default_rng(number), sources[number % len(sources)]
        picture = open_upright(source.read_bytes()).convert("RGB")
        left, top = (int(rng.integers(0, length // 5 + 1)) for length in picture.size)
        part = picture.crop((left, top, picture.width - left // 2, picture.height - top // 2)).resize(SIZE)
        target = folder / source.parent.name / f"{number:05}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        (ImageOps.mirror(part) if rng.random() < 0.5 else part).save(target, quality=90)


def clone_for(photographs: Path, lite0: Path, folder: Path) -> None:
    """Clone this repository and have it clean the photographs."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    block = {"fetch": {"sources": [f"images:{photographs}"]}, "embed": {"source": f"timm:{lite0}"}}
    (folder / "params.yaml").write_text(
        yaml.safe_dump({"datasets": ["photos"], "audited": [], "compared": [], "photos": block}), encoding="utf-8"
    )


def print_run(name: str, began: dict[str, float], peak: float) -> None:
    """Print how long each stage took, all together, and the memory."""
    times = list(began.values())
    stages = ", ".join(f"{stage} {end - start:.0f}" for stage, start, end in zip(began, times, times[1:], strict=False))
    print(f"{name}: {times[-1]:.0f} s ({stages}); memory {peak / 1e9:.2f} GB", flush=True)


def main(source: Path, count: int) -> None:
    """Make the photographs, run the pipeline twice, and print what it took."""
    declare_operators()
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(OPERATORS), os.environ.get("PYTHONPATH")]))
    sources = sorted(path for path in source.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    with tempfile.TemporaryDirectory() as name:
        folder, clone = Path(name) / "photos", Path(name) / "clone"
        write_photographs(sources, folder, range(count))
        clone_for(folder, write_lite0(Path(name) / "lite0"), clone)
        print_run(f"{count:,} photographs", *run_pipeline(clone))
        data = clone / "data/photos"
        for part in ("raw", "prepared", "features", "kept_features"):
            size = sum(path.stat().st_size for path in (data / part).rglob("*") if path.is_file())
            print(f"data/photos/{part}: {size / 1e6:.1f} MB")
        write_photographs(sources, folder, range(count, count + ADDED))
        print_run(f"{ADDED} more", *run_pipeline(clone))


if __name__ == "__main__":
    print_conditions()
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else COUNT)
