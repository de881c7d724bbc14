"""What a stage prints moves no cursor and changes no title, whatever a server or a file calls things."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import yaml

from stages.command.errors import printable
from tests.conftest import ROOT
from tests.web import answer_by

# clears the screen, sets the title, goes back to overwrite, and begins a sequence in one byte
TRICKS = "\x1b[2J\x1b]0;x\x07\b\r\x9b31m"


class Rude(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.wfile.write(f"HTTP/1.0 404 {TRICKS}\r\n\r\n".encode("latin-1"))

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def by_server(folder: Path) -> Iterator[dict[str, object]]:
    with answer_by(Rude) as address:
        yield {"sources": [f"npz:{address}/a", f"images:{TRICKS}"]}


@contextmanager
def by_column(folder: Path) -> Iterator[dict[str, object]]:
    (folder / "a.csv").write_text(f"{TRICKS.replace(chr(13), '')},x\n1,2\n", encoding="utf-8")
    yield {"sources": ["csv:a.csv"], "label": "y"}


@contextmanager
def by_archive(folder: Path) -> Iterator[dict[str, object]]:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr(f"../{TRICKS}", b"")
    yield {"sources": ["images:a.zip"]}


@pytest.mark.parametrize("trick", [by_server, by_column, by_archive])
def test_nothing_that_a_terminal_obeys_is_printed(
    tmp_path: Path, trick: Callable[[Path], AbstractContextManager[dict[str, object]]]
) -> None:
    with trick(tmp_path) as fetch:
        (tmp_path / "params.yaml").write_text(yaml.safe_dump({"toy": {"fetch": fetch}}))
        done = subprocess.run(
            [sys.executable, "-m", "stages.fetch", "toy"], cwd=tmp_path, capture_output=True, text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    assert done.returncode == 2
    printed = done.stdout + done.stderr
    assert "x1b[2J" in printed
    assert not set(TRICKS.replace("\r", "")) & {sign for sign in printed if not sign.isprintable()}


@pytest.mark.parametrize("text", ["Käse – 7×3 ≥ 5", "猫", "שלום", "🐈 …"])
def test_what_a_person_reads_is_printed_as_it_is(text: str) -> None:
    assert printable(text) == text
