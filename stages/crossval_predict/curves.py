"""The form of the training curves, for those that have none."""

import pandas as pd

MEASURED = ("train_loss", "valid_loss", "valid_accuracy")


def no_curves() -> pd.DataFrame:
    """Return the table of curves without a row, where nothing is trained epoch by epoch."""
    return pd.DataFrame(columns=["repeat", "fold", "epoch", *MEASURED], dtype=float)
