"""When to change from the worst rows to drawn ones, so that the whole takes the fewest looks."""

import numpy as np

from stages.certificate.betting import to_capital

# numbers of worst rows that are tried
TRIED = 60
# what finds the number of draws halves the range so often
HALVINGS = 20
PIECES = 64
# an error that is taken to be found and expected before anyone looked
ONE = 1.0


def count_worst(error_prob: np.ndarray, goal: int, confidence: float) -> int:
    """Return how many more of the worst rows to look at before rows are drawn.

    Each worst row that is looked at takes the errors that it probably holds out of the rest, and the fewer are left,
    the fewer draws show it. Both are weighed by what the model expects after people's verdicts.

    Parameters
    ----------
    error_prob : ndarray of shape (n,), float64
        How likely the label is wrong, of the rows on which nobody has decided, worst first.
    goal : int
        How many wrong labels there may be at the end.
    confidence : float
        Above 0 and below 1.
    """
    left = np.concatenate([[error_prob.sum()], error_prob.sum() - np.cumsum(error_prob)])
    tried = np.unique(np.concatenate([[0], np.geomspace(1, max(1, len(error_prob)), TRIED).astype(np.int64)]))
    tried = tried[tried <= len(error_prob)]
    looks = [
        worst + expect_draws(float(left[worst]), len(error_prob) - int(worst), goal, confidence) for worst in tried
    ]
    return int(tried[int(np.argmin(looks))])


def scale_prior(prior: np.ndarray, wrong: np.ndarray) -> np.ndarray:
    """Return how likely each label is wrong if all doubts of the model hold as often as those that people looked at.

    Parameters
    ----------
    prior : ndarray of shape (n,), float64
        The same from the model alone; NaN where it says nothing.
    wrong : ndarray of shape (n,), float64
        1 for a row that people found wrong, 0 for one that they found right, NaN for any other.
    """
    told = ~np.isnan(wrong)
    held = (wrong[told].sum() + ONE) / (np.nansum(prior[told]) + ONE)
    scaled: np.ndarray = np.minimum(held * prior, 1.0)
    return scaled


def expect_draws(wrong: float, n_rows: int, goal: int, confidence: float) -> int:
    """Return about how many rows must be drawn evenly to show that ``goal`` wrong ones are left at most.

    It is what a bettor needs who knows how many are wrong; to learn it takes up to twice as many.

    Parameters
    ----------
    wrong : float
        How many of the rows are wrong. Those that are drawn are mended.
    n_rows, goal : int
        How many rows there are, and how many wrong ones there may be.
    confidence : float
        Above 0 and below 1.
    """
    if goal >= n_rows:
        return 0
    low, high = 0, n_rows - goal
    for _ in range(HALVINGS):
        middle = (low + high) // 2
        if _grow(max(wrong, 0.0), n_rows, goal, middle) >= to_capital(confidence):
            high = middle
        else:
            low = middle + 1
        if low >= high:
            break
    return high


def _grow(wrong: float, n_rows: int, goal: int, draws: int) -> float:
    """Return the logarithm of the capital after so many draws, if a bettor knew the share of wrong rows."""
    if not draws:
        return 0.0
    drawn = (np.arange(PIECES) + 0.5) / PIECES * draws
    share = min(wrong / n_rows, 0.999)
    against = np.clip((goal + 1 + share * (draws - drawn)) / (n_rows - drawn), 1e-12, 1 - 1e-12)
    grown = (1 - share) * np.log((1 - share) / (1 - against)) + (share * np.log(share / against) if share else 0.0)
    return float(np.where(against > share, grown, 0.0).mean() * draws)
