"""The weights of `stages.find_issues.doubts`, fitted on runs whose wrong labels are known."""

from collections import Counter

import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from benchmarks.known_runs import KnownRun
from stages.artifacts.calibration import CENTRE, to_log_odds
from stages.find_issues.doubts import WITH_VOTES, Weights, weigh_doubts
from stages.find_issues.expected import expect_errors

MOST_ROWS = {"doubted": 200, "agreed": 400}
# A model is strong if it agrees with nearly as many labels as are right. Strong ones weigh as much as all others.
STRONG = 0.06
# Few labels are as bad as the worst of these runs: those with more wrong labels than the first weigh the second.
VERY_NOISY, LESS = 0.15, 0.5
HELD = np.array([4.0, 1.0])


def fit_weights(runs: list[KnownRun], like: Weights) -> Weights:
    """Fit two logistic regressions of whether a label is wrong, that the model doubts and that it agrees with.

    A run weighs as the root of its number of such rows, of which `MOST_ROWS` are drawn; each family of data sets
    weighs the same, and so do strong models and all others.

    Parameters
    ----------
    runs : list of KnownRun
        What to fit on.
    like : Weights
        Those to fit anew, by name.
    """
    of_family = Counter(run.family for run in runs)
    n_strong = sum(map(is_strong, runs))
    shares = [
        (LESS if run.wrong.mean() > VERY_NOISY else 1)
        / of_family[run.family]
        / (n_strong if is_strong(run) else len(runs) - n_strong)
        for run in runs
    ]
    return {part: _fit(runs, shares, part, [name for name in like[part] if name != "constant"]) for part in like}


def _fit(runs: list[KnownRun], shares: list[float], part: str, names: list[str]) -> dict[str, float]:
    drawn = [draw_rows(run, part, names) for run in runs]
    weights = np.concatenate(
        [
            np.full(len(wrong), share * np.sqrt(run.part(part).sum()) / max(len(wrong), 1))
            for run, share, (_, wrong) in zip(runs, shares, drawn, strict=True)
        ]
    )
    features, wrong = (np.concatenate(column) for column in zip(*drawn, strict=True))
    means, spreads = features.mean(axis=0), features.std(axis=0) + 1e-9
    # the penalty is worth a row of the mean weight
    fit = LogisticRegression(max_iter=300).fit((features - means) / spreads, wrong, weights / weights.mean())
    slopes = fit.coef_[0] / spreads
    return {"constant": float(fit.intercept_[0] - slopes @ means), **dict(zip(names, map(float, slopes), strict=True))}


def is_strong(run: KnownRun) -> bool:
    """Say whether the model agrees with nearly as many labels as are right."""
    return bool(run.doubted.mean() - run.wrong.mean() < STRONG)


def draw_rows(run: KnownRun, part: str, names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the features, (m, F), of some of the rows that the model doubts or agrees with, and which are wrong."""
    features, wrong = np.stack([run.features[part][name] for name in names], axis=1), run.wrong[run.part(part)]
    if len(wrong) <= MOST_ROWS[part]:
        return features, wrong
    chosen = np.random.default_rng(0).choice(len(wrong), MOST_ROWS[part], replace=False)
    return features[chosen], wrong[chosen]


def expect_left_out(fitted: list[KnownRun], runs: list[KnownRun]) -> list[np.ndarray]:
    """Return the prior of each run's rows, by weights that were fitted on other families of data sets."""
    weights = {
        family: fit_weights([run for run in fitted if run.family != family], WITH_VOTES)
        for family in {run.family for run in runs}
    }
    return [_expect(run, weights[run.family]) for run in runs]


def _expect(run: KnownRun, weights: Weights) -> np.ndarray:
    doubts = weigh_doubts(run.evidence, run.features, weights)
    return expect_errors(run.quality, doubts, np.ones(len(run.wrong), dtype=bool))


def measure_spread(runs: list[KnownRun], priors: list[np.ndarray]) -> np.ndarray:
    """Return how far each run's truth is from its prior, (R, 2): logarithms of true over expected errors and a slope.

    The slope is the best one together with a shift. Both are held weakly, as normal with the standard deviations of
    `HELD`, for runs with few errors.
    """
    return np.array(
        [
            [np.log((run.wrong.sum() + 1) / (prior.sum() + 1)), _follow(to_log_odds(prior) - CENTRE, run.wrong)[1]]
            for run, prior in zip(runs, priors, strict=True)
        ]
    )


def _follow(log_odds: np.ndarray, wrong: np.ndarray) -> np.ndarray:
    def improbability(moved: np.ndarray) -> float:
        odds = CENTRE + moved[0] + np.exp(moved[1]) * log_odds
        return float((np.logaddexp(0, odds) - wrong * odds).sum() + (moved**2 / HELD**2).sum() / 2)

    found: np.ndarray = minimize(improbability, np.zeros(2)).x
    return found
