"""How far reviewers are right: whether they say the same twice, and which wrong labels they miss."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from stages.artifacts.decisions import Decision, Verdict
from stages.artifacts.standing import time_of
from stages.certificate.bound import Bets
from stages.certificate.checks import Check

# beyond, a correction is so wide that it says nothing
MOST_MISSED = 0.9


@dataclass(frozen=True)
class Measured:
    """How one reviewer, or all of them, did on rows whose label was turned on purpose.

    Attributes
    ----------
    known : int
        How many such rows they were shown.
    missed : int
        How many of them they called right.
    """

    known: int
    missed: int

    def bound_misses(self, confidence: float) -> float:
        """Return the share of wrong labels that they miss at most, from 0 to 1 (Clopper and Pearson's bound)."""
        if self.known == self.missed:
            return 1.0
        from scipy.special import betaincinv

        return float(betaincinv(self.missed + 1, self.known - self.missed, confidence))


@dataclass(frozen=True)
class Agreement:
    """How often two looks at a row said the same.

    Attributes
    ----------
    rows : int
        How many rows were looked at twice or more.
    same : int
        Of how many of them all looks said the same.
    alpha : float or None
        Krippendorff's alpha, nominal: 1 if all agree, 0 if as often as by chance. None where all said one thing of all
        rows, which tells nothing.
    """

    rows: int
    same: int
    alpha: float | None


def measure_misses(checks: Sequence[Check]) -> dict[str, Measured]:
    """Return how each reviewer did on known rows."""
    known = [check for check in checks if check.kind == "known"]
    shown = Counter(check.reviewer for check in known)
    missed = Counter(check.reviewer for check in known if check.decision == Verdict.KEEP)
    return {reviewer: Measured(shown[reviewer], missed[reviewer]) for reviewer in sorted(shown)}


def measure_all(checks: Sequence[Check]) -> Measured:
    """Return how all reviewers together did on known rows."""
    each = measure_misses(checks).values()
    return Measured(sum(one.known for one in each), sum(one.missed for one in each))


def list_looks(checks: Sequence[Check], untaken: Mapping[str, Sequence[Decision]]) -> dict[str, list[str]]:
    """Return what each look at a row said, right, wrong or unsure, by the id of rows that were looked at again.

    Parameters
    ----------
    checks : sequence of Check
        The second looks.
    untaken : dict of str to list of Decision
        All decisions that were not taken back, by id.
    """
    looks: dict[str, list[str]] = {}
    for check in checks:
        if check.kind != "again":
            continue
        # what a reviewer decided after the second look is not independent of it
        before = [said for said in untaken.get(check.id, ()) if time_of(said) < check.moment]
        if check.id not in looks:
            looks[check.id] = [_judge(said.decision) for said in {said.reviewer: said for said in before}.values()]
        looks[check.id].append(_judge(check.decision))
    return {row_id: said for row_id, said in looks.items() if len(said) > 1}


def measure_agreement(looks: Mapping[str, Sequence[str]]) -> Agreement:
    """Return how far the looks at each row say the same.

    Parameters
    ----------
    looks : dict of str to list of str
        Two or more values for each row.

    References
    ----------
    Krippendorff, "Content Analysis: An Introduction to Its Methodology", Sage, 2004, chapter 11
    """
    same = sum(len(set(said)) == 1 for said in looks.values())
    pairs: Counter[tuple[str, str]] = Counter()
    for said in looks.values():
        for pair in permutations(said, 2):
            pairs[pair] += 1 / (len(said) - 1)  # type: ignore[assignment]
    values: Counter[str] = Counter()
    for (first, _), count in pairs.items():
        values[first] += count
    total = sum(values.values())
    differing = sum(count for (first, second), count in pairs.items() if first != second)
    by_chance = (total**2 - sum(count**2 for count in values.values())) / max(total - 1, 1)
    return Agreement(len(looks), same, 1 - differing / by_chance if by_chance else None)


def correct_bound(found_at_most: int, misses: float, confidence: float) -> int:
    """Return how many labels are wrong at most, by how many a reviewer would find at most.

    Each wrong label is missed by itself with a chance of ``misses`` at most. Then so many that a reviewer would find no
    more than ``found_at_most`` of them have a probability of 1 - ``confidence`` at most.

    Parameters
    ----------
    found_at_most : int
        A bound on the wrong labels that a reviewer would find, if they looked at all rows.
    misses : float
        From 0 to 1; nothing can be said from 1.
    confidence : float
        Above 0 and below 1.

    Raises
    ------
    ValueError
        If ``misses`` is 1.
    """
    from scipy.special import bdtr

    if misses >= 1:
        raise ValueError("reviewers who miss everything show nothing")
    low, high = found_at_most, found_at_most + 1
    while bdtr(found_at_most, high, 1 - misses) > 1 - confidence:
        low, high = high, 2 * high
    # low is not refuted, high is
    while high - low > 1:
        middle = (low + high) // 2
        if bdtr(found_at_most, middle, 1 - misses) > 1 - confidence:
            low = middle
        else:
            high = middle
    return low


def bound_left(bets: Bets, measured: Measured, found: int, mended: int, confidence: float) -> int | None:
    """Return how many labels are wrong at most after all was mended that was found, if reviewers miss some.

    The bound on what they would find, the bound on the share that they miss, and what chance adds to that share each
    take a third of what may go wrong.

    Parameters
    ----------
    bets : Bets
        After the drawn rows, a row being wrong where reviewers called it so.
    measured : Measured
        How they did on known rows.
    found, mended : int
        How many wrong labels they found before any row was drawn, and since.
    confidence : float
        Above 0 and below 1.

    Returns
    -------
    int or None
        None if so many known rows were missed, or so few shown, that nothing can be said.
    """
    each = 1 - (1 - confidence) / 3
    misses = measured.bound_misses(each)
    if misses >= MOST_MISSED:
        return None
    return correct_bound(bets.bound_above(each) + found, misses, each) - found - mended


def _judge(decision: str) -> str:
    return {Verdict.KEEP: "right", Verdict.UNSURE: "unsure"}.get(Verdict(decision), "wrong")
