"""What ``compared`` in params.yaml may hold: names of data sets, each maybe with how often it is trained."""

from pydantic import Field

from stages.command.listed import find_listed
from stages.command.params import Section


class Settings(Section):
    """How given and cleaned labels are compared."""

    repeats: int = Field(
        default=3,
        ge=2,
        description="how often to train on the given and on the cleaned labels, each time with another seed: two "
        "trainings differ by luck, too, and only several show by how much",
    )


def find_settings(dataset: str) -> Settings | None:
    """Return how a data set is compared, or None if it is not."""
    return find_listed(dataset, "compared", Settings)
