"""What `compare` says of MNIST, beside the truth: ``REAL_DATA=/folder python -m benchmarks.compared [ROWS]``.

Of so many of MNIST's training rows, 20,000 by default, 5 % get a wrong label, hard rows rather, the likeliest other
class. The pipeline flags rows; a person who makes no mistake decides on these, and on 1,000 rows that a certificate
draws from the others. The stage itself then says what that gained. Beside it stands what it says if all wrong labels
are mended, and what both gain on MNIST's own 10,000 test rows, which nothing else has seen: a network trained on all
the rows, three times. Settings are the shipped ones, but for one repeat of the folds.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
import yaml
from torch.utils.data import TensorDataset

from benchmarks.cleaning_helps import clean
from benchmarks.conditions import print_conditions
from benchmarks.known_data import read_mnist
from benchmarks.workplace import DATASET, open_workplace, read_block, train
from stages.artifacts.cleaned import PEOPLE
from stages.artifacts.decisions import COLUMNS
from stages.artifacts.files import write_json, write_table
from stages.certificate.plan import Plan, digest_data, make_plan, write_plan
from stages.crossval_predict.models.fold import Fold
from stages.crossval_predict.models.training import FoldTraining
from stages.crossval_predict.settings import Settings
from stages.flip.noise import flip_labels
from stages.workplace import place

SHARE, DRAWN, REPEATS, SEED = 0.05, 1000, 3, 0
BEFORE, MADE, AFTER = (f"2026-01-0{day}T10:00:00Z" for day in (1, 2, 3))


class Case(NamedTuple):
    """MNIST's rows, and which labels a person looks at: of the rows to train on, in their order."""

    images: np.ndarray
    true: np.ndarray
    given: np.ndarray
    flagged: np.ndarray
    doubt: np.ndarray
    test: tuple[np.ndarray, np.ndarray]


def make_case(n_rows: int) -> Case:
    """Draw rows, make labels wrong, and have the pipeline flag rows."""
    (images, labels), (test, test_labels) = read_mnist(), read_mnist("t10k")
    rows = np.sort(np.random.default_rng(SEED).choice(len(labels), n_rows, replace=False))
    images, true = images[rows, None], labels[rows]
    given, _ = flip_labels(true, "instance_dependent", SHARE, SEED, predict(images, true))
    pred_probs = predict(images, given)
    flagged, _ = clean("mnist", given, pred_probs)
    doubt = 1 - pred_probs[np.arange(n_rows), given]
    return Case(images, true, given, flagged, doubt, (test[:, None], test_labels))


def predict(images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return out-of-sample probabilities by the shipped settings, one repeat."""
    with open_workplace(images, labels) as folder:
        return train(folder, "mnist", repeats=1).pred_probs


def plan(case: Case) -> Plan:
    """Plan a certificate for the rows that are not flagged."""
    ids, labels = pd.Series(range(len(case.given))).astype(str), pd.Series(case.given).astype(str)
    rows = pd.DataFrame({"id": ids, "label": labels, "error_prob": np.clip(case.doubt, 0, 1)})[~case.flagged]
    about = {"made": MADE, "split": "", "goal": 0.01, "confidence": 0.95, "spent": 0.0, "labels": len(ids)}
    decided = {"decided": int(case.flagged.sum()), "found": int((case.given != case.true)[case.flagged].sum())}
    return make_plan(rows.reset_index(drop=True), {**about, **decided, "data": digest_data(ids, labels)})


def compare(case: Case, planned: Plan, cleaned: np.ndarray, decided: np.ndarray, folder: Path) -> dict[str, Any]:
    """Write what the stages before leave, run the stage, and return what it says."""
    data = folder / "data" / DATASET
    (data / "cleaned").mkdir(exist_ok=True)
    given, labels = (pd.Series(each).astype(str) for each in (case.given, cleaned))
    by = pd.Series(np.where(decided, PEOPLE, ""))
    table = pd.DataFrame({"id": given.index.astype(str), "given_label": given, "label": labels, "decided_by": by})
    write_table(data / "cleaned" / "labels.csv", table)
    write_plan(data, planned)
    lines = table[decided].assign(
        decision=np.where(labels == given, "keep", "relabel")[decided],
        label=labels.where(labels != given, "")[decided],
        reviewer="oracle",
        time=np.where(case.flagged, BEFORE, AFTER)[decided],
    )
    write_table(data / "decisions.csv", lines[list(COLUMNS[:6])])
    block = read_block("mnist")
    sections = {"split": {**block["split"], "repeats": 1}, "crossval_predict": block["crossval_predict"]}
    params = {"datasets": [DATASET], "compared": [{DATASET: {"repeats": REPEATS}}], DATASET: sections}
    (folder / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    with place.start_stage(folder, "compare", DATASET, stdout=subprocess.DEVNULL) as process:
        assert process.wait() == 0
    said: dict[str, Any] = json.loads((folder / "reports" / DATASET / "compared.json").read_text())
    return said


def score_test(case: Case, labels: np.ndarray) -> np.ndarray:
    """Return accuracy and log loss on the test rows, (REPEATS, 2), of networks trained on all rows."""
    images, true = case.test
    settings = {key: value for key, value in read_block("mnist")["crossval_predict"].items() if key != "pred_probs"}
    data = TensorDataset(
        torch.from_numpy(np.concatenate([case.images, images])), torch.from_numpy(np.append(labels, true))
    )
    rows, scores = np.arange(len(data)), []
    for repeat in range(REPEATS):
        fold = Fold(0, 0, rows[: len(labels)], rows[len(labels) :], 10)
        network = FoldTraining(data, fold, Settings(**{**settings, "seed": 1 + repeat}), "cpu")
        for _ in range(settings["max_epochs"]):
            network.train_epoch()
        pred_probs, _ = network.result()
        prob = np.clip(pred_probs[np.arange(len(true)), true], np.finfo(np.float32).eps, 1)
        scores.append([(pred_probs.argmax(axis=1) == true).mean(), -np.log(prob).mean()])
    return np.array(scores)


def main(n_rows: int) -> None:
    """Print what the stage says, and the truth."""
    case = make_case(n_rows)
    wrong, planned = case.given != case.true, plan(case)
    drawn = np.isin(np.arange(n_rows).astype(str), planned.rows["id"].head(DRAWN).to_numpy(dtype=str))
    decided = case.flagged | drawn
    versions = {"decided on": np.where(decided, case.true, case.given), "all mended": case.true}
    print(f"{n_rows:,} rows, {wrong.sum():,} wrong; {case.flagged.sum():,} flagged, {wrong[case.flagged].sum():,} of")
    print(f"them wrong; {DRAWN:,} of the others drawn, {wrong[drawn].sum():,} of them wrong\n", flush=True)
    before = score_test(case, case.given)
    print("| labels | scored on | accuracy, % points | log loss |\n| --- | --- | ---: | ---: |")
    with open_workplace(case.images, case.given) as folder:
        write_json(folder / "data" / DATASET / "prepared" / "classes.json", [str(label) for label in range(10)])
        for name, labels in versions.items():
            for rows, said in compare(case, planned, labels, decided, folder)["sets"].items():
                if said["lines"]:
                    cells = [f"{line[3]} ({line[4]}), {line[5]}" for line in said["lines"]]
                    print(f"| {name} | {rows}: {said['title']} | {' | '.join(cells)} |", flush=True)
            gain = score_test(case, labels) - before
            mean, spread = gain.mean(axis=0), gain.std(axis=0, ddof=1)
            cells = [f"{100 * mean[0]:+.2f} ± {100 * spread[0]:.2f}", f"{mean[1]:+.4f} ± {spread[1]:.4f}"]
            print(f"| {name} | MNIST's test rows | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    print_conditions()
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
