"""Reads what `find_issues` left for a data set to decide on."""

from pathlib import Path

import numpy as np
import pandas as pd

from review.annotators import open_annotators
from review.catalogue import Catalogue
from review.forecast import read_min_yield, read_ranking
from review.pictures import Gallery
from review.similar import open_similar
from stages.artifacts.examples import Cells, Photographs, open_examples
from stages.artifacts.files import data_folder, load_array, read_json, read_table
from stages.artifacts.fitting import Rows
from stages.artifacts.found import read_trouble
from stages.artifacts.issues import FLAGGED, read_issues
from stages.artifacts.quality import read_quality, read_run
from stages.artifacts.seen import describe_seen
from stages.artifacts.trust import Worth
from stages.artifacts.unlabelled import read_unlabelled
from stages.command.errors import InputError


def open_catalogue(dataset: str) -> Catalogue:
    """Read a data set's tables; pictures and probabilities stay on the disk until asked for."""
    folder = data_folder(dataset)
    issues = read_issues(folder)
    quality = read_quality(folder)
    flagged = issues["flagged"] == FLAGGED
    ranking = read_ranking(folder, quality)
    # the rows that come next in rank are no better than any others
    listed = issues[flagged] if ranking.trust.verdict == Worth.WORTHLESS else issues
    ids = read_table(folder / "prepared" / "ids.csv")
    examples = open_examples(dataset, "prepared", quality["id"].tolist())
    return Catalogue(
        dataset=dataset,
        classes=read_json(folder / "prepared" / "classes.json"),
        quality=quality,
        queue=find_queue(folder, listed.sort_values("flagged", ascending=False, kind="stable")["id"], quality["id"]),
        n_flagged=int(flagged.sum()),
        on_top=bool(flagged.head(int(flagged.sum())).all()),
        ranking=ranking,
        min_yield=read_min_yield(dataset),
        pred_probs=load_array(folder / "predictions" / "pred_probs.npy"),
        examples=examples if isinstance(examples, Cells) else Gallery(examples),
        seen=describe_seen(dataset) if isinstance(examples, Photographs) else "",
        similar=open_similar(folder, len(quality)),
        trouble=read_trouble(dataset, quality["id"]),
        unlabelled=read_unlabelled(folder),
        annotators=open_annotators(folder),
        contents=Rows.of(ids, quality["given_label"]).contents,
        run=read_run(folder),
    )


def find_queue(folder: Path, queued: pd.Series, ids: pd.Series) -> np.ndarray:
    """Return the numbers of the rows with some ids, in the order of those."""
    rows = pd.Series(ids.index, index=ids).reindex(queued)
    if rows.isna().any():
        raise InputError(f"{folder / 'issues.csv'}: is not of the same run as quality/; `dvc repro` makes both again")
    return rows.to_numpy(dtype=np.int64)
