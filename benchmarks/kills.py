"""What is left when a command is killed: ``env $(python -m stages) python -m benchmarks.kills [KILLS] [NAME ...]``.

Every stage, and every command that writes, is killed KILLS times (20) at a random moment of its run, and half as often
before a random one of its changes of a file, in one run from nothing and in the next over what is there already. Then
it is run again, and each file is compared with what an undisturbed run leaves. In the table, ``half`` counts the kills
after which a file was neither as before nor as after, ``other bytes`` those after which the next run left something
else, and ``left behind`` those after which a temporary file or a process of the killed run stayed.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import chain, cycle
from pathlib import Path

from benchmarks.conditions import print_conditions
from benchmarks.kill_places import MAKERS, make_labels, make_release, make_stages
from benchmarks.kill_process import WAYS, Command, warm_up
from benchmarks.killing import Outcome, draw, run_undisturbed, try_kill

KILLS = 20
RELEASES = ("labels release", "labels diff", "dvc artifacts get")
# a kill that comes after the end is tried again at another moment, so often for each that is wanted
TRIES = 5
HEAD = "| command | undisturbed | kills at moments | before changes | half | other bytes | left behind |"


def find_commands(scratch: Path, names: Sequence[str]) -> dict[str, list[Command]]:
    """Return the places of each command that is wanted, all if none is named."""
    commands: list[Command] = list(make_stages(scratch, tuple(MAKERS)))
    commands += make_labels(scratch)
    if not names or set(names) & set(RELEASES):
        commands += make_release(scratch)
    wanted = [command for command in commands if not names or command.name in names]
    return {name: [each for each in wanted if each.name == name] for name in dict.fromkeys(c.name for c in wanted)}


def kill_often(places: Sequence[Command], scratch: Path, kills: int) -> tuple[list[float], list[list[Outcome]]]:
    """Kill a command in its places in turn; return how long it takes, and what came of kills at moments and changes."""
    known = [run_undisturbed(place, scratch / str(number)) for number, place in enumerate(places)]
    outcomes: list[list[Outcome]] = []
    for ways, wanted in ((WAYS, kills), (("change",), kills // 2)):
        tries: Iterator[tuple[str, float]] = zip(cycle(ways), draw(places[0].name, TRIES * wanted), strict=False)
        outcomes.append([])
        for number, (way, moment) in enumerate(tries):
            place = number % len(places)
            again = bool(number // len(places) % 2) and is_repeatable(places[place])
            outcome = try_kill(places[place], scratch / str(place), known[place], way, moment, again)
            if outcome:
                outcomes[-1].append(outcome)
                say(places[place], way, moment, again, outcome)
            if len(outcomes[-1]) == wanted:
                break
    return [each.seconds for each in known], outcomes


def is_repeatable(command: Command) -> bool:
    """Say whether a command does its work again where it is done."""
    return command.name not in ("labels export", "labels release", "review import", "dvc artifacts get")


def say(command: Command, way: str, moment: float, again: bool, outcome: Outcome) -> None:
    """Print what was not right."""
    if not outcome.is_right:
        where = f"{command.arguments[1:]} {way} at {moment:.3f}{' again' if again else ''}"
        print(f"{where}: half {outcome.half}, differs {outcome.differs}, left {outcome.left}", file=sys.stderr)


def describe(name: str, seconds: list[float], outcomes: list[list[Outcome]]) -> str:
    """Return a row of the table."""
    every = list(chain.from_iterable(outcomes))
    counts = [sum(bool(found) for found in column) for column in zip(*map(list_flaws, every), strict=True)]
    times = f"{min(seconds):.1f} to {max(seconds):.1f} s"
    cells = [f"`{name}`", times, *(str(len(each)) for each in outcomes), *map(str, counts)]
    return f"| {' | '.join(cells)} |"


def list_flaws(outcome: Outcome) -> tuple[list[str], ...]:
    """Return what an outcome says, in the order of the table."""
    return outcome.half, outcome.differs, outcome.left


def main(arguments: list[str]) -> None:
    """Print the table, row by row."""
    kills = int(arguments.pop(0)) if arguments and arguments[0].isdigit() else KILLS
    warm_up()
    # a TemporaryDirectory would be removed at the end of each process that is forked from here
    scratch = Path(tempfile.mkdtemp())
    try:
        commands = find_commands(scratch / "places", arguments)
        print(f"{HEAD}\n| --- | --- | ---: | ---: | ---: | ---: | ---: |", flush=True)
        for name, places in commands.items():
            print(describe(name, *kill_often(places, scratch / name, kills)), flush=True)
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    print_conditions()
    main(sys.argv[1:])
