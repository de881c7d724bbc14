"""Reads shares from the command line."""

import math

from stages.certificate.words import percent
from stages.command.errors import InputError

# further on, the bounds are not followed
LEAST_CONFIDENCE, MOST_CONFIDENCE = 0.5, 0.999


def read_share(option: str, text: str) -> float:
    """Read a share such as ``1%``, ``0.5 %`` or ``0.01``, which is above 0 and below 1.

    Raises
    ------
    InputError
        If it is anything else.
    """
    number = text.strip().removesuffix("%")
    try:
        # as it was written, not as dividing by 100 leaves it
        share = round(float(number) / (100 if number != text.strip() else 1), 12)
    except ValueError:
        share = math.nan
    if not 0 < share < 1:
        raise InputError(f"{option} {text}: give a share such as 1%, 0.5% or 0.01")
    return share


def read_confidence(text: str) -> float:
    """Read how sure a certificate shall be."""
    confidence = read_share("--confidence", text)
    if not LEAST_CONFIDENCE <= confidence <= MOST_CONFIDENCE:
        raise InputError(
            f"--confidence {text}: give one from {percent(LEAST_CONFIDENCE)} to {percent(MOST_CONFIDENCE)}, such as 95%"
        )
    return confidence
