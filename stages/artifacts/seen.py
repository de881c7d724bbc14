"""What a model sees of pictures that lie in files, which is not what a person sees."""

from typing import Any

import numpy as np

from stages.artifacts.files import data_folder, load_array, read_json

# how `preprocess` made pictures alike, in its folder; arrays of pictures have none of it
FITTED = "fitted.json"
WORDS = {"resize": "resized", "crop": "cropped", "pad": "padded"}


def load_seen(dataset: str) -> np.ndarray | None:
    """Map the pictures that a network is trained on into memory, (n, C, H, W) uint8; None if there are none."""
    path = data_folder(dataset) / "prepared" / "images.npy"
    return load_array(path) if path.exists() else None


def describe_seen(dataset: str) -> str:
    """Say what a model sees of a picture in a file; nothing if that is not known."""
    seen, folder = load_seen(dataset), data_folder(dataset)
    path = folder / "features" / "source.json"
    source: dict[str, Any] = read_json(path) if path.exists() else {}
    if seen is None:
        return f"judged by {source['name']}" if "name" in source else ""
    _, channels, height, width = seen.shape
    fitted = folder / "prepared" / FITTED
    said = [f"trained on {width}×{height}"]
    said += ["grey"] if channels == 1 else []
    said += [WORDS[read_json(fitted)["fit"]]] if fitted.exists() else []
    said += [f"or judged by {source['name']}"] if source.get("pretrained") else []
    return ", ".join(said)
