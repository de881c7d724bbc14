"""Runs stages on other labels, beside the data set and away from its results."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from stages.command.errors import InputError
from stages.command.params import read_block
from stages.command.parent import BY_STDIN

ROOT = Path(__file__).parents[2]
# what stands before the name, or the folder, of a pretrained network that is trained further
FINE_TUNED = "timm:"


@contextmanager
def open_workplace(
    prepared: Path, dataset: str, labels: np.ndarray, kept: Path | None = None, place: Path | None = None
) -> Iterator[Path]:
    """Make a temporary repository's folder in which a data set has other labels, and yield it.

    Parameters
    ----------
    prepared : Path
        The folder that `preprocess` left, whose other files are linked and not copied, as are beside it the folders of
        `embed` and `fetch`.
    dataset : str
        The data set's name.
    labels : ndarray of shape (n,), int64
        The labels that it shall have.
    kept : Path, optional
        The folder in which finished folds are kept. Without it they are lost with the workplace.
    place : Path, optional
        A folder to make it in, which the next run removes if this one is killed.
    """
    with tempfile.TemporaryDirectory(dir=place and place.absolute()) as name:
        folder = Path(name) / "data" / dataset / "prepared"
        folder.mkdir(parents=True)
        for file in prepared.iterdir():
            if file.name != "labels.npy":
                (folder / file.name).symlink_to(file.resolve())
        np.save(folder / "labels.npy", labels)
        for beside in ("features", "raw"):
            (folder.parent / beside).symlink_to(prepared.with_name(beside).resolve())
        if kept:
            kept.mkdir(parents=True, exist_ok=True)
            (folder.parent / "kept").symlink_to(kept.resolve())
        # a class of the user's own must be listed there
        (Path(name) / "dvc.yaml").symlink_to(ROOT / "dvc.yaml")
        yield Path(name)


def read_training(dataset: str, labels: str, listed: str) -> dict[str, Any]:
    """Return the sections by which folds are dealt and models trained, on the labels that the workplace has.

    Parameters
    ----------
    dataset : str
        The data set's name.
    labels : str
        What these labels are, for the message: ``flipped``.
    listed : str
        The list of params.yaml that asks for it.

    Raises
    ------
    InputError
        If the probabilities are from elsewhere.
    """
    block = read_block(dataset)
    sections = {name: block.get(name) or {} for name in ("split", "crossval_predict")}
    if sections["crossval_predict"].get("pred_probs"):
        raise InputError(
            f"params.yaml: {dataset}.crossval_predict.pred_probs: probabilities from elsewhere cannot be predicted "
            f"anew from {labels} labels; take {dataset} out of `{listed}`"
        )
    predict = {key: _by_path(value) if key == "model" else value for key, value in sections["crossval_predict"].items()}
    return {"split": {**sections["split"], "labels": "given"}, "crossval_predict": predict}


def _by_path(model: Any) -> Any:
    """Return what is trained, the folder of a pretrained network by its whole path: a workplace lies elsewhere."""
    if isinstance(model, list):
        return [_by_path(member) for member in model]
    if isinstance(model, dict):
        return {**model, "model": _by_path(model.get("model"))}
    folder = Path(str(model).removeprefix(FINE_TUNED)).expanduser()
    is_folder = str(model).startswith(FINE_TUNED) and folder.is_dir()
    return f"{FINE_TUNED}{folder.absolute()}" if is_folder else model


def run_stages(folder: Path, dataset: str, sections: dict[str, Any], stages: Sequence[str], what: str) -> None:
    """Run stages one after the other by these sections of params.yaml, and pass on what they print.

    Parameters
    ----------
    folder : Path
        As `open_workplace` yields it.
    dataset : str
        The data set's name.
    sections : dict
        Its sections of params.yaml.
    stages : sequence of str
        Their names.
    what : str
        What is unlike the data set's own run, for the message: ``with labels flipped on purpose``.

    Raises
    ------
    InputError
        With what a stage says, if it fails.
    """
    write_block(folder, dataset, sections)
    for stage in stages:
        # with its end of the pipe, whatever ends this process ends the stage
        env = {**os.environ, BY_STDIN: "1"}
        with start_stage(folder, stage, dataset, env, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stderr is not None
            said = process.stderr.read().strip().splitlines()
            process.wait()
        if process.returncode:
            raise InputError(f"{what}: {said[-1] if said else f'{stage} failed'}")


def write_block(folder: Path, dataset: str, sections: dict[str, Any]) -> None:
    """Write a params.yaml that holds these sections of a data set alone."""
    (folder / "params.yaml").write_text(yaml.safe_dump({dataset: sections}), encoding="utf-8")


def start_stage(
    folder: Path,
    stage: str,
    dataset: str,
    env: Mapping[str, str] = os.environ,
    stdin: int | None = None,
    stdout: int | None = None,
    stderr: int | None = None,
) -> subprocess.Popen[str]:
    """Start one of this repository's stages in another folder; what it prints goes as `subprocess.Popen` has it."""
    paths = [str(ROOT), *filter(None, [env.get("PYTHONPATH")])]
    command = [sys.executable, "-m", f"stages.{stage}", dataset]
    env = {**env, "PYTHONPATH": os.pathsep.join(paths)}
    return subprocess.Popen(command, cwd=folder, env=env, stdin=stdin, stdout=stdout, stderr=stderr, text=True)
