"""How the bound fell: how many labels were wrong at most after each row."""

from itertools import pairwise

import numpy as np

from stages.certificate.bound import Bets
from stages.certificate.plan import Plan
from stages.certificate.progress import Progress

# what is drawn of it
POINTS = 100


class Course:
    """The bound after each number of rows.

    Parameters
    ----------
    plan : Plan
        What is drawn.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._points: list[tuple[int, int]] = []
        self._wrong: np.ndarray | None = None

    def follow(self, progress: Progress) -> list[tuple[int, int]]:
        """Go on to what is shown now, and return numbers of rows with their bounds, not more than are drawn."""
        wrong, points = progress.verdicts.wrong, self._points
        if self._wrong is None:
            points += self._look_back(wrong, progress.verdicts.found)
        else:
            same = self._wrong[: len(wrong)] == wrong[: len(self._wrong)]
            shared = len(same) if same.all() else int(np.argmin(same))
            # what an undo has taken back
            points[:] = [point for point in points if point[0] <= shared and point[0] < len(wrong)]
        points[:] = [*(point for point in points if point[0] < len(wrong)), (len(wrong), progress.most)]
        self._wrong = wrong
        return points[:: -(-len(points) // POINTS)] + points[-1:]

    def _look_back(self, wrong: np.ndarray, found: np.ndarray) -> list[tuple[int, int]]:
        """Return the bounds at some of the rows that were looked at before the page was opened."""
        bets, points = Bets(self._plan.levels), [(0, self._plan.n_rows)]
        ends = np.unique(np.linspace(0, len(wrong), POINTS).astype(int))
        for start, end in pairwise(ends.tolist()):
            bets.extend(self._plan.drawn[start:end], wrong[start:end])
            mended = int(found[:end].sum())
            points.append((end, max(0, bets.bound_above(self._plan.confidence) - mended)))
        return points
