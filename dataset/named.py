"""Looks at data that name their labels themselves."""

from collections.abc import Callable

from dataset.arrays import look_at_arrays
from dataset.asking import NONE, Asked
from dataset.proposal import Proposal
from dataset.tables import look_at_rows
from stages.fetch.raw import RawData
from stages.fetch.settings import Settings
from stages.fetch.table import RawTable


def look_at_named(source: str, fetch: Callable[[str, Settings], RawData | RawTable], asked: Asked) -> Proposal:
    """Look at a table, or at rows of numbers, whichever a source gives."""
    columns = {role: name for role, name in asked.roles.items() if role != "text" and name != NONE}
    section = {"sources": [source], **columns, **asked.section("fetch")}
    raw = fetch(source.partition(":")[2], Settings.model_validate(section))
    if isinstance(raw, RawData):
        return look_at_arrays(source, raw, raw.features.shape[1:], asked)
    proposal = Proposal()
    proposal.set("fetch", **section)
    look_at_rows(raw, asked, proposal)
    return proposal
