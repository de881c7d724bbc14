"""Fills the page: one HTML file that needs no other."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from stages.artifacts.pictures import data_uri
from stages.artifacts.theme import THEME
from stages.artifacts.trust import Worth
from stages.command.modules import list_names, load
from stages.command.processor import SAME
from stages.report import sections
from stages.report.figures import Drawing
from stages.report.numbers import FILTERS
from stages.report.results import Results
from stages.report.settings import Settings
from stages.report.summary import count_rare

# what the page calls one flagged row, and several
FLAGGED = {
    Worth.GOOD: ("flagged row", "flagged rows"),
    Worth.WEAK: ("row to look at first", "rows to look at first"),
    Worth.WORTHLESS: ("flagged row", "flagged rows"),
}


@dataclass(frozen=True)
class Section:
    """A section of the page.

    Attributes
    ----------
    name : str
        The name of its module and of its template.
    title : str
        Its name in the navigation.
    content : dict
        The variables of its template.
    drawings : dict of functions
        What draws its figures, by name.
    """

    name: str
    title: str
    content: dict[str, Any]
    drawings: Mapping[str, Drawing]

    @property
    def anchor(self) -> str:
        """Where a link leads to it."""
        return self.name.replace("_", "-")


def describe_sections(results: Results, metrics: dict[str, Any], settings: Settings) -> list[Section]:
    """Return the sections that have something to show, in their order on the page."""
    modules = {name: load(sections, name) for name in list_names(sections)}
    shown = []
    for name, module in sorted(modules.items(), key=lambda named: named[1].ORDER):
        content = module.describe(results, metrics, settings)
        if content is not None:
            title = content.get("title", module.TITLE)
            shown.append(Section(name, title, content, getattr(module, "FIGURES", {})))
    return shown


def fill_page(results: Results, metrics: dict[str, Any], shown: list[Section], figures: dict[str, bytes]) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    results : Results
        What was found.
    metrics : dict
        The headline numbers, as `stages.report.summary.measure` returns them.
    shown : list of Section
        What `describe_sections` returned.
    figures : dict of bytes
        The sections' figures as PNGs, by name.
    """
    flagged_row, flagged_rows = FLAGGED[results.trust.verdict]
    common = {
        "dataset": results.dataset,
        "metrics": metrics,
        "trust": results.trust,
        "certificate": results.certificate,
        "flagged_row": flagged_row,
        "flagged_rows": flagged_rows,
        "kind": results.examples.kind,
        "columns": results.examples.columns,
        "seen": results.seen,
        "figures": {name: data_uri(png) for name, png in figures.items()},
        "n_changes": len(results.changes),
        "n_runs": results.steadiness["runs"],
        "runs": "repeats" if results.repeats > 1 else "models",
    }
    environment = _make_environment()
    filled = [
        (section, Markup(environment.get_template(f"{section.name}.html.jinja").render(common | section.content)))
        for section in shown
    ]
    return environment.get_template("page.html.jinja").render(
        common,
        sections=filled,
        n_unlabelled=len(results.unlabelled),
        n_rare=int(count_rare(results)["rows"].sum()),
        made_on=_describe_made_on(results.made_on),
        trained=bool(results.made_on),
    )


def _make_environment() -> Environment:
    folders: list[str | Path] = [Path(__file__).parent, THEME.parent, *sections.__path__]
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters.update(FILTERS, code=_mark_code)
    return environment


def _mark_code(sentence: str) -> Markup:
    """Write what stands between backticks as code."""
    parts = sentence.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if k % 2 else escape(part) for k, part in enumerate(parts)
    )


def _describe_made_on(made_on: dict[str, Any]) -> str:
    """Say what predicted, and where the same commit gives the same bytes."""
    if not made_on:
        return ""
    devices = " and ".join(made_on["devices"])
    if made_on["processor"] == SAME and devices == "cpu":
        return f"Predicted on {SAME}: every such processor gives the same bytes."
    return f"Predicted on {made_on['processor']} ({devices}): other processors and devices round otherwise."
