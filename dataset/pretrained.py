"""Whether a pretrained network is proposed, and what it costs."""

import math

import joblib
import pandas as pd

from dataset.asking import Asked
from dataset.proposal import Proposal
from stages.artifacts.weights import INSTALL, list_lacking
from stages.command.errors import InputError

PICTURES = "timm:timm/convnext_tiny.in12k_ft_in1k@aa096f03029c7f0ec052013f64c819b34f8ad790"
TEXTS = "sentence-transformers:sentence-transformers/all-MiniLM-L6-v2@c9745ed1d9f207416be6d2e6f8de32d1f16199bf"
# what the weights of each weigh in MB, and the seconds that a core takes for a row, as far as they can be told before:
# processors differ
MEGABYTES = {PICTURES: 114, TEXTS: 91}
SECONDS = {PICTURES: 0.35, TEXTS: 0.01}
# words of which nearly every English text has one
ENGLISH = r"(?i)\b(?:the|to|is|my|i|a|and|of|in|for|it|you)\b"
MOSTLY = 0.5
LOOKED_AT = 2000


def is_installed(source: str) -> bool:
    """Say whether the packages are there that a network needs."""
    return not list_lacking(source.partition(":")[0])


def describe_cost(source: str, n_rows: int) -> str:
    """Say what a network costs: what it downloads, and about how long it takes here."""
    minutes = math.ceil(n_rows * SECONDS[source] / joblib.cpu_count() / 60)
    return f"downloads {MEGABYTES[source]} MB once, and takes some {minutes:,} min on this machine without a GPU"


def propose(source: str, n_rows: int, asked: Asked, proposal: Proposal, *, helps: bool) -> bool:
    """Propose a network if it is asked for, or helps and is installed; return whether it is."""
    if asked.pretrained is False or "embed.source" in asked.keys:
        return str(asked.keys.get("embed.source", "")).startswith(("timm:", "sentence-transformers:", "npy:"))
    cost = describe_cost(source, n_rows)
    if not is_installed(source):
        if asked.pretrained:
            raise InputError(f"--pretrained: its packages are not installed; run `{INSTALL}`")
        if helps:
            proposal.chosen.append(
                f"a pretrained network is likely to be right more often; it {cost}: `{INSTALL}`, then set "
                f"embed.source of this block to {source}"
            )
        return False
    if not (helps or asked.pretrained):
        return False
    proposal.set("embed", source=source)
    proposal.chosen.append(f"features of a pretrained network: {cost} (`--no-pretrained` does without)")
    return True


def propose_for_texts(texts: pd.Series, asked: Asked, proposal: Proposal) -> None:
    """Propose what reads texts: their words, beside a network for English ones."""
    sample = texts.iloc[:: max(1, len(texts) // LOOKED_AT)]
    english = bool(sample.str.contains(ENGLISH, regex=True).mean() > MOSTLY)
    beside = propose(TEXTS, len(texts), asked, proposal, helps=english)
    if not beside:
        proposal.chosen.append("model: tfidf, which counts words, and takes seconds")
