"""OpenML's answers for a data set of our own, and a server on loopback that gives them."""

import gzip
import hashlib
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import _openml

from stages.fetch.sources import openml
from tests.web import answer_by

DATA_ID = 554
Point = Callable[[str, dict[str, bytes]], None]


def make_pointer(monkeypatch: pytest.MonkeyPatch, cache: Path) -> Point:
    """Return what points scikit-learn to a server on loopback, with an empty cache, and waits for nothing."""

    def point(address: str, answers: dict[str, bytes]) -> None:
        for name in ("_SEARCH_NAME", "_DATA_INFO", "_DATA_FEATURES", "_DATA_QUALITIES"):
            monkeypatch.setattr(_openml, name, getattr(_openml, name).replace("https://www.openml.org", address))
        for path, answer in answers.items():
            answers[path] = answer.replace(b"HOST", address.encode())

    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(cache))
    monkeypatch.setattr(openml, "WAITS_S", (0, 0))
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    return point


def openml_answers(name: str, features: np.ndarray, labels: np.ndarray, host: str) -> dict[str, bytes]:
    """Return what OpenML's JSON interface says about version 1 of a data set of pictures, by path."""
    columns = {f"pixel{i + 1}": "numeric" for i in range(features.shape[1])} | {"class": "nominal"}
    return table_answers(name, columns, _to_arff(features, labels), host, target="class")


def table_answers(
    name: str, columns: dict[str, str], arff: bytes, host: str, *, target: str | None = None, ignored: str = ""
) -> dict[str, bytes]:
    """Return the same about any data set, of columns of a type each."""
    feature_list = [
        {
            "index": str(index),
            "name": column,
            "data_type": kind,
            "is_target": str(column == target).lower(),
            "is_ignore": "false",
            "is_row_identifier": str(column == ignored).lower(),
            "number_of_missing_values": "0",
        }
        for index, (column, kind) in enumerate(columns.items())
    ]
    download = f"data/v1/download/52667/{name}.arff"
    description = {
        "id": str(DATA_ID), "name": name, "version": "1", "format": "ARFF", "status": "active",
        "url": f"{host}/{download}", "md5_checksum": hashlib.md5(arff).hexdigest(),
        "default_target_attribute": target, "description": f"{name}, for tests",
    }  # fmt: skip
    rows = str(float(len(arff.partition(b"@DATA\n")[2].splitlines())))
    answers = {
        f"api/v1/json/data/list/data_name/{name}/limit/2/data_version/1": {
            "data": {"dataset": [{"did": DATA_ID, "name": name, "version": 1, "status": "active"}]}
        },
        f"api/v1/json/data/{DATA_ID}": {"data_set_description": description},
        f"api/v1/json/data/features/{DATA_ID}": {"data_features": {"feature": feature_list}},
        f"api/v1/json/data/qualities/{DATA_ID}": {
            "data_qualities": {"quality": [{"name": "NumberOfInstances", "value": rows}]}
        },
    }
    return {download: arff, **{path: json.dumps(answer).encode() for path, answer in answers.items()}}


@contextmanager
def serve(answers: dict[str, bytes], *, fail_first: int = 0, truncate: bool = False) -> Iterator[str]:
    """Give the answers on loopback, gzipped as OpenML does, and yield the server's address.

    ``fail_first`` requests are answered with 503 before any other; ``truncate`` sends half of each data file.
    """
    failures = iter(range(fail_first))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = answers.get(self.path.strip("/"))
            if next(failures, None) is not None or content is None:
                self.send_error(503 if content else 404)
                return
            body = gzip.compress(content)
            self.send_response(200)
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if truncate and "download" in self.path else body)

        def log_message(self, *args: object) -> None:
            pass

    with answer_by(Handler) as address:
        yield address


def _to_arff(features: np.ndarray, labels: np.ndarray) -> bytes:
    names = ",".join(sorted({str(label) for label in labels}))
    head = [f"@ATTRIBUTE pixel{i + 1} real" for i in range(features.shape[1])]
    text = io.BytesIO()
    text.write("\n".join(["@RELATION pictures", *head, f"@ATTRIBUTE class {{{names}}}", "@DATA", ""]).encode())
    np.savetxt(text, np.column_stack([features, labels.astype(int)]), fmt="%d", delimiter=",")
    return text.getvalue()
