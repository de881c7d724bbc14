"""Show what was found: ``python -m stages.report DATASET``.

Writes to ``reports/<dataset>/``: ``index.html``, one page that needs no other file; its figures as PNG in
``figures/``; ``metrics.json``; and in ``plots/`` the tables that ``dvc plots`` draws.
"""

from stages.artifacts.files import replacing, report_folder, write_json, write_table
from stages.command.params import read_section
from stages.command.run import run_stage
from stages.report.figures import draw_all
from stages.report.page import fill_page
from stages.report.results import find_examples, read_results
from stages.report.settings import Settings
from stages.report.styles import STYLES
from stages.report.summary import mean_curves, measure


def main(dataset: str) -> str:
    """Write the report and return a line that says where it is."""
    settings = read_section(dataset, "report", Settings)
    results = read_results(dataset)
    examples = find_examples(results, settings.examples)
    metrics = measure(results)
    figures = {style: draw_all(results, style) for style in STYLES}
    html = fill_page(dataset, results, metrics, settings.top, examples, figures)
    folder = report_folder(dataset)
    names = ("index.html", "figures", "metrics.json", "plots")
    with replacing(*(folder / name for name in names)) as (page, figures_folder, metrics_file, plots):
        page.write_text(html, encoding="utf-8")
        figures_folder.mkdir()
        for name, png in figures["light"].items():
            (figures_folder / f"{name}.png").write_bytes(png)
        write_json(metrics_file, metrics)
        plots.mkdir()
        write_table(plots / "confusion.csv", results.rows[["given_label", "suggested_label"]])
        write_table(plots / "curves.csv", mean_curves(results))
    return f"open {folder / 'index.html'}"


if __name__ == "__main__":
    run_stage("report", main)
