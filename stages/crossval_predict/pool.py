"""What the folds ask of whatever trains them."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol


class Pool(Protocol):
    """Processes to call functions in: this machine's, or those of a cluster."""

    @property
    def count(self) -> int:
        """How many work at once."""

    @property
    def share_disk(self) -> bool:
        """Whether they surely see this process's files."""

    def call(self, function: Callable[..., Any], arguments: Iterable[tuple[Any, ...]]) -> Iterator[Any]:
        """Call ``function`` with each tuple of arguments, begun in their order; yield what comes back, as it comes."""
