"""Keeps the vectors that a pretrained network made, by the content that they are of."""

import hashlib
import zipfile
from pathlib import Path

import numpy as np

from stages.workers.keeping import write_kept


class KeptVectors:
    """Vectors in a folder, in pieces as they came.

    Parameters
    ----------
    folder : Path
        ``data/<dataset>/kept_features``.
    key : str
        What the names of the pieces begin with: the SHA-256 of everything that decides the vectors but the content.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self.folder, self.key = folder, key
        self._places: dict[bytes, tuple[Path, int]] = {}
        for path in sorted(folder.glob(f"{key}-*.npz")):
            self._index(path)

    def __contains__(self, content_hash: bytes) -> bool:
        return content_hash in self._places

    def add(self, hashes: list[bytes], vectors: np.ndarray) -> None:
        """Keep the vectors of contents, (k, d) float32."""
        path = self.folder / f"{self.key}-{hashlib.sha256(b''.join(hashes)).hexdigest()[:16]}.npz"
        rows = np.frombuffer(b"".join(hashes), np.uint8).reshape(len(hashes), -1)
        write_kept(path, lambda file: np.savez(file, hashes=rows, vectors=vectors))
        self._index(path)

    def gather(self, hashes: list[bytes]) -> np.ndarray:
        """Return the vectors of contents, (m, d) float32, in their order."""
        wanted: dict[Path, list[tuple[int, int]]] = {}
        for number, each in enumerate(hashes):
            path, place = self._places[each]
            wanted.setdefault(path, []).append((number, place))
        gathered: np.ndarray | None = None
        for path, pairs in wanted.items():
            numbers, places = np.array(pairs).T
            with np.load(path) as piece:
                vectors = piece["vectors"]
            if gathered is None:
                gathered = np.empty((len(hashes), vectors.shape[1]), np.float32)
            gathered[numbers] = vectors[places]
        assert gathered is not None
        return gathered

    def _index(self, path: Path) -> None:
        try:
            with np.load(path) as piece:
                hashes, count = piece["hashes"], len(piece["vectors"])
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            return
        for place in range(count):
            self._places[hashes[place].tobytes()] = path, place
