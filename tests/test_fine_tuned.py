"""A pretrained network that is trained further on pictures as they came, through the real stages."""

import importlib.util
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from stages.command.errors import InputError
from stages.crossval_predict.models.batches import EvenBatches
from stages.crossval_predict.settings import SectionSettings
from tests.pretrained import declare_operators
from tests.sources import run, write_block
from tests.test_pretrained import write_textures

LACKING = [name for name in ("timm", "torchvision", "safetensors") if importlib.util.find_spec(name) is None]
needs_timm = pytest.mark.skipif(bool(LACKING), reason=f"not installed: {', '.join(LACKING)}")
TINY: dict[str, Any] = {"model": "timm:tiny", "arguments": {"size": 32}, "max_epochs": 3, "lr": 0.01}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write timm's smallest network, its weights drawn at random."""
    declare_operators()
    import timm
    from safetensors.torch import save_file

    torch.manual_seed(0)
    network = timm.create_model("test_efficientnet", pretrained=False, num_classes=10)
    folder = tmp_path_factory.mktemp("networks") / "tiny"
    folder.mkdir()
    save_file({name: tensor.contiguous() for name, tensor in network.state_dict().items()}, folder / "model.safetensors")
    config = {key: network.pretrained_cfg[key] for key in ("input_size", "mean", "std", "crop_pct", "classifier")}
    about = {"architecture": "test_efficientnet", "num_classes": 10, "pretrained_cfg": config}
    (folder / "config.json").write_text(json.dumps(about))
    return folder


def prepare(folder: Path, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bring 60 pictures up to their folds, and the network beside them."""
    write_textures(folder / "textures", 0, 60)
    shutil.copytree(tiny, folder / "tiny")
    write(folder)
    for stage in ("check", "fetch", "preprocess", "embed", "split"):
        assert run(folder, stage, monkeypatch) == 0


def write(folder: Path, **section: Any) -> None:
    block = {"fetch": {"sources": ["images:textures"]}, "split": {"folds": 2}, "crossval_predict": TINY | section}
    write_block(folder, block)


@needs_timm
def test_a_network_learns_further_and_again_the_same(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(tmp_path, tiny, monkeypatch)
    pred_probs = tmp_path / "data/toy/predictions/pred_probs.npy"

    def train(**section: Any) -> tuple[bytes, str]:
        write(tmp_path, **section)
        capsys.readouterr()
        assert run(tmp_path, "crossval_predict", monkeypatch) == 0, capsys.readouterr().err
        return pred_probs.read_bytes(), capsys.readouterr().out

    first, said = train()
    print(said)
    labels = np.load(tmp_path / "data/toy/prepared/labels.npy")
    print((np.load(pred_probs).argmax(axis=1) == labels).mean())
