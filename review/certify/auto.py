"""Changes from the worst rows to drawn ones by itself, when that takes the fewest looks in all."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from review.catalogue import Catalogue
from review.certify.session import Certifying
from review.log import Log
from stages.artifacts.calibration import believe
from stages.artifacts.files import data_folder
from stages.artifacts.standing import find_wrong, mark_wrong
from stages.artifacts.trust import Worth
from stages.certificate.plan import write_plan
from stages.certificate.proposal import Asked, count_before, propose_plan
from stages.certificate.verdicts import count_removed


@dataclass(frozen=True)
class Auto:
    """The change to drawn rows, as it would be made now.

    Attributes
    ----------
    catalogue : Catalogue
        The rows.
    log : Log
        The decisions.
    asked : Asked
        What is to be shown.
    known_share : float
        As `Certifying` takes it.
    """

    catalogue: Catalogue
    log: Log
    asked: Asked
    known_share: float

    def count_worst(self) -> int:
        """Return how many more of the worst rows to look at before: of those in the queue, at most all."""
        decided, removed = self._find_decided()
        rows = self._expect()
        waiting = sum(row_id not in decided for row_id in self.catalogue.quality["id"].iloc[self.catalogue.queue])
        return min(waiting, count_before(rows, decided, len(rows) - removed, self.asked))

    def start(self) -> Certifying:
        """Write a plan that draws from the rows on which nobody has decided, and start on it."""
        decided, removed = self._find_decided()
        plan = propose_plan(self._expect(), decided, removed, self.asked)
        folder = data_folder(self.catalogue.dataset)
        write_plan(folder, plan)
        return Certifying(plan, folder, self.catalogue, self.log, self.known_share)

    def _find_decided(self) -> tuple[dict[str, bool], int]:
        """Return whether each label that was decided on was wrong, and how many rows were removed."""
        standing = self.log.refresh()
        decided = find_wrong(standing, self.log.rows.given)
        return decided, count_removed(decided, standing)

    def _expect(self) -> pd.DataFrame:
        """Return the rows that have a label as `propose_plan` and `count_before` take them."""
        ranking, quality = self.catalogue.ranking, self.catalogue.quality
        prior, error_prob = (np.full(len(quality), np.nan) for _ in range(2))
        if ranking.trust.verdict != Worth.WORTHLESS:
            known = mark_wrong(self.log.refresh(), ranking.labels)
            prior[ranking.rows] = ranking.prior
            error_prob[ranking.rows] = believe(ranking.prior, known, ranking.trust.spread).expect(ranking.prior)
        rows = pd.DataFrame(
            {
                "id": quality["id"],
                "label": quality["given_label"],
                "prior_error_prob": prior,
                "error_prob": error_prob,
            }
        )
        return rows[rows["label"] != ""]
