"""The stages of dvc.yaml: in which order a data set's run, which follow from which, and which read the decisions."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from stages.command.errors import InputError

PIPELINE_FILE = Path("dvc.yaml")
DATASETS = "${datasets}"
ITEM = "${item}"
DECISIONS = PurePosixPath("data") / ITEM / "decisions.csv"
# the last stage, on which `dvc repro` makes all others
LAST = "report"
# the first stage that reads decisions; what follows from these follows from it
DECIDED = "split"


@dataclass(frozen=True)
class Stage:
    """A stage's name, and what it reads and writes, with `ITEM` for the data set."""

    name: str
    deps: tuple[PurePosixPath, ...]
    outs: tuple[PurePosixPath, ...]

    @property
    def reads_decisions(self) -> bool:
        """Whether the decisions change what it gives."""
        return DECISIONS in self.deps

    def follows(self, other: "Stage") -> bool:
        """Say whether it reads what another stage writes."""
        return any(_overlap(dep, out) for dep in self.deps for out in other.outs)


def read_stages() -> list[Stage]:
    """Return the stages that every data set has, in about the order in which they run.

    Raises
    ------
    InputError
        If dvc.yaml is missing or damaged.
    """
    try:
        stages = yaml.safe_load(PIPELINE_FILE.read_text(encoding="utf-8"))["stages"]
        own = {name: stage["do"] for name, stage in stages.items() if stage.get("foreach") == DATASETS}
        # the file is written from the last stage to the first
        return [_to_stage(name, stage) for name, stage in reversed(own.items())]
    except FileNotFoundError:
        raise InputError(f"{PIPELINE_FILE}: not found; run the command from the repository's root") from None
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{PIPELINE_FILE}: damaged ({' '.join(str(error).split())})") from None


def list_following(stages: list[Stage], name: str) -> list[Stage]:
    """Return the stages that follow from one, and that one."""
    found = [stage for stage in stages if stage.name == name]
    for stage in found:
        found += [other for other in stages if other not in found and other.follows(stage)]
    return [stage for stage in stages if stage in found]


def _to_stage(name: str, stage: dict[str, Any]) -> Stage:
    outs = [out for kind in ("outs", "metrics", "plots") for out in stage.get(kind, [])]
    return Stage(name, *(tuple(map(_to_path, paths)) for paths in (stage.get("deps", []), outs)))


def _to_path(path: Any) -> PurePosixPath:
    """Return a path that may have settings."""
    return PurePosixPath(path if isinstance(path, str) else next(iter(path)))


def _overlap(one: PurePosixPath, other: PurePosixPath) -> bool:
    return one == other or one in other.parents or other in one.parents
