"""Measure how well label errors are found in these data, by this network: ``python -m stages.audit DATASET``.

Flips a known share of the labels, runs the same cross-validation and ranking on them, and writes to
``reports/<dataset>/`` what was found of it: ``audit.json``, and ``audit.html``, a page that needs no other file.
"""

from typing import Any

from stages.artifacts import replacing, report_folder, write_json
from stages.audit.page import fill_page
from stages.audit.settings import Settings, find_settings
from stages.command import run_stage
from stages.find_issues.settings import Settings as FlagSettings
from stages.params import read_section

DIGITS = 4


def main(dataset: str) -> str:
    """Audit the data set where ``audited`` lists it, and return a line that says how many flips were found."""
    settings = find_settings(dataset)
    rules = read_section(dataset, "find_issues", FlagSettings)
    measured, chart = measure(dataset, settings, rules) if settings else ({}, None)
    with replacing(report_folder(dataset) / "audit.json", report_folder(dataset) / "audit.html") as (metrics, page):
        write_json(metrics, to_digits(measured))
        page.write_text(fill_page(dataset, measured, chart), encoding="utf-8")
    return describe(measured) if settings else "not in `audited`, so nothing was flipped"


def measure(dataset: str, settings: Settings, rules: FlagSettings) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what an audit measures, and the points of its chart."""
    # what this loads takes a second, which data sets that are not audited need not wait for
    from stages.audit.trial import audit

    return audit(dataset, settings, rules)


def to_digits(value: Any) -> Any:
    """Round every number in nested dicts to what tells one run from another."""
    if isinstance(value, dict):
        return {key: to_digits(each) for key, each in value.items()}
    return round(value, DIGITS) if isinstance(value, float) else value


def describe(audit: dict[str, Any]) -> str:
    """Return one line on how well the flips were found."""
    ranking, flags, found = audit["scores"][audit["rank_by"]], audit["flags"][audit["flag"]], audit["yield"]
    return (
        f"{audit['flipped']:,} of {audit['rows']:,} labels flipped ({audit['noise'].replace('_', '-')}): average "
        f"precision {ranking['average_precision']:.3f}, flags find {flags['recall']:.0%} and are right in "
        f"{flags['precision']:.0%}; of the worst {audit['flipped']:,} rows, {found['expected']:.0f} are expected to be "
        f"errors and {found['found']} are flips"
    )


if __name__ == "__main__":
    run_stage("audit", main)
