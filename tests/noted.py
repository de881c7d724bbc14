"""Notes as DVC makes them of its processes that are at work."""

import json
from pathlib import Path

# above the highest number that Linux gives to a process
DEAD = 4194305


def note_work(folder: Path, path: str, pid: int) -> Path:
    """Note that a process writes a path, and return the file of notes."""
    notes = folder / ".dvc/tmp/rwlock"
    notes.parent.mkdir(parents=True, exist_ok=True)
    notes.write_text(json.dumps({"write": {path: {"pid": pid, "cmd": "/opt/my lib/dvc/__main__.py repro -f"}}}))
    return notes
