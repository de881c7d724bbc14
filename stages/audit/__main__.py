"""Measure how well label errors are found in these data, by this model: ``python -m stages.audit DATASET``.

Ranks and flags the labels, some of which `flip` has flipped, as `find_issues` would. Writes how many were found to
``reports/<dataset>/audit.json``, and the curve that the report draws to ``data/<dataset>/audited/curve.csv``.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stages.artifacts.files import (
    data_folder,
    load_array,
    read_json,
    replacing,
    report_folder,
    write_json,
    write_table,
)  # fmt: skip
from stages.audit.curve import COLUMNS, tabulate_curve
from stages.command.params import read_section
from stages.command.run import run_stage
from stages.find_issues.settings import Settings

DIGITS = 4


def main(dataset: str) -> str:
    """Audit the data set if its labels were flipped, and return a line that says how many of them were found."""
    rules = read_section(dataset, "find_issues", Settings)
    flipped = data_folder(dataset) / "flipped"
    about = read_json(flipped / "about.json")
    audit, curve = measure(data_folder(dataset), about, rules) if about else ({}, pd.DataFrame(columns=COLUMNS))
    with replacing(report_folder(dataset) / "audit.json", data_folder(dataset) / "audited") as (metrics, audited):
        write_json(metrics, to_digits(audit))
        audited.mkdir()
        write_table(audited / "curve.csv", curve)
    return describe(audit) if audit else "not in `audited`, so nothing was flipped"


def measure(folder: Path, about: dict[str, Any], rules: Settings) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return what was found of the flipped labels of a data set, and the curve of it."""
    # importing these takes a second: data sets that are not audited need not wait for it
    from stages.audit.measure import measure_detection
    from stages.find_issues.blocks import PredProbs
    from stages.find_issues.votes import read_neighbours

    labels, flipped, suspect = (
        np.array(load_array(folder / "flipped" / f"{name}.npy")) for name in ("labels", "flipped", "suspect")
    )
    pred_probs = PredProbs(folder / "flipped" / "pred_probs.npy")
    measured, judged = measure_detection(labels, pred_probs, flipped, rules, ~suspect, read_neighbours(folder))
    audit = {**about, "rank_by": rules.rank_by, "flag": rules.flag, **measured}
    return audit, tabulate_curve(flipped[judged.kept], judged)


def to_digits(value: Any) -> Any:
    """Round every number in nested dicts to what tells one run from another."""
    if isinstance(value, dict):
        return {key: to_digits(each) for key, each in value.items()}
    return round(value, DIGITS) if isinstance(value, float) else value


def describe(audit: dict[str, Any]) -> str:
    """Return one line on how well the flips were found."""
    ranking, flags, found = audit["scores"][audit["rank_by"]], audit["flags"][audit["flag"]], audit["yield"]
    expected = f"{found['expected']:.0f} are expected to be errors and " if "expected" in found else ""
    return (
        f"{audit['flipped']:,} of {audit['rows']:,} labels flipped ({audit['noise'].replace('_', '-')}): average "
        f"precision {ranking['average_precision']:.3f}, flags find {flags['recall']:.0%} and are right in "
        f"{flags['precision']:.0%}; of the worst {audit['flipped']:,} rows, {expected}{found['found']} are "
        "flips"
    )


if __name__ == "__main__":
    run_stage("audit", main)
