"""The command line of ``python -m review``."""

import argparse
import re
import subprocess
from pathlib import Path

from review.dealing import Dealing, read_part
from review.listening import PORT
from review.sent import to_line
from stages.command.parser import Parser


def read_options(arguments: list[str], description: str) -> argparse.Namespace:
    """Parse the command line: of the page, or of export or import."""
    if arguments[:1] not in (["export"], ["import"]):
        return read_page_options(arguments, description)
    parser = Parser(prog=f"python -m review {arguments[0]}")
    parser.add_argument("tool", choices=["label-studio"])
    parser.add_argument("dataset", help="a name in params.yaml, for instance digits")
    if arguments[0] == "export":
        parser.add_argument("--pictures", default="", help="where pictures are served (default: the tasks hold them)")
        parser.add_argument("--output", type=Path, help="default: label-studio-DATASET.json")
        parser.set_defaults(action="export")
    else:
        parser.add_argument("file", type=Path, help="exported as JSON or JSON_MIN")
        parser.set_defaults(action="import")
    return parser.parse_args(arguments[1:])


def read_page_options(arguments: list[str], description: str = "") -> argparse.Namespace:
    """Parse the command line of the page; the description is for its help."""
    parser = Parser(prog="python -m review", description=description)
    parser.add_argument("dataset", nargs="?", help="a name in params.yaml (default: a page with all data sets)")
    parser.add_argument("--reviewer", help="who decides (default: git's user.name)")
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (default: this machine alone)")
    parser.add_argument("--port", type=int, help=f"default: {PORT}, or any free one if that is taken")
    parser.add_argument("--certify", action="store_true", help="open on the rows drawn for a certificate")
    parser.add_argument(
        "--auto",
        type=read_share,
        metavar="GOAL",
        help="the worst rows first, then drawn ones for a certificate, for the fewest looks: for instance 1%%",
    )
    parser.add_argument(
        "--known",
        type=read_share,
        default=0.0,
        metavar="SHARE",
        help="mix in rows with a turned label, for instance 5%%",
    )
    parser.add_argument(
        "--part", type=read_part, default=(0, 0), metavar="K/N", help="one person's share of the rows, for instance 1/2"
    )
    parser.add_argument(
        "--overlap",
        type=read_share,
        default=0.0,
        metavar="SHARE",
        help="of the rows, how many everybody gets, for instance 10%%",
    )
    parser.add_argument("--no-browser", action="store_true", help="open none: only print the address")
    parser.set_defaults(action="page")
    return parser.parse_args(arguments)


def read_share(text: str) -> float:
    """Return the share that a percentage names, such as 5%, from 0 to below 1."""
    if not re.fullmatch(r"\d{1,2}(\.\d+)?%", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no percentage; write it like 1%")
    return float(text.removesuffix("%")) / 100


def find_dealing(options: argparse.Namespace) -> Dealing:
    """Return how the rows are shared out."""
    part, parts = options.part
    return Dealing(part, parts, options.overlap)


def find_reviewer(options: argparse.Namespace) -> str:
    """Return who decides, or an empty text: then the page asks."""
    return to_line(options.reviewer or read_git_name())


def read_git_name() -> str:
    """Return git's user.name, or an empty text: then the page asks."""
    try:
        return subprocess.run(
            ["git", "config", "user.name"], capture_output=True, text=True, check=False
        ).stdout.strip()
    except FileNotFoundError:
        return ""
