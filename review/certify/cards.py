"""Hands out rows to look at, one after the other, to everybody other ones."""

import secrets
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

# what a page has in store, so that it need not wait
STORE = 5
# a row that somebody has open comes later to others; after so many seconds without a verdict of theirs it is anybody's
LENT_S = 120.0
# so many drawn rows come between two checks at least
BETWEEN = 4
# a drawn row, and one to look at once more, openly
DRAWN, LOOK = "drawn", "look"
# what measures the reviewer: a row that was looked at before, and one whose label was turned on purpose
AGAIN, KNOWN = "again", "known"


class Shown(NamedTuple):
    """What a card is about: for what reason which row is shown, with which label."""

    kind: str
    id: str
    label: str

    @property
    def is_check(self) -> bool:
        """Whether it checks the reviewer, so that its verdict is no decision."""
        return self.kind in (AGAIN, KNOWN)


@dataclass(frozen=True)
class Card:
    """A row that was handed out: the page knows it by its name, which does not say why it was."""

    name: str
    reviewer: str
    shown: Shown


class Dealer:
    """Hands out cards, and remembers which and to whom.

    Parameters
    ----------
    clock : callable
        Gives the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._cards: dict[str, Card] = {}
        self._names: dict[tuple[str, Shown], str] = {}
        self._lent: dict[Shown, tuple[str, float]] = {}
        self._since_check: dict[str, int] = {}

    def find(self, name: str) -> Card | None:
        """Return the card of a name."""
        return self._cards.get(name)

    def make(self, reviewer: str, shown: Shown) -> Card:
        """Return the reviewer's card of a row, always the same."""
        name = self._names.setdefault((reviewer, shown), secrets.token_hex(8))
        return self._cards.setdefault(name, Card(name, reviewer, shown))

    def judge(self, card: Card) -> None:
        """Note that a card was judged: what else its reviewer has open stays theirs for a while."""
        self._lent.pop(card.shown, None)
        self._since_check[card.reviewer] = self._count_on([card], self._since_check.get(card.reviewer, 0))
        now = self._clock()
        self._lent = {
            shown: (who, now if who == card.reviewer else since) for shown, (who, since) in self._lent.items()
        }

    def is_lent(self, shown: Shown, reviewer: str) -> bool:
        """Say whether somebody else has it open."""
        who, since = self._lent.get(shown, (reviewer, 0.0))
        return who != reviewer and self._clock() - since < LENT_S

    def deal(
        self, reviewer: str, kept: Sequence[Card], drawn: Sequence[Shown], checks: Sequence[Shown], but: Collection[str]
    ) -> list[Card]:
        """Return the cards that a reviewer's page is to have: those it keeps, and new ones.

        Parameters
        ----------
        reviewer : str
            Whose.
        kept : list of Card
            What the page has in store.
        drawn, checks : list of Shown
            What may come next, in this order.
        but : set of str
            The ids of rows which do not come now, since their verdicts are on their way.
        """
        cards, busy = list(kept), {*but, *(card.shown.id for card in kept)}
        while len(cards) < STORE:
            due = self._count_on(cards, self._since_check.get(reviewer, 0)) >= BETWEEN
            shown = (due and self._first(checks, reviewer, busy)) or self._first(drawn, reviewer, busy)
            if not shown:
                break
            self._lent[shown] = (reviewer, self._clock())
            busy.add(shown.id)
            cards.append(self.make(reviewer, shown))
        return cards

    @staticmethod
    def _count_on(cards: Sequence[Card], count: int) -> int:
        """Return how many cards come after the last check, of which there were so many before these."""
        for card in cards:
            count = 0 if card.shown.is_check else count + 1
        return count

    def _first(self, rows: Sequence[Shown], reviewer: str, busy: Collection[str]) -> Shown | None:
        free = (shown for shown in rows if shown.id not in busy and not self.is_lent(shown, reviewer))
        return next(free, None)
