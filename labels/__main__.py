"""Versions of the cleaned labels: ``python -m labels ask|certify|diff|export|gate|log|publish|release DATASET``."""

import argparse
import signal
import sys
from pathlib import Path

from stages.command.errors import EXIT_INTERRUPTED, InputError, describe_failure, fail
from stages.command.params import read_block
from stages.command.parser import Parser
from stages.command.run import check_name

EXIT_REFUSED = 1
DATASET_HELP = "a name in params.yaml, for instance digits"


def make_parser() -> Parser:
    """Return the parser of the eight commands."""
    parser = Parser(prog="python -m labels", description="Versions of the cleaned labels.")
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="ask|certify|diff|export|gate|log|publish|release"
    )
    add_ask(commands)
    add_certify(commands)
    diff = commands.add_parser("diff", help="what changed row by row between two versions")
    diff.add_argument("dataset", help=DATASET_HELP)
    diff.add_argument("old", nargs="?", help="v1.0.0, a git revision, or given (default: the last release)")
    diff.add_argument("new", nargs="?", help="the same (default: the working tree)")
    diff.add_argument("--csv", type=Path, metavar="FILE", help="also write the rows as CSV")
    diff.add_argument("--html", type=Path, metavar="FILE", help="also write a page with the pictures")
    export = commands.add_parser("export", help="write the cleaned data as folders of classes, a table, or links")
    export.add_argument("dataset", help=DATASET_HELP)
    export.add_argument("folder", type=Path, help="a new or an empty folder")
    export.add_argument(
        "--as", dest="form", required=True, metavar="FORM",
        help="folders: copies of the pictures by class; imagefolder-links: links to them; csv, jsonl: the labels "
        "alone, as a table or an object a line; "
        "hf: copies and metadata.csv, as Hugging Face reads them",
    )  # fmt: skip
    gate = commands.add_parser("gate", help="fail where a change of the labels is not by people's decisions")
    gate.add_argument("dataset", help=DATASET_HELP)
    gate.add_argument("--base", metavar="REV", help="what to compare with (default: origin/main, or else main)")
    log = commands.add_parser("log", help="one row's life: what it was given, who decided what, in which versions")
    log.add_argument("dataset", help=DATASET_HELP)
    log.add_argument("id", help="the row's id, as in labels.csv")
    publish = commands.add_parser("publish", help="write a released version with a data card, or upload it to a hub")
    publish.add_argument("dataset", help=DATASET_HELP)
    publish.add_argument("version", help="a released version, for instance 1.1.0")
    publish.add_argument("target", help="a new or an empty folder, or hf://datasets/OWNER/NAME")
    release = commands.add_parser("release", help="make the working tree's labels a version, by a tag with a note")
    release.add_argument("dataset", help=DATASET_HELP)
    release.add_argument("version", help="a semantic version above the last, for instance 1.1.0")
    release.add_argument(
        "--require-certificate", metavar="SHARE",
        help="refuse labels that are not certified: at most such a share wrong, for instance 1%%",
    )  # fmt: skip
    return parser


def add_ask(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command that asks annotators again."""
    ask = commands.add_parser("ask", help="list the rows that another annotation would help most, by annotator")
    ask.add_argument("dataset", help=DATASET_HELP)
    ask.add_argument("--count", type=int, default=100, metavar="N", help="how many rows (default: 100)")
    ask.add_argument("--annotators", nargs="+", default=[], metavar="NAME", help="whom to ask (default: all)")
    ask.add_argument("--folder", type=Path, help="a new or an empty folder (default: ask-DATASET)")
    ask.add_argument(
        "--answers", type=Path, metavar="FILE", help="add what Label Studio exported to the file of annotations instead"
    )


def add_certify(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command that plans a certificate."""
    certify = commands.add_parser("certify", help="plan a proof that few labels are wrong, or say how far it has come")
    certify.add_argument("dataset", help=DATASET_HELP)
    certify.add_argument("--goal", metavar="SHARE", help="make a plan to show that at most so many are wrong, as 1%%")
    certify.add_argument("--confidence", metavar="SHARE", help="how surely (default: 95%%)")
    certify.add_argument("--split", metavar="NAME", help="of the rows of this split, such as test, alone")
    certify.add_argument("--again", action="store_true", help="give up a plan on which people have looked at rows")
    certify.add_argument(
        "--models", nargs="+", type=Path, metavar="FILE",
        help="CSV files of predictions, with the columns id and label: how accurate each is on the certified labels",
    )  # fmt: skip


def run_ask(arguments: argparse.Namespace) -> str:
    """Run the command ask, and return what to print."""
    from labels import answers, ask

    if arguments.answers:
        return answers.add_answers(arguments.dataset, arguments.answers)
    return ask.ask(arguments.dataset, arguments.count, arguments.annotators, arguments.folder)


def run_certify(arguments: argparse.Namespace) -> str:
    """Run the command certify, and return what to print."""
    from labels import certify

    given = [name for name in ("goal", "confidence", "split", "again") if getattr(arguments, name)]
    if arguments.models and given:
        raise InputError(f"--models measures on what is planned, so --{given[0]} cannot stand beside it; leave it out")
    if arguments.models:
        return certify.measure_models(arguments.dataset, arguments.models)
    if arguments.goal is not None:
        return certify.plan_certificate(
            arguments.dataset,
            arguments.goal,
            confidence=arguments.confidence,
            split=arguments.split,
            again=arguments.again,
        )
    if given:
        raise InputError(f"--{given[0]} is for a plan: add --goal, for instance --goal 1%")
    return certify.show_progress(arguments.dataset)


def run(arguments: argparse.Namespace) -> int:
    """Run a command, print what it returns, and return the exit code."""
    # imported here because DVC takes half a second to import
    from labels import diff, export, gate, log, release

    passed = True
    if arguments.command == "ask":
        text = run_ask(arguments)
    elif arguments.command == "certify":
        text = run_certify(arguments)
    elif arguments.command == "diff":
        text = diff.show_diff(arguments.dataset, arguments.old, arguments.new, arguments.csv, arguments.html)
    elif arguments.command == "export":
        text = export.export(arguments.dataset, arguments.folder, arguments.form)
    elif arguments.command == "log":
        text = log.show_log(arguments.dataset, arguments.id)
    elif arguments.command == "publish":
        from labels.publishing import publish

        text = publish.publish(arguments.dataset, arguments.version, arguments.target)
    elif arguments.command == "release":
        text = release.release(arguments.dataset, arguments.version, arguments.require_certificate)
    else:
        passed, text = gate.check(arguments.dataset, arguments.base)
    print(text)
    return 0 if passed else EXIT_REFUSED


def main() -> None:
    """Parse the command line and run what it names."""
    arguments = make_parser().parse_args()
    # as an interrupt, which removes what is not finished
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        check_name(arguments.dataset)
        read_block(arguments.dataset)
        code = run(arguments)
    except InputError as error:
        fail("labels", str(error))
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
    except OSError as error:
        fail("labels", f"{describe_failure(error)}; mend this and run the command again")
    sys.exit(code)


if __name__ == "__main__":
    main()
