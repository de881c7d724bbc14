"""Runs a data set to its report, with a line of progress for each stage, and opens its review."""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator

from stages.command.at_work import wait_for_others
from stages.command.environment import make_environment
from stages.command.errors import InputError, printable
from stages.workers.progress import say

STARTED = re.compile(r"Running stage '(\w+)@(.+)':")
SKIPPED = re.compile(r"Stage '(\w+)@(.+)' (?:didn't change, skipping|is cached)")
# stages whose own lines say how far they are
TELLING = ("embed", "crossval_predict")
BEGUN, GOES_ON, DONE = "begun", "goes on", "done"
# between two stages DVC locks out all other commands, and throughout those on the same data set, which cannot wait
MEANWHILE = "meanwhile, in another terminal, another data set: `dvc --wait-for-lock repro report@OTHER`"
SAVE = "commit, so that `python -m labels diff {} HEAD` can say what your decisions change"


def run(name: str) -> int:
    """Run `dvc repro` for one data set and open the review; return the exit code of the first that fails."""
    stages = count_stages(name)
    print(f"run: {name}: {stages} stages; {MEANWHILE}", flush=True)
    wait_for_others(lambda line: say(printable(f"run: {name}: {line}"), final=True))
    if code := repro(name, stages):
        say(f"next: mend what is named above, and `dvc repro report@{name}` goes on from there", final=True)
        return code
    say(f"next: {SAVE.format(name)}", final=True)
    return subprocess.run([sys.executable, "-m", "review", name], check=False).returncode


def count_stages(name: str) -> int:
    """Return how many stages lead to a data set's report."""
    listed = subprocess.run(
        [sys.executable, "-m", "dvc", "dag", "--mermaid", f"report@{name}"], capture_output=True, text=True, check=False
    )
    if listed.returncode:
        raise InputError(f"dvc: {listed.stderr.strip().splitlines()[-1] if listed.stderr.strip() else 'failed'}")
    return len(set(re.findall(rf"(\w+)@{re.escape(name)}\b", listed.stdout)))


def repro(name: str, stages: int) -> int:
    """Run the stages, print their progress, and return DVC's exit code."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dvc", "--wait-for-lock", "repro", f"report@{name}"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1, errors="replace",
        env=make_environment(),
    )  # fmt: skip
    assert process.stdout
    try:
        for line, state in tell(process.stdout, name, stages, time.monotonic):
            # a log needs no line that only says that a stage has begun
            if state != BEGUN or sys.stdout.isatty():
                say(printable(line), final=state == DONE)
    except KeyboardInterrupt:
        # DVC has it from the terminal, too, and ends its stage
        process.wait()
        raise
    return process.wait()


def tell(lines: Iterable[str], name: str, stages: int, clock: Callable[[], float]) -> Iterator[tuple[str, str]]:
    """Yield lines of progress out of what DVC and the stages print, each with what has become of its stage.

    Parameters
    ----------
    lines : iterable of str
        What they print.
    name : str
        The data set's.
    stages : int
        How many there are.
    clock : callable
        Returns the time in seconds.
    """
    number, stage, start, result, last = 0, "", clock(), "", ""
    for line in map(str.rstrip, lines):
        at = f"[{number}/{stages}] {stage}:"
        if match := STARTED.match(line) or SKIPPED.match(line):
            if result:
                yield result, DONE
            stage, start, number, result = match[1], clock(), number + 1, ""
            same = bool(SKIPPED.match(line))
            yield f"[{number}/{stages}] {stage}{': as it was' if same else ' …'}", DONE if same else BEGUN
        elif line.startswith(f"{stage}: {name}: error"):
            yield line, DONE
        elif line.startswith("ERROR"):
            # what did not come as far as a stage says why in a line of its own, such as a missing package
            if last and not last.startswith("> ") and not _find_end(last, stage, name):
                yield last, DONE
            yield line, DONE
            # it came before, and would read as if all were well
            result = ""
        elif said := _find_end(line, stage, name):
            # a stage may say more before; its last line says what came out
            result = f"{at} {said} ({clock() - start:.0f} s)"
        elif stage in TELLING and " left" in line:
            yield f"{at} {line}", GOES_ON
        last = line or last
    if result:
        yield result, DONE


def _find_end(line: str, stage: str, name: str) -> str:
    """Return what a stage says of its result; empty if the line is none of its."""
    head = f"{stage}: {name}: "
    return line.removeprefix(head) if stage and line.startswith(head) else ""
