"""The review page's server as a process of its own, and a client that speaks to it as a browser does."""

import http.client
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stages.artifacts.decisions import COLUMNS, RUN
from stages.artifacts.files import write_json
from stages.artifacts.quality import read_quality
from stages.certificate.plan import Plan, digest_data, make_plan, write_plan
from tests.browser import WAIT_S
from tests.commands import Process, start_python
from tests.conftest import ROOT, Clone

HEAD = ",".join((*COLUMNS, RUN))
ARTIFACTS = (
    "prepared", "features", "training/decided.npy", "predictions/pred_probs.npy", "quality/label_quality.csv",
    "quality/model.json", "issues.csv",
)  # fmt: skip


class Page:
    """A running `python -m review`, whose address and token are known."""

    def __init__(self, folder: Path, url: str, process: Process) -> None:
        self.folder, self.url, self.process = folder, url, process
        found = re.fullmatch(r"http://([\w.]+):(\d+)/\?token=([^&\s]+)\S*", url)
        assert found
        self.host, self.port, self.token = found[1], int(found[2]), found[3]
        self.origin = f"http://{self.host}:{self.port}"

    def request(self, method: str, path: str, body: bytes | None = None, **headers: str) -> http.client.HTTPResponse:
        """Send one request with just these headers, besides Host and the length."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT_S)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": f"{self.host}:{self.port}", **headers}.items():
            connection.putheader(name.replace("_", "-"), value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        return connection.getresponse()

    def get(self, path: str, **headers: str) -> http.client.HTTPResponse:
        return self.request("GET", path, None, **{"Cookie": self.cookie, **headers})

    def read(self, path: str) -> Any:
        return self.take(self.get(path))

    @staticmethod
    def take(answer: http.client.HTTPResponse) -> Any:
        assert answer.status == 200
        return json.loads(answer.read())

    def post(self, path: str, **sent: Any) -> tuple[int, Any]:
        answer = self.request(
            "POST", path, json.dumps(sent).encode(),
            Cookie=self.cookie, Origin=self.origin, Content_Type="application/json",
        )  # fmt: skip
        return answer.status, json.loads(answer.read())

    def decide(self, row_id: str, decision: str, label: str = "", reviewer: str = "Ann", **more: Any) -> Any:
        settles = more.pop("settles", "")
        row = {"id": row_id, "decision": decision, "label": label, "settles": settles}
        status, answer = self.post("/api/decisions", reviewer=reviewer, rows=[row], **more)
        assert status == 200, answer
        return answer

    @cached_property
    def stamp(self) -> str:
        """What the addresses of pictures hold."""
        return str(self.read("/api/session")["stamp"])

    @property
    def cookie(self) -> str:
        return f"review-{self.port}={self.token}"

    @property
    def decisions(self) -> Path:
        return self.folder / "data/digits/decisions.csv"


@contextmanager
def serve_review(folder: Path, *arguments: str, dataset: str = "digits", code: str = "") -> Iterator[Page]:
    """Run the server in a folder until the context ends, or code that runs it."""
    start = ["-c", code] if code else ["-m", "review"]
    process = start_python(
        *start, dataset, "--port", "0", "--reviewer", "Ann", *arguments, folder=folder, server="review"
    )
    try:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        url = next((line.split()[1] for line in lines if line.startswith("open ")), "")
        yield Page(folder, url, process)
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def copy_artifacts(clone: Clone, folder: Path) -> Path:
    """Give a folder what the review reads of the digits, and an empty file of decisions."""
    for name in ARTIFACTS:
        source, target = clone.path(f"data/digits/{name}"), folder / "data/digits" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    (folder / "data/digits/decisions.csv").write_text(f"{HEAD}\n")
    shutil.copy(ROOT / "params.yaml", folder)
    return folder


def make_artifacts(folder: Path, classes: list[str], n_rows: int, n_flagged: int, n_next: int = 0) -> Path:
    """Make what the review reads: rows of text, the first ones flagged, each labelled as the class before its own.

    Those that come next are in issues.csv too, without a flag.
    """
    data = folder / "data/digits"
    for name in ("prepared", "training", "predictions", "quality"):
        (data / name).mkdir(parents=True)
    true = np.arange(n_rows) % len(classes)
    given = np.where(np.arange(n_rows) < n_flagged, (true - 1) % len(classes), true)
    pred_probs = np.full((n_rows, len(classes)), 0.1 / len(classes), dtype=np.float32)
    pred_probs[np.arange(n_rows), true] += 0.9
    np.save(data / "predictions/pred_probs.npy", pred_probs)
    np.save(data / "training/decided.npy", np.zeros(n_rows, dtype=bool))
    names = np.array(classes, dtype=object)
    quality = pd.DataFrame({
        "id": [f"row-{row}" for row in range(n_rows)], "given_label": names[given], "judged_label": names[given],
        "suggested_label": names[true], "label_quality": pred_probs[np.arange(n_rows), given],
        "given_prob": pred_probs[np.arange(n_rows), given], "suggested_prob": pred_probs.max(axis=1),
        "error_prob": np.where(given == true, 0.05, 0.8),
    })  # fmt: skip
    write_found(data, quality, n_flagged, n_next)
    quality[["id"]].to_csv(data / "prepared/ids.csv", index=False)
    write_json(data / "prepared/classes.json", classes)
    texts = pd.DataFrame({"text": [f"<i>text</i> {row}" for row in range(n_rows)]})
    texts.to_csv(data / "prepared/rows.csv", index=False)
    (data / "decisions.csv").write_text(f"{HEAD}\n")
    shutil.copy(ROOT / "params.yaml", folder)
    return folder


def add_map(folder: Path, places: np.ndarray, method: str = "pca") -> Path:
    """Add what `inspect` leaves of the rows' places."""
    examples = folder / "data/digits/examples"
    examples.mkdir(exist_ok=True)
    np.save(examples / "map.npy", places.astype(np.float32))
    write_json(examples / "examples.json", {"compared": True, "rows": len(places), "reason": "", "map": method})
    return folder


def add_plan(folder: Path, goal: float = 0.01, **about: Any) -> Plan:
    """Add a plan to certify all rows, as `labels certify` makes one."""
    data = folder / "data/digits"
    quality = read_quality(data)
    known = {
        "made": "2026-11-24T10:00:00Z", "split": "", "goal": goal, "confidence": 0.95, "spent": 0.0,
        "labels": len(quality), "decided": 0, "found": 0, "data": digest_data(quality["id"], quality["given_label"]),
    }  # fmt: skip
    (data / "certificate").mkdir(exist_ok=True)
    plan = make_plan(quality.rename(columns={"given_label": "label"}), known | about)
    write_plan(data, plan)
    return plan


def write_found(data: Path, quality: pd.DataFrame, n_flagged: int, n_next: int) -> None:
    """Write what `find_issues` leaves, of rows in rank order: their quality, the flagged ones, and the model's."""
    ranks = np.arange(1, len(quality) + 1)
    quality = quality.assign(prior_error_prob=quality["error_prob"])
    quality.assign(rank=ranks).to_csv(data / "quality/label_quality.csv", index=False)
    flagged = np.where(np.arange(len(quality)) < n_flagged, "yes", "no")
    issues = quality.drop(columns="judged_label").assign(flagged=flagged)
    issues.head(n_flagged + n_next).to_csv(data / "issues.csv", index=False)
    write_trust(data)


def write_trust(data: Path, verdict: str = "good", total: float = 0.5, slope: float = 0.2) -> None:
    """Write what `find_issues` leaves of the model: whether it may judge, and how far its probabilities may be off."""
    about = {
        "verdict": verdict, "reasons": ["It is right on 64 % of the rows."], "advice": ["Raise `max_epochs`."],
        "measures": {"accuracy_low": 0.61}, "spread": {"total": total, "slope": slope},
    }  # fmt: skip
    write_json(data / "quality/model.json", about)
