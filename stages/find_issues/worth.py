"""Whether the model may judge these labels at all: good, weak or worthless.

The verdict rests on what the model does out of sample, and on people's verdicts as soon as there are any. Where the
limits lie was measured on runs in which the wrong labels are known (`benchmarks.trust`):

- **worthless**: neither its accuracy is above that of guessing the commonest class, nor the mean of the classes'
  accuracies above that of guessing any class, beyond what chance does.
- **good**: it makes less than half of the mistakes that guessing makes, and at least `GOOD_PRECISION` of what it
  confidently contradicts are expected to be errors; or it agrees with so nearly all labels that there is little to
  contradict.
- **weak**: everything else.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from stages.artifacts.calibration import Spread
from stages.artifacts.quality import bound_share
from stages.artifacts.trust import Trust, Worth
from stages.find_issues.evidence import Evidence

# standard deviations above guessing: one model in two hundred that guesses is as lucky
LUCK = 2.58
# the least share of guessing's mistakes that a good model avoids, and that of one that is nearly always right
GOOD_SKILL, SURE_SKILL = 0.5, 0.75
# the least share of errors expected among the rows that a good model confidently contradicts
GOOD_PRECISION = 0.65
# of fewer rows than either that tells nothing: so many, and such a share of all rows
ENOUGH, ENOUGH_OF_ALL = 5, 0.001
# up to so many disagreements, a model that is nearly always right needs no more proof
FEW_DISAGREEMENTS = 0.05
# how far what is expected may be off: as it was in those runs
SPREAD = Spread(total=0.6, slope=0.8)
# the same where several annotators agreed on the labels (`benchmarks.annotated_trust`)
AGREED_SPREAD = Spread(total=0.75, slope=0.8)
# a loss so many times higher than that of the first epoch has jumped
JUMP = 1.5
FEW_ROWS = 50
# the share of its rows up to which a class is hardly learnt, and that of the flagged rows from which this is said
UNLEARNT, MOSTLY = 0.1, 0.5


def find_spread(several: bool) -> Spread:
    """Return how far what is expected may be off before any verdict, of several annotators' labels or of others."""
    return AGREED_SPREAD if several else SPREAD


@dataclass(frozen=True)
class Skill:
    """How far the model is better than guessing.

    Attributes
    ----------
    accuracy, guessed : float
        The share of labels that it predicts, and of those of the commonest class.
    skill, skill_low : float
        The share of guessing's mistakes that it avoids, and the lower limit of its 95 % interval.
    above_chance : bool
        Whether it is better than guessing, beyond what chance does.
    """

    accuracy: float
    guessed: float
    skill: float
    skill_low: float
    above_chance: bool


def measure_skill(labels: np.ndarray, suggested: np.ndarray) -> Skill:
    """Hold the predicted classes of m rows, (m,) int64, against their labels and against guessing."""
    right, counts = suggested == labels, np.bincount(labels)
    common = labels == counts.argmax()
    accuracy, guessed, n_rows = float(right.mean()), float(common.mean()), len(labels)
    gained = right.astype(float) - common
    lucky = LUCK * float(gained.std()) / np.sqrt(n_rows)
    classes = np.flatnonzero(counts)
    recalls = np.array([right[labels == label].mean() for label in classes])
    # as if each class had one more row of each kind: a class of three that are all right proves little
    doubt = np.sqrt(((recalls * counts[classes] + 1) / (counts[classes] + 2)).clip(0, 1) / counts[classes])
    balanced = (recalls.mean() - 1 / len(classes)) / max(float(np.sqrt((doubt**2).sum()) / len(classes)), 1e-9)
    missed = max(1 - guessed, 1e-9)
    return Skill(
        accuracy,
        guessed,
        1 - (1 - accuracy) / missed,
        1 - (1 - bound_share(int(right.sum()), n_rows)[0]) / missed,
        bool(gained.mean() > lucky or balanced > LUCK),
    )


def judge_model(evidence: Evidence, error_prob: np.ndarray, n_verdicts: int, several: bool = False) -> Trust:
    """Return how far the model may be trusted.

    Parameters
    ----------
    evidence : Evidence
        Of m rows.
    error_prob : ndarray of shape (m,), float64
        How probable an error is, after people's verdicts; 0 or 1 where there is one.
    n_verdicts : int
        How many there are.
    several : bool
        Whether the labels are what several annotators agreed on.
    """
    skill = measure_skill(evidence.labels, evidence.rows.suggested)
    confident = evidence.off_diagonal
    n_confident, disagreement = int(confident.sum()), float(1 - evidence.rows.agrees.mean())
    precision = float(error_prob[confident].mean()) if n_confident else 0.0
    enough = n_confident >= max(ENOUGH, ENOUGH_OF_ALL * len(confident))
    proved = enough and precision >= GOOD_PRECISION and skill.skill_low >= GOOD_SKILL
    sure = not enough and disagreement <= FEW_DISAGREEMENTS and skill.skill_low >= SURE_SKILL
    verdict = Worth.WORTHLESS if not skill.above_chance else Worth.GOOD if proved or sure else Worth.WEAK
    smallest = int(np.bincount(evidence.labels)[np.unique(evidence.labels)].min())
    measures = {
        "accuracy": skill.accuracy,
        "guessed": skill.guessed,
        "skill": skill.skill,
        "skill_low": skill.skill_low,
        "disagreement": disagreement,
        "confident_disagreements": float(n_confident),
        "precision": precision,
        "smallest_class": float(smallest),
        "verdicts": float(n_verdicts),
    }
    rounded = {name: round(value, 4) for name, value in measures.items()}
    told = "what people found" if n_verdicts else "what annotators said" if several else "their neighbours"
    reasons = give_reasons(verdict, rounded, told if enough else "")
    return Trust(verdict, reasons, advise(verdict, rounded), rounded, find_spread(several))


def give_reasons(verdict: Worth, measures: dict[str, float], told: str) -> list[str]:
    """Return the sentences that say why; ``told`` is what the precision rests on, nothing if it tells nothing."""
    accuracy, guessed = (f"{measures[name]:.1%}" for name in ("accuracy", "guessed"))
    if verdict == Worth.WORTHLESS:
        return [
            f"It is right on {accuracy} of the rows, and guessing the commonest class on {guessed}: "
            "no more than chance can do."
        ]
    reasons = [f"It is right on {accuracy} of the rows; guessing the commonest class is on {guessed}."]
    n_confident = int(measures["confident_disagreements"])
    contradicted = f"It confidently sees {n_confident:,} {'row' if n_confident == 1 else 'rows'} in another class"
    if told:
        reasons.append(
            f"{contradicted}. Judging by {told}, {measures['precision']:.0%} of them may be wrong labels; "
            f"of a good model {GOOD_PRECISION:.0%} are."
        )
    elif n_confident:
        reasons.append(f"{contradicted}, too few to judge it by.")
    if measures["skill_low"] < GOOD_SKILL:
        reasons.append("It does not surely avoid half of the mistakes that guessing makes.")
    return reasons


def advise(verdict: Worth, measures: dict[str, float]) -> list[str]:
    """Return the sentences that say what would help, none for a good model."""
    if verdict == Worth.GOOD:
        return []
    advice = [
        "Try another model, or several (`crossval_predict.model`); train a network longer while the loss still falls "
        "(`max_epochs`)."
    ]
    if measures["smallest_class"] < FEW_ROWS:
        advice.append(f"Add rows: the smallest class has {measures['smallest_class']:.0f}.")
    advice.append("Decide on the spread rows of the review page: what is expected then rests on what you found.")
    return advice


def find_unlearnt(labels: np.ndarray, suggested: np.ndarray, flagged: np.ndarray, classes: list[str]) -> str:
    """Return a sentence if most of the flagged rows have a label that the model hardly ever gives, else nothing.

    Parameters
    ----------
    labels, suggested : ndarray of shape (m,), int64
        What each row is labelled, and what the model sees.
    flagged : ndarray of shape (m,), bool
        Which rows are flagged.
    classes : list of str
        The names of the classes.
    """
    right, counts = (np.bincount(labels[rows], minlength=len(classes)) for rows in (suggested == labels, slice(None)))
    unlearnt = right <= UNLEARNT * counts
    n_flagged, of_these = int(flagged.sum()), int(unlearnt[labels[flagged]].sum())
    if not of_these or of_these < MOSTLY * n_flagged:
        return ""
    named = np.bincount(labels[flagged & unlearnt[labels]], minlength=len(classes)).argmax()
    return (
        f"It has hardly learnt the class {classes[named]!r}: it sees {right[named]:,} of its {counts[named]:,} rows. "
        f"{of_these:,} of the {n_flagged:,} flagged rows are of such classes, whether their labels are wrong or not."
    )


def find_jumps(curves: pd.DataFrame) -> str:
    """Return a sentence if trainings jumped, so that the loss rose far above where it began, else nothing."""
    if curves.empty:
        return ""
    trainings = [curves[name] for name in ("member", "repeat", "fold") if name in curves]
    each = curves["train_loss"].astype(float).groupby(trainings)
    jumped = each.max() > JUMP * each.first()
    if not jumped.any():
        return ""
    return (
        f"Training jumped in {jumped.sum()} of {len(jumped)} folds, up to a loss of {each.max().max():.2g}: "
        "lower `crossval_predict.lr`."
    )
