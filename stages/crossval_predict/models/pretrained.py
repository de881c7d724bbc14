"""Finds the files of a pretrained network that is trained further, without torch."""

import hashlib
from importlib.metadata import version
from pathlib import Path

from stages.artifacts import timm_networks
from stages.artifacts.weights import Weights, find_weights
from stages.crossval_predict.models.own import MODEL
from stages.crossval_predict.models.registry import FINE_TUNED


def find_files(name: str) -> Weights:
    """Return the files of a network, ``timm:NAME@REVISION`` or ``timm:FOLDER``; what is on the hub is downloaded."""
    return find_weights(name.removeprefix(FINE_TUNED), FINE_TUNED.rstrip(":"), MODEL)


def describe_network(name: str) -> str:
    """Return the SHA-256 of a network's files, of the versions of the packages that run it, and of what loads it."""
    files = find_files(name)
    versions = [f"{package} {version(package)}" for package in timm_networks.PACKAGES]
    digest = hashlib.sha256(" ".join([files.sha256, *versions]).encode())
    for path in (files.folder / "config.json", Path(timm_networks.__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()
