"""Look whether the files at a local source have changed: ``python -m stages.watch DATASET``.

Writes ``data/<dataset>/source.json``, their number, sizes and times. DVC runs it each time, for the data sets that
``data/local.yaml`` lists, and ``fetch`` runs again if it says something new.
"""

from stages.artifacts.source import update_record
from stages.command.errors import InputError
from stages.command.params import read_block
from stages.command.run import run_stage


def main(dataset: str) -> str:
    """Look at the source and return a line that says what lies there."""
    try:
        fetch = read_block(dataset).get("fetch")
    except InputError as error:
        # `check` says what is wrong with a block, and a data set that has left keeps no other waiting
        return f"not looked at: {error}"
    sources = fetch.get("sources") if isinstance(fetch, dict) else None
    listed = sources if isinstance(sources, list) else []
    beside = [f"csv:{fetch['annotations']}"] if isinstance(fetch, dict) and fetch.get("annotations") else []
    record = update_record(dataset, [*(source for source in listed if isinstance(source, str)), *beside])
    return f"{record['files']:,} files of {record['bytes'] / 1e6:,.1f} MB" if record else "no file is on this machine"


if __name__ == "__main__":
    run_stage("watch", main)
