"""Show what was found: ``python -m stages.report DATASET``.

Writes to ``reports/<dataset>/``: ``index.html``, one page that needs no other file; its figures as PNG in
``figures/``; ``metrics.json``; and in ``plots/`` the tables that ``dvc plots`` draws.
"""

from stages.artifacts.files import replacing, report_folder, write_json, write_table
from stages.command.params import read_section
from stages.command.run import run_stage
from stages.report.figures import draw_figures
from stages.report.page import describe_sections, fill_page
from stages.report.results import read_results
from stages.report.settings import Settings
from stages.report.summary import mean_curves, measure


def main(dataset: str) -> str:
    """Write the report and return a line that says where it is, and what to do next."""
    settings = read_section(dataset, "report", Settings)
    results = read_results(dataset)
    metrics = measure(results)
    shown = describe_sections(results, metrics, settings)
    drawings = {name: draw for section in shown for name, draw in section.drawings.items()}
    figures = draw_figures(drawings, results)
    html = fill_page(results, metrics, shown, figures)
    folder = report_folder(dataset)
    names = ("index.html", "figures", "metrics.json", "plots")
    with replacing(*(folder / name for name in names)) as (page, figures_folder, metrics_file, plots):
        page.write_text(html, encoding="utf-8")
        figures_folder.mkdir()
        for name, png in figures.items():
            (figures_folder / f"{name}.png").write_bytes(png)
        write_json(metrics_file, metrics)
        plots.mkdir()
        labelled = results.rows[~results.rows["unlabelled"]]
        write_table(plots / "confusion.csv", labelled[["given_label", "suggested_label"]])
        write_table(plots / "curves.csv", mean_curves(results))
    waiting = int((results.rows["flagged"] & ~results.rows["decided"]).sum())
    decide = f"; then decide on {waiting:,} flagged rows: python -m review {dataset}" if waiting else ""
    return f"open {folder / 'index.html'}{decide}"


if __name__ == "__main__":
    run_stage("report", main)
