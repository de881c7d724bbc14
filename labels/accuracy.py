"""How accurate models are on certified labels, and whether one is better than another, wherever the labels are wrong.

The certificate shows that at most m labels are wrong, and people stand for those on which they decided. So at most m of
the open rows, on which nobody has decided, are wrong, and any m of them may be. A model is right on a row of theirs if
it predicts the true label, which is then not the label that is there:

- where it predicts the label that is there, it is wrong in truth, and loses one right row;
- where it predicts another one, it may be right in truth, and gain one.

So of C right rows by the labels, there are at least C - min(m, open rows where it agrees) in truth, and at most
C + min(m, open rows where it does not). That a wrong row should rather be removed stays within: without a row that it
gets right, (C - 1) / (n - 1) is no less than (C - 1) / n, and without one that it does not, C / (n - 1) is no more than
(C + 1) / n.

Two models differ only where they predict different labels. There a wrong label changes the difference of their right
rows by at most 2 if one of them predicts it, from one for it to one against, and by 1 if none does. The worst is that
the m rows are those that change the most.

All of this is about these very rows. Nothing is drawn here but what the certificate rests on, so that all the intervals
hold together with its confidence. How well a model does on other rows they do not say.
"""

from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from labels.predictions import read_predictions
from labels.versions import cleaned_file
from stages.artifacts.certificate import State
from stages.artifacts.cleaned import PEOPLE
from stages.artifacts.files import read_json
from stages.certificate.certified import Certified, take_split
from stages.certificate.words import count, write_sentence
from stages.command.errors import InputError


@dataclass(frozen=True)
class Interval:
    """A number of rows by the labels, and between what it is in truth."""

    found: int
    low: int
    high: int


def compare_models(dataset: str, certified: Certified, labels: pd.DataFrame, files: list[Path]) -> str:
    """Return each model's accuracy on the certified labels with its interval, and which of two is better.

    Parameters
    ----------
    dataset : str
        The data set's name.
    certified : Certified
        What the plan shows.
    labels : DataFrame with the columns id, label and decided_by
        The cleaned labels.
    files : list of Path
        Of each model its predictions, a CSV file with the columns id and label.
    """
    if certified.state == State.OUTDATED or not certified.looked_at:
        raise InputError(f"{dataset}: {write_sentence(certified)} Models are measured on certified labels only")
    rows = take_split(labels, certified.plan.split)
    rows = rows[rows["label"] != ""]
    truth, is_open = rows["label"].to_numpy(), (rows["decided_by"] != PEOPLE).to_numpy()
    classes = read_json(cleaned_file(dataset, "classes.json"))
    predicted = {str(path): read_predictions(path, rows["id"], labels["id"], classes) for path in files}
    lines = [f"{dataset}: {write_sentence(certified)}"]
    for name, labels_of in predicted.items():
        lines.append(describe_accuracy(name, measure_accuracy(labels_of == truth, is_open, certified.most), len(truth)))
    for first, second in combinations(predicted, 2):
        difference = measure_difference(predicted[first], predicted[second], truth, is_open, certified.most)
        lines.append(describe_difference(first, second, difference))
    return "\n".join(lines)


def measure_accuracy(right: np.ndarray, is_open: np.ndarray, most: int) -> Interval:
    """Return on how many rows a model is right, if at most so many of the open rows have a wrong label.

    Parameters
    ----------
    right : ndarray of shape (n,), bool
        Where it predicts the label.
    is_open : ndarray of shape (n,), bool
        Where nobody has decided on the label.
    most : int
        How many of these labels are wrong at most.
    """
    found = int(right.sum())
    return Interval(
        found, found - min(most, int((right & is_open).sum())), found + min(most, int((~right & is_open).sum()))
    )


def measure_difference(
    first: np.ndarray, second: np.ndarray, truth: np.ndarray, is_open: np.ndarray, most: int
) -> Interval:
    """Return on how many rows more the first of two models is right, if at most so many open labels are wrong."""
    differs = first != second
    one, other = differs & (first == truth), differs & (second == truth)
    neither = int((differs & ~one & ~other & is_open).sum())
    found = int(one.sum()) - int(other.sum())
    loss, gain = (_change(int((rows & is_open).sum()), neither, most) for rows in (one, other))
    return Interval(found, found - loss, found + gain)


def describe_accuracy(name: str, right: Interval, n_rows: int) -> str:
    """Put a model's accuracy into words."""
    # rounded outwards, and exactly
    low, high = right.low * 10_000 // n_rows / 100, -(-right.high * 10_000 // n_rows) / 100
    return (
        f"{name}: right on {right.found:,} of {count(n_rows, 'row')}, {100 * right.found / n_rows:.2f} %; in truth "
        f"between {low:.2f} and {high:.2f} %"
    )


def describe_difference(first: str, second: str, more: Interval) -> str:
    """Say which of two models is better, if one is wherever the labels are wrong."""
    if more.high < 0:
        first, second, more = second, first, Interval(-more.found, -more.high, -more.low)
    if more.low > 0:
        return f"{first} is better than {second}: right on {more.found:,} rows more, and at least {more.low:,} in truth"
    return (
        f"{first} against {second}: not settled; right on {more.found:+,} rows by the labels, in truth between "
        f"{more.low:+,} and {more.high:+,}"
    )


def _change(two: int, one: int, most: int) -> int:
    """Return the largest change by so many rows, of which some change it by two and some by one."""
    return 2 * min(most, two) + min(max(0, most - two), one)
