"""How far the model may be trusted on these data: ``quality/model.json``, as ``find_issues`` leaves it."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import pandas as pd

from stages.artifacts.calibration import Belief, Spread, tabulate_yield
from stages.artifacts.files import read_json, write_json
from stages.command.errors import InputError

FILE = "model.json"
# of a weak model nothing but the band is said, which begins at what was found, until people decided on so many rows
ENOUGH_VERDICTS = 10


class Worth(StrEnum):
    """What the model's word on a label is worth."""

    GOOD = "good"
    WEAK = "weak"
    WORTHLESS = "worthless"


HEADLINES = {
    Worth.GOOD: "The model is good on these data.",
    Worth.WEAK: "The model is weak on these data: it says where to look first, not what is wrong.",
    Worth.WORTHLESS: "The model is worthless on these data: its ranking is no better than chance.",
}
MEANINGS = {
    Worth.GOOD: "The errors that it expects can be believed, within their band.",
    Worth.WEAK: "Decide on the rows of the review's tab Spread first: until then nobody knows how many errors there "
    "are, and the band begins at none. Rules change nothing.",
    Worth.WORTHLESS: "No errors are expected from what it says, and rules change nothing.",
}


# in place of the weak model's, once people have
LOOKED = "The errors that it expects are what people found, and a wide band around it. Rules change nothing."


@dataclass(frozen=True)
class Trust:
    """How far the model may be trusted.

    Attributes
    ----------
    verdict : Worth
        Whether it may judge.
    reasons, advice : list of str
        Why, and what would help: a sentence each.
    measures : dict of float
        What the verdict rests on, by name.
    spread : Spread
        How far its probabilities of an error may be off.
    """

    verdict: Worth
    reasons: list[str]
    advice: list[str]
    measures: dict[str, float]
    spread: Spread

    @property
    def headline(self) -> str:
        """The verdict as a sentence."""
        return HEADLINES[self.verdict]

    @property
    def meaning(self) -> str:
        """What follows from it."""
        if self.verdict == Worth.WEAK and self.measures.get("verdicts", 0) >= ENOUGH_VERDICTS:
            return LOOKED
        return MEANINGS[self.verdict]

    def tabulate_yield(self, belief: Belief, prior: np.ndarray, known: np.ndarray) -> pd.DataFrame:
        """Return what `calibration.tabulate_yield` does, as far as it may be said.

        Of a worthless model nothing is. The band of a weak one begins at what was found until people have decided on
        `ENOUGH_VERDICTS` rows.
        """
        if self.verdict == Worth.WORTHLESS:
            prior, known = prior[:0], known[:0]
        table = tabulate_yield(belief, prior, known)
        if self.is_open(known):
            table["low"] = np.cumsum(np.nan_to_num(known))[table["rows"] - 1]
        return table

    def is_open(self, known: np.ndarray) -> bool:
        """Say whether only the band can be told after some verdicts, (n,) float64, NaN where there is none."""
        return self.verdict == Worth.WEAK and int((~np.isnan(known)).sum()) < ENOUGH_VERDICTS


def write_trust(folder: Path, trust: Trust) -> None:
    """Write ``model.json`` into the folder ``quality``."""
    write_json(folder / FILE, asdict(trust))


def read_verdict(folder: Path) -> Worth:
    """Return whether the model may judge, from a data set's folder.

    Raises
    ------
    InputError
        If the file is missing, damaged, or does not say so.
    """
    path = folder / "quality" / FILE
    found = read_json(path)
    verdict = found.get("verdict") if isinstance(found, dict) else None
    if verdict not in list(Worth):
        raise InputError(
            f"{path}: verdict must be {Worth.GOOD}, {Worth.WEAK} or {Worth.WORTHLESS}; `dvc repro` makes the file"
        )
    return Worth(verdict)


def read_trust(folder: Path) -> Trust:
    """Read ``quality/model.json`` of a data set's folder.

    Raises
    ------
    InputError
        As `read_verdict`, and if it lacks anything else.
    """
    verdict, path = read_verdict(folder), folder / "quality" / FILE
    found = read_json(path)
    try:
        return Trust(
            verdict=verdict,
            reasons=found["reasons"],
            advice=found["advice"],
            measures=found["measures"],
            spread=Spread(**found["spread"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: damaged ({error!r}); remove quality/ and `dvc repro` makes it again") from None
