"""Check a data set's block of params.yaml: ``python -m stages.check DATASET``.

Also writes down what lies at a local source, as `watch` does from then on, which data sets have one, and that no
certificate is planned where nothing says so.

Writes ``data/<dataset>/params/``: a file for each section with the keys that the block sets, and ``audited.json`` and
``compared.json``, how these lists treat the data set, or null. DVC watches these files in place of params.yaml, so that
a block may leave sections out. The stages themselves read params.yaml.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from stages.artifacts.files import data_folder, replacing, write_json
from stages.artifacts.source import keep_listed, list_local, update_record
from stages.certificate.checks import ensure_checks
from stages.certificate.plan import ensure_plan
from stages.check.together import check_networks, check_pixels
from stages.clean.settings import Settings as Clean
from stages.command.errors import InputError
from stages.command.params import MOVED, PARAMS_FILE, Section, check_values, find_block, list_misplaced
from stages.command.run import run_stage
from stages.compare.settings import find_settings as find_compared
from stages.crossval_predict.settings import SectionSettings as CrossvalPredict
from stages.embed.settings import Settings as Embed
from stages.fetch.settings import Settings as Fetch
from stages.find_issues.settings import Settings as FindIssues
from stages.flip.settings import find_settings as find_audited
from stages.inspect.settings import Settings as Inspect
from stages.preprocess.settings import Settings as Preprocess
from stages.report.settings import Settings as Report
from stages.split.settings import Settings as Split

SCHEMAS: dict[str, type[Section]] = {
    "fetch": Fetch,
    "preprocess": Preprocess,
    "embed": Embed,
    "inspect": Inspect,
    "split": Split,
    "crossval_predict": CrossvalPredict,
    "find_issues": FindIssues,
    "clean": Clean,
    "report": Report,
}
# of each of `stages.command.params.LISTS`, what says how it treats a data set
LISTED: dict[str, Callable[[str], Section | None]] = {"audited": find_audited, "compared": find_compared}


def main(dataset: str) -> str:
    """Check the block, leave a file for each section, and return a line that names the sections that are set."""
    sections = read_sections(dataset)
    with replacing(data_folder(dataset) / "params") as (folder,):
        folder.mkdir()
        for name, keys in sections.items():
            write_json(folder / f"{name}.json", keys)
    beside = sections["fetch"].get("annotations")
    sources = [*sections["fetch"]["sources"], *([f"csv:{beside}"] if beside else [])]
    update_record(dataset, sources)
    keep_listed(dataset, bool(list_local(sources)))
    ensure_plan(data_folder(dataset))
    ensure_checks(data_folder(dataset))
    return f"sections set: {', '.join(name for name in SCHEMAS if sections[name]) or 'none'}"


def read_sections(dataset: str) -> dict[str, Any]:
    """Return the keys that each section sets, and how each list treats the data set, or None if it does not name it.

    Raises
    ------
    InputError
        With a line for each mistake in any of them.
    """
    listed: dict[str, Section | None] = {}
    sections, mistakes = check_block(dataset, find_block(dataset))
    for name, find_settings in LISTED.items():
        with noting(mistakes):
            listed[name] = find_settings(dataset)
    if mistakes:
        raise InputError("\n".join(mistakes))
    dumped: dict[str, Any] = {name: each.model_dump(mode="json", exclude_unset=True) for name, each in sections.items()}
    return dumped | {name: each and each.model_dump(mode="json") for name, each in listed.items()}


def check_block(dataset: str, block: dict[str, Any]) -> tuple[dict[str, Section], list[str]]:
    """Check a block, whether or not it is in params.yaml.

    Returns
    -------
    sections : dict of str to Section
        Those that are right, by name.
    mistakes : list of str
        A line for each mistake in the others, or in several sections together.
    """
    sections: dict[str, Section] = {}
    mistakes = list_misplaced(dataset, block)
    for name, schema in SCHEMAS.items():
        values = {} if block.get(name) is None else block[name]
        if isinstance(values, dict):
            values = {key: value for key, value in values.items() if (name, key) not in MOVED}
        with noting(mistakes):
            sections[name] = check_values(f"{PARAMS_FILE}: {dataset}.{name}", values, schema)
    if len(sections) == len(SCHEMAS):
        mistakes += [*check_pixels(dataset, sections), *check_networks(dataset, sections)]
    return sections, mistakes


@contextmanager
def noting(mistakes: list[str]) -> Iterator[None]:
    """Add the lines of an InputError to the mistakes, and go on."""
    try:
        yield
    except InputError as error:
        mistakes += str(error).splitlines()


if __name__ == "__main__":
    run_stage("check", main)
