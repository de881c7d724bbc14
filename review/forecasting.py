"""Keeps what is expected up to date with the decisions that stand."""

import threading
from typing import Any

from review.certify.planned import Planned
from review.forecast import Known, Ranking, forecast
from review.log import Log

# before the first forecast: of which version of the decisions, and what it says
NEVER: tuple[str, dict[str, Any] | None] = ("", None)


class Forecasting:
    """The forecast for one data set.

    Parameters
    ----------
    ranking : Ranking
        Its rows, as the model ranks them.
    log : Log
        The decisions.
    planned : Planned
        The way to a certificate: the forecast tells how many of the worst rows come before.
    """

    def __init__(self, ranking: Ranking, log: Log, planned: Planned) -> None:
        self._ranking, self._log, self._planned = ranking, log, planned
        self._known = Known(ranking)
        self._last = NEVER
        self._lock = threading.Lock()

    def tell(self) -> dict[str, Any] | None:
        """Return how many errors are left, by what the model expects and what stands now."""
        with self._lock:
            news = self._log.since(self._last[0])
            if self._last[0] != news.version:
                self._known.take(news.standing)
                self._last = news.version, self._expect()
            return self._last[1]

    def forget(self) -> None:
        """Work it out anew when it is asked for next."""
        with self._lock:
            self._last = NEVER

    def _expect(self) -> dict[str, Any] | None:
        expected = forecast(self._ranking, self._known.wrong)
        if expected and (before := self._planned.count_before()) is not None:
            expected["before"] = before
        return expected
