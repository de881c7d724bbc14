"""Shares out to workers what a pretrained network has to look at, and keeps what it makes of each content."""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from stages.artifacts import timm_networks
from stages.artifacts.files import data_folder
from stages.artifacts.vectors import Embedded
from stages.artifacts.weights import Weights
from stages.command.processor import describe_processor
from stages.embed.kept import KeptVectors
from stages.embed.rows import Rows
from stages.workers.keeping import using
from stages.workers.pool import DEVICE, Pool, choose_device, for_device, start_workers
from stages.workers.progress import say, write_time

FOLDER = Path(__file__).parent
# contents that a worker is given at once, a multiple of what a network looks at together; and how long what comes back
# is gathered before it is kept
TASK, KEEP_EVERY_S = 64, 20
# a picture's file, its pixels, or a text
Content: TypeAlias = bytes | np.ndarray | str


@dataclass(frozen=True)
class Network:
    """Names a pretrained network, so that it travels to any worker.

    Attributes
    ----------
    module : str
        The module of the source that loads it.
    folder : str
        Where its files lie.
    size : int, optional
        The side of the pictures that it is given; None for its own.
    device : str, optional
        The torch device that the environment names.
    """

    module: str
    folder: str
    size: int | None
    device: str | None


def embed_rows(module: str, weights: Weights, rows: Rows, size: int | None, packages: tuple[str, ...]) -> Embedded:
    """Bring each row to a vector by a pretrained network.

    Parameters
    ----------
    module : str
        That of the source: its function ``load(folder, size, device)`` returns an object with ``device``; ``about``, a
        dict; and ``encode(contents)``, which gives (k, d) float32, the same for a content whatever else is among them.
    weights : Weights
        The network's files.
    rows : Rows
        The rows.
    size : int, optional
        The side of the pictures that it is given.
    packages : tuple of str
        Those whose versions decide the result.
    """
    network = Network(module, str(weights.folder.absolute()), size, os.environ.get(DEVICE))
    get = open_contents(rows)
    hashes = [hash_content(get(number)) for number in range(len(rows.firsts))]
    with start_workers(-(-len(hashes) // TASK), module, describe_code) as workers:
        about = next(iter(workers.call(describe_network, [(network,)])))
        source = weights.describe(*packages) | about
        key = hashlib.sha256(json.dumps([source, describe_processor(), describe_code()]).encode()).hexdigest()
        folder = data_folder(rows.dataset) / "kept_features"
        with using(folder, key):
            kept = KeptVectors(folder, key)
            todo = [number for number, each in enumerate(hashes) if each not in kept]
            say(f"{len(hashes) - len(todo):,} of {len(hashes):,} vectors kept from an earlier run", final=True)
            compute(for_device(workers, about["device"]), network, get, todo, hashes, kept)
            return Embedded(kept.gather(hashes)[rows.content], source)


def compute(
    workers: Pool,
    network: Network,
    get: Callable[[int], Content],
    todo: list[int],
    hashes: list[bytes],
    kept: KeptVectors,
) -> None:
    """Have workers look at some contents, and keep the vectors as they come."""
    began = last = time.perf_counter()
    made: list[tuple[list[int], np.ndarray]] = []
    done = 0
    for numbers, vectors in workers.call(encode, _deal(network, get, todo)):
        made.append((numbers, vectors))
        done += len(numbers)
        now = time.perf_counter()
        if now - last > KEEP_EVERY_S or done == len(todo):
            kept.add(
                [hashes[number] for each, _ in made for number in each], np.concatenate([each for _, each in made])
            )
            made, last = [], now
            left = (now - began) / done * (len(todo) - done)
            say(f"{done:,} of {len(todo):,} embedded, {write_time(left)} left", final=done == len(todo))


def _deal(network: Network, get: Callable[[int], Content], todo: list[int]) -> Iterator[tuple[Any, ...]]:
    for start in range(0, len(todo), TASK):
        numbers = todo[start : start + TASK]
        yield network, numbers, [get(number) for number in numbers]


def encode(network: Network, numbers: list[int], contents: list[Content]) -> tuple[list[int], np.ndarray]:
    """Return the vectors of contents, and their numbers as they were given: what a worker does."""
    return numbers, load_network(network).encode(contents)


def describe_network(network: Network) -> dict[str, Any]:
    """Return what a worker knows of the network beside its files: how contents come to it, and on which device."""
    loaded = load_network(network)
    about: dict[str, Any] = loaded.about | {"device": loaded.device}
    return about


@cache
def load_network(network: Network) -> Any:
    """Load a network once in each process."""
    device = choose_device(network.device)
    return import_module(network.module).load(Path(network.folder), network.size, device)


def open_contents(rows: Rows) -> Callable[[int], Content]:
    """Return what gives each content by its number: a picture's file or, where there are none, pixels; or a text."""
    if rows.kind == "text":
        return rows.read_texts().__getitem__
    originals, images = rows.find_originals(), rows.images
    if originals is not None:
        return originals.read
    assert images is not None
    return lambda number: np.array(images[rows.firsts[number]])


def hash_content(content: Content) -> bytes:
    """Return the SHA-256 of a content."""
    if isinstance(content, str):
        return hashlib.sha256(content.encode()).digest()
    if isinstance(content, bytes):
        return hashlib.sha256(content).digest()
    return hashlib.sha256(f"{content.shape}".encode() + content.tobytes()).digest()


@cache
def describe_code() -> str:
    """Return the SHA-256 of all files in this folder, and of what loads networks of timm."""
    digest = hashlib.sha256(Path(timm_networks.__file__).read_bytes())
    for path in sorted(FOLDER.rglob("*.py")):
        digest.update(path.relative_to(FOLDER).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()
