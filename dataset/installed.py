"""The files and packages that a block names and this machine lacks."""

import importlib.util
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from stages.artifacts.weights import INSTALL, PACKAGES, list_lacking
from stages.crossval_predict.models.registry import is_fine_tuned


def list_installed(sections: Mapping[str, Any]) -> Iterator[str]:
    """Yield the files and packages that the block names and this machine lacks."""
    embed, predict, inspect = (sections.get(name) for name in ("embed", "crossval_predict", "inspect"))
    prefix, _, argument = embed.source.partition(":") if embed else ("", "", "")
    if lacking := list_lacking(prefix):
        yield f"embed.source: {prefix} needs {', '.join(lacking)}, not installed; run `{INSTALL}`"
    if prefix == "npy" and not Path(argument).expanduser().exists():
        yield f"embed.source: {argument} is not there; correct the path"
    if prefix in PACKAGES and "@" not in argument and not Path(argument).expanduser().is_dir():
        yield f"embed.source: {argument}: there is no such folder; give NAME@REVISION, or correct the path"
    if inspect and inspect.map == "tsne" and importlib.util.find_spec("openTSNE") is None:
        yield f"inspect.map: tsne needs openTSNE, not installed; run `{INSTALL}`"
    if predict and predict.pred_probs and not Path(predict.pred_probs).expanduser().exists():
        yield f"crossval_predict.pred_probs: {predict.pred_probs} is not there; correct the path"
    for member in predict.model if predict else ():
        module = member.model.partition(":")[0] if ":" in member.model else member.model.rpartition(".")[0]
        if module and not is_fine_tuned(member.model) and not _is_importable(module):
            yield f"crossval_predict.model: {member.model}: no module {module}; is it spelt right and installed?"


def _is_importable(module: str) -> bool:
    """Say whether there is a module, from the name of its package: its code is not run."""
    return importlib.util.find_spec(module.partition(".")[0]) is not None
