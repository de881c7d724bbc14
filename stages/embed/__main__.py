"""Bring each row to a vector: ``python -m stages.embed DATASET``.

Writes ``data/<dataset>/features/``: ``features.npy`` (n, d) float32, or ``features.npz``, a sparse matrix, where most
numbers are 0; ``source.json``, what made them; if a pretrained network did, or a file of the user's own, also ``plain``
with the same endings, what the rows say by themselves; and of texts ``apart.npz``, in which all words weigh the same.

Where the work is done comes from the environment, as for crossval_predict. What a pretrained network made of a content
is kept in ``data/<dataset>/kept_features/``, so that a row is embedded once, whatever is added beside it.
"""

from types import ModuleType

from stages.artifacts.files import data_folder, replacing
from stages.artifacts.kind import PLURALS, Kind
from stages.artifacts.vectors import write_embedded
from stages.command.errors import InputError
from stages.command.modules import load
from stages.command.params import read_section
from stages.command.run import run_stage
from stages.embed import sources
from stages.embed.rows import read_rows
from stages.embed.settings import AUTO, KEY, Settings, list_prefixes

# what rows say by themselves
PLAIN: dict[Kind, str] = {"picture": "pixels", "table": "columns", "text": "tfidf"}


def main(dataset: str) -> str:
    """Make the vectors and return a line that says what of."""
    settings = read_section(dataset, "embed", Settings)
    rows = read_rows(dataset)
    module, argument = find_source(settings.source, rows.kind)
    check_size(settings)
    plain = load(sources, PLAIN[rows.kind])
    made = module.embed(argument, rows, settings)
    beside = None if module is plain else plain.embed("", rows, settings)
    with replacing(data_folder(dataset) / "features") as (folder,):
        folder.mkdir()
        write_embedded(folder, made, beside)
    count, width = made.vectors.shape
    return f"{count:,} vectors of {width:,} numbers by {made.source['name']}"


def find_source(source: str, kind: Kind) -> tuple[ModuleType, str]:
    """Return the module that serves a source, and what stands behind its prefix.

    Raises
    ------
    InputError
        If the source is for other rows, or lacks an argument.
    """
    if source == AUTO:
        return load(sources, PLAIN[kind]), ""
    prefix, _, argument = source.partition(":")
    module = load(sources, list_prefixes()[prefix])
    if kind not in module.KINDS:
        raise InputError(
            f"{KEY}: {prefix} is for {' and '.join(PLURALS[each] for each in module.KINDS)}, and these are "
            f"{PLURALS[kind]}; give {AUTO}, or a source for them"
        )
    if bool(argument) != bool(module.ARGUMENT):
        wanted = f"give {prefix}:{module.ARGUMENT}" if module.ARGUMENT else f"give {prefix} alone"
        raise InputError(f"{KEY}: {source!r}: {wanted}")
    return module, argument


def check_size(settings: Settings) -> None:
    """Raise InputError if a size is set that has no effect."""
    if settings.size is not None and not settings.source.startswith("timm:"):
        raise InputError("params.yaml: embed.size: counts only for timm: sources; remove it")


if __name__ == "__main__":
    run_stage("embed", main)
