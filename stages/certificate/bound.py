"""The bounds on the number of wrong labels, as rows are looked at one after the other."""

from copy import copy

import numpy as np

from stages.certificate.betting import Drawn, Levels, count_drawn, grow, list_hypotheses, to_capital

# what is refuted with this confidence is bet on no more
SURE = 0.9999
# rows worked out at once; what stands after each so many is kept, to come back to if a verdict is taken back
BLOCK_ROWS = 64


class Bets:
    """The bets on how many of N rows are wrong, after the rows drawn so far.

    Parameters
    ----------
    levels : Levels
        The population.
    """

    def __init__(self, levels: Levels) -> None:
        self.levels = levels
        self.drawn, self.wrong = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=bool)
        self._more, self._fewer = _Side(levels, fewer=False), _Side(levels, fewer=True)
        self._kept = [(self._more.copy(), self._fewer.copy())]

    def extend(self, drawn: np.ndarray, wrong: np.ndarray) -> None:
        """Go on with the next rows.

        Parameters
        ----------
        drawn : ndarray of shape (t,), int64
            The level of each, in the order in which they were drawn.
        wrong : ndarray of shape (t,), bool
            Whether its label is wrong.
        """
        first = len(self.drawn)
        self.drawn, self.wrong = np.concatenate([self.drawn, drawn]), np.concatenate([self.wrong, wrong])
        state = count_drawn(self.levels, self.drawn, self.wrong)
        while first < len(self.drawn):
            end = min(len(self.drawn), BLOCK_ROWS * (first // BLOCK_ROWS + 1))
            rows = slice(first, end)
            known = Drawn(state.left[rows], state.seen[rows], state.wrong[rows])
            for side in (self._more, self._fewer):
                side.bet(known, self.drawn[rows], self.wrong[rows])
            if end % BLOCK_ROWS == 0:
                self._kept.append((self._more.copy(), self._fewer.copy()))
            first = end

    def go_back(self, count: int) -> None:
        """Go back to the first so many rows, or to a few before them."""
        blocks = min(count // BLOCK_ROWS, len(self._kept) - 1)
        self._kept = self._kept[: blocks + 1]
        self._more, self._fewer = (side.copy() for side in self._kept[-1])
        self.drawn, self.wrong = self.drawn[: blocks * BLOCK_ROWS], self.wrong[: blocks * BLOCK_ROWS]

    def bound_above(self, confidence: float) -> int:
        """Return the number of wrong rows, among all N, that there are at most; of those drawn, too."""
        refuted = self._more.find_refuted(confidence)
        hypotheses = self._more.hypotheses
        # all from here on are refuted
        first = len(refuted) - int(np.argmin(refuted[::-1])) if not refuted.all() else 0
        upper = int(hypotheses[first]) - 1 if first < len(refuted) else self.levels.n_rows
        return max(upper, int(self.wrong.sum()))

    def bound_below(self, confidence: float) -> int:
        """Return the number of wrong rows, among all N, that there are at least."""
        refuted = self._fewer.find_refuted(confidence)
        n_first = len(refuted) if refuted.all() else int(np.argmin(refuted))
        lower = int(self._fewer.hypotheses[n_first - 1]) + 1 if n_first else 0
        # never more than the rows that are left allow
        return max(min(lower, self.levels.n_rows - int((~self.wrong).sum())), int(self.wrong.sum()))


def go_on(bets: Bets, drawn: np.ndarray, wrong: np.ndarray) -> None:
    """Bring the bets to stand after these rows and no others."""
    known = min(len(bets.drawn), len(drawn))
    differs = (drawn[:known] != bets.drawn[:known]) | (wrong[:known] != bets.wrong[:known])
    same = int(np.argmax(differs)) if differs.any() else known
    if same < len(bets.drawn):
        bets.go_back(same)
    first = len(bets.drawn)
    bets.extend(drawn[first:], wrong[first:])


def count_to_go(bets: Bets, following: np.ndarray, most: int, confidence: float) -> int | None:
    """Return how many of the next rows show that ``most`` wrong ones are left at most, if all of them are right.

    Parameters
    ----------
    bets : Bets
        After the rows so far.
    following : ndarray of shape (t,), int64
        The levels of the next rows, as far as they are known.
    most : int
        How many wrong rows may be left.
    confidence : float
        Above 0 and below 1.

    Returns
    -------
    int or None
        None if it takes more rows than are known.
    """
    hypothesis = most + int(bets.wrong.sum()) + 1
    if hypothesis > bets.levels.n_rows:
        return 0
    drawn = np.concatenate([bets.drawn, following])
    wrong = np.concatenate([bets.wrong, np.zeros(len(following), dtype=bool)])
    state = count_drawn(bets.levels, drawn, wrong)
    capital = np.cumsum(grow(bets.levels, state, drawn, wrong, np.array([hypothesis]))[:, 0])
    reached = np.maximum.accumulate(np.concatenate([[0.0], capital])) >= to_capital(confidence)
    return max(0, int(np.argmax(reached)) - len(bets.drawn)) if reached.any() else None


class _Side:
    """The bets of one sign: the logarithm of the capital of each hypothesis now, and when it was highest."""

    def __init__(self, levels: Levels, *, fewer: bool) -> None:
        self.hypotheses = list_hypotheses(levels.n_rows)
        self._levels, self._fewer = levels, fewer
        self._capital, self._best = np.zeros(len(self.hypotheses)), np.zeros(len(self.hypotheses))

    def copy(self) -> "_Side":
        """Return the same, to be gone on from."""
        other = copy(self)
        other._capital, other._best = self._capital.copy(), self._best.copy()
        return other

    def bet(self, state: Drawn, drawn: np.ndarray, wrong: np.ndarray) -> None:
        """Go on with the next rows."""
        is_open = self._best < to_capital(SURE)
        grown = grow(self._levels, state, drawn, wrong, self.hypotheses[is_open], fewer=self._fewer)
        capital = self._capital[is_open] + np.cumsum(grown, axis=0)
        self._capital[is_open] = capital[-1]
        self._best[is_open] = np.maximum(self._best[is_open], capital.max(axis=0))

    def find_refuted(self, confidence: float) -> np.ndarray:
        """Return which hypotheses are refuted, (G,) bool."""
        refuted: np.ndarray = self._best >= to_capital(confidence)
        return refuted
