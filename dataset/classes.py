"""Names classes with how many rows each has."""

from collections import Counter


def name_classes(counts: Counter[str], most: int) -> str:
    """Name the largest classes with their counts, and say how many more there are.

    The names are in quotes: one that is a number would read as a count.
    """
    shown = [f"{name!r} {count:,} {'row' if count == 1 else 'rows'}" for name, count in counts.most_common(most)]
    rest = len(counts) - len(shown)
    return ", ".join(shown) + (f", and {rest:,} more" if rest else "")
