"""``sentence-transformers:NAME@REVISION`` or ``sentence-transformers:FOLDER``: what a language model reads in texts."""

from pathlib import Path
from typing import Any

import numpy as np

from stages.artifacts.kind import Kind
from stages.artifacts.vectors import Embedded
from stages.artifacts.weights import find_weights, importing
from stages.command.errors import InputError
from stages.embed.pretrained import embed_rows
from stages.embed.rows import Rows
from stages.embed.settings import KEY, Settings

KINDS: tuple[Kind, ...] = ("text",)
ARGUMENT = "NAME@REVISION"
PACKAGES = ("sentence-transformers", "tokenizers", "torch", "transformers")
# Texts read at once. Others in a batch change how a text is padded, and so the last digits: on a CPU, where it saves
# little time, each is read alone.
BATCH, BATCH_GPU = 1, 64


def embed(argument: str, rows: Rows, settings: Settings) -> Embedded:
    """Return the language model's vector of each text."""
    return embed_rows(__name__, find_weights(argument, "sentence-transformers", KEY), rows, None, PACKAGES)


def load(folder: Path, size: int | None, device: str) -> "Encoder":
    """Load a language model.

    Raises
    ------
    InputError
        If a package is missing, or sentence-transformers cannot build the model.
    """
    with importing(KEY):
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging
    logging.disable_progress_bar()
    try:
        model = SentenceTransformer(
            str(folder),
            device=device,
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
        )
    except Exception as error:
        # each model's code raises its own
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{KEY}: sentence-transformers cannot build a model from {folder} ({reason})") from None
    return Encoder(model, device)


class Encoder:
    """A language model.

    Parameters
    ----------
    model : SentenceTransformer
        The model.
    device : str
        Where torch computes.
    """

    def __init__(self, model: Any, device: str) -> None:
        import torch

        if device == "cpu":
            torch.set_num_threads(1)
        self.device, self._model = device, model
        self.about = {"preprocessing": {"max_seq_length": model.max_seq_length}}

    def encode(self, contents: list[str]) -> np.ndarray:
        """Return the vectors of texts, (k, d) float32."""
        count = BATCH if self.device == "cpu" else BATCH_GPU
        vectors: np.ndarray = self._model.encode(contents, batch_size=count, show_progress_bar=False)
        return vectors.astype(np.float32)
