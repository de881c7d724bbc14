"""Reads a job's log: its lines, how far the stages are, and the line that says why it failed."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stages.command.errors import printable

# one answer holds so much of a log
PIECE_BYTES = 1 << 18
ESCAPE = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|.)")
RUNNING = re.compile(r"Running stage '(\w+)@")
SKIPPED = re.compile(r"Stage '(\w+)@\S+' (didn't change|is cached)")
FAILED = re.compile(r"ERROR: failed to reproduce '(\w+)@")
# as `fail` and DVC write them
MISTAKE = re.compile(r"\w+(: [\w-]+)?: error: .+")
DVC_ERROR = "ERROR: "
WAITS = "waits for another DVC command"
LOCKED = re.compile(r"Unable to acquire lock|is busy, it is being blocked by")
BUSY = (
    "another DVC command is at work here, such as a `dvc repro` in a terminal; wait for its end, and start this again"
)


@dataclass(frozen=True)
class Piece:
    """Some lines of a log, and from where on the next ones follow."""

    lines: list[str]
    next: int


def read_piece(path: Path, start: int) -> Piece:
    """Return the whole lines of a log from a byte on, at most `PIECE_BYTES`; a longer line comes in parts."""
    try:
        with path.open("rb") as file:
            file.seek(start)
            content = file.read(PIECE_BYTES)
    except FileNotFoundError:
        return Piece([], 0)
    end = content.rfind(b"\n") + 1 or (len(content) if len(content) == PIECE_BYTES else 0)
    return Piece([clean(line) for line in content[:end].decode(errors="replace").split("\n")[:-1]], start + end)


def read_lines(path: Path) -> list[str]:
    """Return all lines of a log, one that is not whole yet among them."""
    content = path.read_bytes() if path.exists() else b""
    return [clean(line) for line in content.decode(errors="replace").splitlines()]


def clean(line: str) -> str:
    """Return a line as a terminal shows it at last: without colours, and of what was written over, what came last."""
    written = ESCAPE.sub("", line).rstrip("\r").rpartition("\r")[2]
    return printable(written.replace("\t", "    ")).rstrip()


def find_states(lines: list[str], stages: list[str], is_running: bool) -> list[dict[str, str]]:
    """Return the name and the state of each stage that may run: waiting, running, done, same, or failed."""
    states = dict.fromkeys(stages, "waiting")
    now = ""
    for line in lines:
        for pattern, state in ((RUNNING, "running"), (SKIPPED, "same"), (FAILED, "failed")):
            if found := pattern.match(line):
                if states.get(now) == "running":
                    states[now] = "done"
                now = found[1]
                states[now] = state
    if states.get(now) == "running" and not (is_running and _is_of_dvc(lines)):
        states[now] = "done"
    return [{"name": name, "state": state} for name, state in states.items()]


def _is_of_dvc(lines: list[str]) -> bool:
    commands = [line for line in lines if line.startswith("$ ")]
    return commands[-1].startswith("$ dvc ") if commands else False


def find_running_stage(path: Path) -> str:
    """Return the stage that runs, if one does."""
    states = find_states(read_lines(path), [], is_running=True)
    return next((each["name"] for each in states if each["state"] == "running"), "")


def find_reason(lines: list[str]) -> str:
    """Return why a job failed: what its last command says, in a line for each mistake."""
    last = max((place for place, line in enumerate(lines) if line.startswith("$ ")), default=0)
    said = lines[last:]
    if any(LOCKED.search(line) for line in said):
        return BUSY
    mistakes = [line for line in said if MISTAKE.fullmatch(line)]
    of_dvc = [line.removeprefix(DVC_ERROR) for line in said if line.startswith(DVC_ERROR)]
    return "\n".join(mistakes or of_dvc[-1:] or [line for line in said if line][-1:])


def describe_end(job: dict[str, Any], lines: list[str], is_running: bool) -> dict[str, str]:
    """Return how a job stands, and why it failed if it did."""
    ended = job["ended"]
    if is_running:
        return {"state": "running", "reason": lines[-1] if lines and lines[-1].startswith(WAITS) else ""}
    if ended is None:
        return {
            "state": "killed",
            "reason": "it was killed, or the disk is full; start it again, and it goes on where that left off",
        }
    if ended["stopped"]:
        return {"state": "stopped", "reason": ""}
    return {"state": "failed", "reason": find_reason(lines)} if ended["code"] else {"state": "done", "reason": ""}
