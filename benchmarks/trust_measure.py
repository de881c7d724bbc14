"""What the product says of a run whose wrong labels are known, beside the truth."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.known_runs import KnownRun
from review.spread import choose_spread
from stages.artifacts.quality import Z
from stages.clean.settings import Settings as ActSettings
from stages.find_issues.expected import expect_errors
from stages.find_issues.judge import Judged, learn
from stages.report.expected import interpolate

VERDICTS = (0, 20, 40)
MIN_YIELD = 0.5
# from which probability of an error on a rule acts, under a good model
ACT_ABOVE = ActSettings.model_fields["act_above"].default
BEFORE = "before"
# what the weights expect, without what they may be off by
ALONE = "alone"


def measure_run(run: KnownRun, prior: np.ndarray) -> dict[str, Any]:
    """Return what is said of a run after so many `VERDICTS`, what was said before this way of counting, and the truth.

    For each of these there are ``expected``, ``low`` and ``high`` of all rows, the same with ``worst`` of the N worst,
    N being the number of wrong labels, and ``flagged`` and ``hits``, the number of flags and of those that are right.
    ``acted`` and ``acted rightly`` count the rows that a rule may change, if the model is good.
    """
    order, n_wrong = np.argsort(run.quality, kind="stable"), int(run.wrong.sum())
    measured: dict[str, Any] = {
        "dataset": run.name.dataset,
        "family": run.family,
        "kind": run.name.kind,
        "share": run.name.share,
        "replaced": run.replaced,
        "accuracy": run.accuracy,
        f"expected {ALONE}": float(prior.sum()),
        "wrong": n_wrong,
        "worst_wrong": int(run.wrong[order[:n_wrong]].sum()),
        "shared": float((run.wrong & ~run.doubted).sum() / max(n_wrong, 1)),
    }
    for when, judged in _judge(run, prior, order):
        measured[f"verdict {when}"] = str(judged.trust.verdict)
        acted = (judged.error_prob >= ACT_ABOVE) & np.isnan(judged.wrong)
        measured |= {f"acted {when}": int(acted.sum()), f"acted rightly {when}": int((acted & run.wrong).sum())}
        measured |= _describe(run, when, judged.tabulate_yield(), judged.error_prob, order)
    table, error_prob = expect_before(run, order)
    return measured | _describe(run, BEFORE, table, error_prob, order)


def choose_verdicts(n_rows: int, n_verdicts: int) -> np.ndarray:
    """Return the places in a ranking to decide on: half as the review page spreads them, and as many of the worst."""
    spread = choose_spread(n_rows, n_verdicts // 2)
    worst = np.setdiff1d(np.arange(n_rows), spread)
    return np.concatenate([spread, worst[: n_verdicts - len(spread)]])


def _judge(run: KnownRun, prior: np.ndarray, order: np.ndarray) -> Iterator[tuple[int, Judged]]:
    n_rows, evidence = len(order), run.evidence
    for n_verdicts in VERDICTS:
        found = np.full(n_rows, np.nan)
        told = order[choose_verdicts(n_rows, n_verdicts)] if n_verdicts else order[:0]
        found[told] = run.wrong[told]
        belief, error_prob, trust = learn(evidence, prior, found)
        judged = Judged(
            kept=np.arange(n_rows),
            labels=evidence.labels,
            rows=evidence.rows,
            joint=evidence.joint,
            scores=run.quality,
            prior=prior,
            error_prob=error_prob,
            wrong=found,
            belief=belief,
            trust=trust,
            ranked=order,
            flagged=error_prob >= MIN_YIELD,
        )
        yield n_verdicts, judged


def _describe(
    run: KnownRun, when: int | str, table: pd.DataFrame, error_prob: np.ndarray, order: np.ndarray
) -> dict[str, float]:
    flagged = error_prob >= MIN_YIELD
    described = {f"flagged {when}": float(flagged.sum()), f"hits {when}": float((flagged & run.wrong).sum())}
    if table.empty:
        return described
    n_wrong = int(run.wrong.sum())
    for place, n_rows in (("", len(order)), ("worst ", n_wrong)):
        for column in ("expected", "low", "high"):
            described[f"{place}{column} {when}"] = float(interpolate(table, column, np.array(n_rows)))
    return described


def expect_before(run: KnownRun, order: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the yield and the probabilities of errors as they were before: each confident disagreement is one.

    Those that are not confident are errors as often as disagreements are confident; the band goes from none of them to
    all of them, and allows for chance.
    """
    errors, doubted, every = run.evidence.off_diagonal, run.doubted, np.ones(len(order), dtype=bool)
    usual = (errors.sum() + 1) / (doubted.sum() + 2)
    least, expected, most = (
        expect_errors(run.quality, np.where(errors, 1.0, share * doubted), every)[order] for share in (0, usual, 1)
    )
    low, high = (
        np.cumsum(probs) + side * Z * np.sqrt(np.cumsum(probs * (1 - probs)))
        for side, probs in ((-1, least), (1, most))
    )
    rows = np.arange(1, len(order) + 1)
    table = pd.DataFrame(
        {"rows": rows, "expected": np.cumsum(expected), "low": np.maximum(low, 0), "high": np.minimum(high, rows)}
    )
    error_prob = np.empty(len(order))
    error_prob[order] = expected
    return table, error_prob
