"""``csv:PATH-or-URL``: a table in CSV files, compressed or not.

Several files are one table: ``part-*.csv`` in sorted order, ``{train,test}.csv`` in the order written.
"""

import tempfile
from pathlib import Path

from stages.command.errors import one_line, some
from stages.fetch.archives import decompress
from stages.fetch.files import bring_files
from stages.fetch.settings import Settings
from stages.fetch.sheets import Sheet, read_sheet
from stages.fetch.table import RawTable, check_named, join, make_table


def fetch(argument: str, settings: Settings) -> RawTable:
    """Read the files, every cell as it is written there, and say how they were read."""
    sheets = read_sheets(argument, settings)
    frame = join({place: sheet.frame for place, sheet in sheets.items()})
    check_named(settings.columns, list(frame.columns), next(iter(sheets.values())).hint)
    for said in dict.fromkeys(sheet.said for sheet in sheets.values()):
        print(f"fetch: {some(place for place in sheets if sheets[place].said == said)}: {said}", flush=True)
    return make_table(frame, settings)


def read_sheets(argument: str, settings: Settings) -> dict[str, Sheet]:
    """Read the files, each under its place, whether or not the settings name a column."""
    wanted = [name for name in settings.columns.values() if name is not None]
    sheets: dict[str, Sheet] = {}
    with tempfile.TemporaryDirectory() as folder:
        for place, path in bring_files(argument, Path(folder), settings).items():
            plain = decompress(path, Path(folder), settings.max_unpacking)
            shown = one_line(place)
            sheets[shown] = read_sheet(shown, plain, wanted, settings.csv, settings.first_label)
    return sheets
