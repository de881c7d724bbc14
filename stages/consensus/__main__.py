"""Find whose label it is, where several annotators labelled a row: ``python -m stages.consensus DATASET``.

Writes ``data/<dataset>/consensus/``: ``labels.npy`` (n,) int64, the consensus label of each row; ``distribution.npy``
(n, K) float32, the probability of each class; ``consensus.csv``, the same by name, with its quality, the share of the
annotations that agree with it, and the label by vote; ``annotations_quality.npy`` (m,) float32, the probability that
each annotation is right; ``doubts.npy`` (n,) float32, the probability that each consensus label is wrong by all that
annotators and model say; ``annotators.csv``, how good each annotator is; and ``about.json``, how all this was found. Of
a data set with one label a row there is only an empty ``about.json``.

CROWDLAB joins annotators and model where both know something; otherwise Dawid and Skene's model, or the vote, does.
"""

from pathlib import Path

import numpy as np

from stages.artifacts.annotations import ABOUT, Annotations, read_annotations
from stages.artifacts.files import data_folder, load_array, read_json, read_table, replacing, write_json, write_table
from stages.command.run import run_stage
from stages.consensus.choice import find_consensus
from stages.consensus.crowdlab import agree_with_others
from stages.consensus.doubts import doubt_consensus
from stages.consensus.settle import settle
from stages.consensus.tables import describe, tabulate_annotators, tabulate_rows


def main(dataset: str) -> str:
    """Find the consensus and return a line that says how, and on how many rows it is not the vote."""
    folder = data_folder(dataset)
    annotations = read_annotations(folder)
    with replacing(folder / "consensus") as (consensus,):
        consensus.mkdir()
        if annotations is None:
            write_json(consensus / ABOUT, {})
            return "one label a row: there is nothing to agree on"
        return write_consensus(folder, consensus, annotations)


def write_consensus(folder: Path, consensus: Path, annotations: Annotations) -> str:
    """Find the consensus of a data set, whose folder this is, and return the line."""
    pred_probs = load_array(folder / "predictions" / "pred_probs.npy")
    voted, trained = (np.array(load_array(folder / name / "labels.npy")) for name in ("prepared", "training"))
    classes = read_json(folder / "prepared" / "classes.json")
    ids = read_table(folder / "prepared" / "ids.csv")["id"]
    method, why, estimate = find_consensus(annotations, pred_probs, voted)
    labels, held = settle(estimate, voted, trained, len(classes))
    about = {"method": method.name, "why": why} | describe(annotations, labels, voted) | {"held": held}
    np.save(consensus / "labels.npy", labels)
    np.save(consensus / "distribution.npy", estimate.distribution)
    np.save(consensus / "annotations_quality.npy", estimate.rate(annotations))
    np.save(consensus / "doubts.npy", doubt_consensus(annotations, pred_probs, labels))
    write_table(consensus / "consensus.csv", tabulate_rows(annotations, estimate, labels, voted, ids, classes))
    others = agree_with_others(annotations)
    write_table(consensus / "annotators.csv", tabulate_annotators(annotations, estimate, labels, others))
    write_json(consensus / ABOUT, about)
    return f"by {method.name}, {why}: {about['changed']:,} of {len(labels):,} rows have another label than by vote"


if __name__ == "__main__":
    run_stage("consensus", main)
