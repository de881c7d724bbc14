"""How the page writes numbers: each function is a filter of the templates."""

from collections.abc import Callable

# a space that no line breaks at
SPACE = "\N{NO-BREAK SPACE}"


def number(value: float) -> str:
    """Write a whole number with a comma after each thousand: ``1,797``."""
    return f"{value:,.0f}"


def percent(share: float, digits: int = 0) -> str:
    """Write a share from 0 to 1 as a percentage: ``12 %``."""
    return f"{100 * share:.{digits}f}{SPACE}%"


def percent_range(low: float, high: float) -> str:
    """Write two shares as a range of percentages: ``9–91 %``."""
    return f"{100 * low:.0f}–{percent(high)}"


def chance(prob: float) -> str:
    """Write a probability as a percentage that is never 0 or 100: ``<1 %``."""
    if prob < 0.005:
        return f"<1{SPACE}%"
    return f">99{SPACE}%" if prob > 0.995 else percent(prob)


def count(expected: float) -> str:
    """Write an expected count, small ones with one digit after the point: ``0.9``."""
    return number(expected) if expected >= 9.95 else f"{expected:.1f}".removesuffix(".0")


FILTERS: dict[str, Callable[..., str]] = {
    each.__name__: each for each in (number, percent, percent_range, chance, count)
}
