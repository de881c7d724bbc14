"""Whether a certificate is planned, and the change from the worst rows to drawn ones."""

import threading

from review.certify.auto import Auto
from review.certify.session import Certifying


class Planned:
    """The way to a certificate, as soon as there is one.

    Parameters
    ----------
    certifying : Certifying, optional
        The way, if one is planned from the start.
    auto : Auto, optional
        Plans one by itself, if none is.
    """

    def __init__(self, certifying: Certifying | None, auto: Auto | None) -> None:
        self.certifying, self._auto = certifying, auto
        self._lock = threading.Lock()

    def find(self) -> Certifying:
        """Return the way; raise LookupError if none is planned."""
        if self.certifying is None:
            raise LookupError("plan of a certificate")
        return self.certifying

    def count_before(self) -> int | None:
        """Return how many of the worst rows are worth a look before the change; None if no change is to come."""
        return self._auto.count_worst() if self._auto and not self.certifying else None

    def change(self) -> bool:
        """Change to drawn rows if no more of the worst ones are worth a look before, and return whether it did."""
        with self._lock:
            if not self._auto or self.count_before() != 0:
                return False
            self.certifying = self._auto.start()
            return True
