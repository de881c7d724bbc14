"""Add, list, show, check, rename and remove data sets: ``python -m dataset COMMAND``."""

import argparse
import sys

from stages.command.errors import EXIT_INTERRUPTED, InputError, describe_failure, fail, printable
from stages.command.parser import Parser

COMMANDS = "add|check|list|remove|rename|show"


def make_parser() -> Parser:
    """Return the parser of the commands."""
    parser = Parser(prog="python -m dataset", description="The data sets of params.yaml.")
    commands = parser.add_subparsers(dest="command", required=True, metavar=COMMANDS)
    add_add(commands)
    check = commands.add_parser("check", help="check the blocks of params.yaml against the data, in seconds")
    check.add_argument("dataset", nargs="?", help="one data set (default: all)")
    commands.add_parser("list", help="list the data sets")
    remove = commands.add_parser("remove", help="take a data set out; people's decisions stay")
    remove.add_argument("dataset", help="a name in params.yaml")
    remove.add_argument("--yes", action="store_true", help="do not ask")
    rename = commands.add_parser("rename", help="give a data set another name")
    rename.add_argument("dataset", metavar="old", help="a name in params.yaml")
    rename.add_argument("new", help="another")
    show = commands.add_parser("show", help="show a data set's block, its classes, and how far it is")
    show.add_argument("dataset", help="a name in params.yaml")
    return parser


def add_add(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command that adds a data set."""
    add = commands.add_parser("add", help="look at data, and write the block that cleans it")
    add.add_argument("dataset", metavar="name", help="what it is to be called: letters, digits, - and _")
    add.add_argument("place", help="a path, a URL, NAME@VERSION of OpenML, or a source as in fetch.sources")
    for role, said in {
        "label": "the column of labels",
        "id": "the column of ids; none for row numbers",
        "group": "the column of what rows belong to, which stays in one fold; or none",
        "split": "the column of train, test, …; or none",
        "text": "the column to read as a text, or several, a,b; none learns from the columns",
    }.items():
        add.add_argument(f"--{role}", metavar="COLUMN", help=f"{said} (default: what the data tell)")
    add.add_argument(
        "--pretrained", action=argparse.BooleanOptionalAction, help="use a pretrained network (default: where it helps)"
    )
    add.add_argument(
        "--set", action="append", default=[], metavar="SECTION.KEY=VALUE", dest="keys", help="set any other key"
    )
    add.add_argument("--dry-run", action="store_true", help="print the block, and write nothing")
    add.add_argument("--run", action="store_true", help="go on to the report, and open the review")


def run(arguments: argparse.Namespace) -> int:
    """Run a command, and return the exit code."""
    # each is imported for itself: only some of them need what reads data
    if arguments.command == "add":
        return run_add(arguments)
    if arguments.command == "check":
        from dataset import check

        return check.check(arguments.dataset)
    show_lines(change(arguments) if arguments.command in ("remove", "rename") else describe(arguments))
    return 0


def describe(arguments: argparse.Namespace) -> str:
    """Return what the commands list and show print."""
    from dataset import listing

    return listing.list_all() if arguments.command == "list" else listing.show(arguments.dataset)


def change(arguments: argparse.Namespace) -> str:
    """Rename or remove a data set, and return what to print."""
    from dataset import remove, rename

    if arguments.command == "rename":
        return rename.rename(arguments.dataset, arguments.new)
    return remove.remove(arguments.dataset, is_sure=arguments.yes)


def run_add(arguments: argparse.Namespace) -> int:
    """Add a data set and, if that is asked for, run it and open its review."""
    from dataset import add, asking, running

    roles = {role: getattr(arguments, role) for role in ("label", "id", "group", "split", "text")}
    asked = asking.Asked(
        {role: name for role, name in roles.items() if name is not None},
        arguments.pretrained,
        add.read_keys(arguments.keys),
    )
    name, place, runs = arguments.dataset, arguments.place, arguments.run and not arguments.dry_run
    if runs and add.is_added(name, place, asked):
        show_lines(f"'{name}' is added already, with the block that this would write; its run goes on")
    else:
        show_lines(add.add(name, place, asked, dry_run=arguments.dry_run, runs=runs))
    return running.run(name) if runs else 0


def show_lines(text: str) -> None:
    """Print lines that may hold what was found in data."""
    print("\n".join(printable(line) for line in text.splitlines()), flush=True)


def main() -> None:
    """Parse the command line and run what it names."""
    arguments = make_parser().parse_args()
    try:
        code = run(arguments)
    except InputError as error:
        fail("dataset", str(error))
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
    except OSError as error:
        fail("dataset", f"{describe_failure(error)}; mend this and run the command again")
    sys.exit(code)


if __name__ == "__main__":
    main()
