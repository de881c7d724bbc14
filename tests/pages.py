"""The pages that people read, their blocks of code and their anchors, and what runs each block."""

import re
from pathlib import Path
from typing import NamedTuple

from tests.conftest import ROOT

PAGES = ("README.md", "CONTRIBUTING.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")))
CI = ".ci/run"
SHOWN = "shown: "
# page → first line of a block → what runs it: .ci/run, or a test; or, as SHOWN, why nothing does
RUN_BY = {
    "README.md": {
        "python3 -m venv .venv": CI,
        "report: digits: open reports/digits/index.html; then decide on 18 flagged rows: python -m review digits": (
            f"{SHOWN}{CI} looks for the file"
        ),
        "pip install -r requirements-dev.txt": CI,
        "dvc repro": "test_loop.py::test_from_flags_to_a_model_trained_elsewhere, but for git push",
        "python -m dataset add pets /path/to/pets --run": (
            "test_dataset_commands.py::test_from_a_table_to_its_report_and_out_again, but for --run"
        ),
        "pets:": "test_docs.py::test_an_example_block_is_short_and_what_the_stages_allow",
        "churn:": "test_docs.py::test_an_example_block_is_short_and_what_the_stages_allow",
        "banking:": "test_docs.py::test_an_example_block_is_short_and_what_the_stages_allow",
    },
    "CONTRIBUTING.md": {
        "python3 -m venv .venv": CI,
        "ruff check . && ruff format --check . && mypy && pytest": CI,
        "pip install uv==0.13.9": f"{SHOWN}it needs an index of packages; test_lock.py compares the two files",
        "python -m docs.parameters > docs/parameters.md": (
            "test_docs.py::test_the_page_of_parameters_is_what_is_generated"
        ),
    },
    "docs/adding.md": {
        "$ python -m dataset add churn churn.csv --label left --dry-run": (
            "test_dataset_add.py::test_the_page_shows_what_is_printed"
        ),
        "[8/15] crossval_predict: fold 2 of 5, epoch 7 of 20: loss 0.8120, accuracy 0.7231, 40 s left": (
            "test_dataset_commands.py::test_each_stage_is_told_in_one_line, with other figures"
        ),
    },
    "docs/agreement.md": {
        "$ python -m labels ask points --count 30": (
            "test_agreement.py::test_ask_writes_rows_and_tasks_that_sway_nobody, of a data set with another name"
        ),
        "$ python -m labels ask points --answers project-1.json": (
            "test_agreement.py::test_answers_come_back_into_the_file_of_annotations, of a data set with another name"
        ),
    },
    "docs/annotators.md": {
        "$ python -m labels diff points": (
            "test_annotated_versions.py::test_versions_say_who_moved_a_label, of a data set with another name"
        ),
    },
    "docs/certificates.md": {
        "$ python -m labels certify digits --goal 2%": (
            "test_certified_versions.py::test_the_page_shows_what_is_printed"
        ),
        "dvc repro": "test_certified_versions.py::test_a_certificate_from_its_plan_to_a_release",
        "$ python -m labels certify digits --models good.csv bad.csv": (
            "test_certified_versions.py::test_the_page_shows_what_is_printed"
        ),
    },
    "docs/compared.md": {
        "compared: [{digits: {repeats: 3}}]": "test_docs.py::test_a_line_of_settings_is_allowed",
    },
    "docs/export.md": {
        "$ python -m labels export pets pets-cleaned --as folders": (
            "test_labels_export.py::test_a_folder_of_pictures_comes_back_corrected"
        ),
    },
    "docs/experiments.md": {
        "$ dvc exp run --temp --name two-epochs --set-param digits.crossval_predict.max_epochs=2": (
            "test_pipeline.py::test_experiments_are_compared, but for --temp"
        ),
    },
    "docs/load.md": {
        "from labels import load": "test_load.py::test_the_pages_other_lines_run",
        'pip install "git+https://example.org/labels.git"': (
            f"{SHOWN}it needs an index of packages; test_load.py builds what it installs"
        ),
        "from sklearn.linear_model import LogisticRegression": "test_load.py::test_the_pages_examples_train",
        "from sklearn.compose import make_column_selector, make_column_transformer": (
            "test_load.py::test_the_pages_other_lines_run"
        ),
        "import torch": "test_load.py::test_the_pages_examples_train",
        "import numpy as np": "test_annotated_versions.py::test_a_version_is_loaded_with_what_annotators_left_open",
        "from labels import LoadError, load": "test_load.py::test_the_pages_other_lines_run",
    },
    "docs/log.md": {"$ python -m labels log digits 129": "test_labels_log.py::test_the_page_shows_what_is_printed"},
    "docs/method.md": {
        "fetch → preprocess → embed → inspect → split → crossval_predict → consensus → find_issues → clean → certify "
        "→ report": f"{SHOWN}no command",
        "audit: digits: 90 of 1,797 labels flipped (instance-dependent): average precision 0.979, flags find 20% and "
        "are right in": f"{SHOWN}the digits as shipped, which takes a second training",
        "audited: [digits, {pets: {noise: uniform, share: 0.1, seed: 1}}]": (
            "test_docs.py::test_a_line_of_settings_is_allowed"
        ),
    },
    "docs/label-studio.md": {
        "$ python -m review export label-studio digits": "test_docs.py::test_a_command_prints_what_the_page_shows",
        "$ python -m review import label-studio digits project-1.json": (
            "test_label_studio.py::test_what_label_studio_exported_becomes_decisions"
        ),
        "review: digits: 7 decisions added to data/digits/decisions.csv; 0 were there already, 1 skipped in Label "
        "Studio; tasks left: 1 whose id is not in the data set (task 1)": (
            "test_label_studio.py::test_a_task_that_does_not_fit_is_left_and_the_others_are_taken"
        ),
    },
    "docs/models.md": {
        'crossval_predict: {model: "sklearn.ensemble:RandomForestClassifier", arguments: {n_estimators: 300}}': (
            "test_docs.py::test_a_line_of_settings_is_allowed"
        ),
        "import torch": "test_docs.py::test_the_example_network_takes_pictures",
        'crossval_predict: {model: "mynet:MyNet", arguments: {width: 48}, max_epochs: 20, lr: 0.002}': (
            "test_docs.py::test_a_line_of_settings_is_allowed"
        ),
        "crossval_predict: {model: [logistic_regression, {model: gradient_boosting, arguments: {max_iter: 200}}]}": (
            "test_docs.py::test_a_line_of_settings_is_allowed"
        ),
        "split: {folds: 0}": "test_docs.py::test_a_line_of_settings_is_allowed",
        "dvc repro --force --single-item crossval_predict@pets": (
            "test_docs.py::test_a_file_of_probabilities_is_read_again"
        ),
    },
    "docs/own-data.md": {
        "preprocess: pets: 120 images of 3×64×64, 3 classes; 1 that cannot be read as pictures left out": (
            f"{SHOWN}of an example whose data are not in the repository"
        ),
        "preprocess: churn: 500 rows of 7 columns (3 numeric, 1 boolean, 1 date, 2 categorical), 3 classes": (
            f"{SHOWN}of an example whose data are not in the repository"
        ),
        "fetch: churn.csv: read as utf-8, cells separated by ';', quoted by \"; column(s) 1 left out: no name, "
        "numbers the rows": "test_csv_dialects.py::test_a_file_is_read_as_it_is",
        'fetch: {sources: ["csv:reviews.txt"], label: c2, csv: {encoding: windows-1252, delimiter: "\\t", '
        "header: false}}": "test_docs.py::test_a_line_of_settings_is_allowed",
        "preprocess: churn: 'age': numeric, 1 missing; 59 of 60 cells are numbers; not: 'forty', taken as missing; if "
        "these mean more, say categorical in preprocess.columns": (
            "test_columns.py::test_remarks_are_printed_as_the_page_shows_and_kept_for_the_report"
        ),
        'preprocess: {classes: {"ham ": ham, Ham: ham}}': "test_docs.py::test_a_line_of_settings_is_allowed",
        "preprocess: banking: 13,083 texts of 46 characters (median), 77 classes": f"{SHOWN}BANKING77 is downloaded",
        "dvc repro --force --single-item fetch@pets": "test_docs.py::test_a_command_runs",
        "preprocess: pets: error: raw: 2 row(s) (id cat/0007.jpg, dog/0011.jpg) that cannot be read as pictures; mend "
        "or leave them out at the source, or set preprocess.unreadable in params.yaml to leave_out": (
            "test_bad_inputs.py::test_a_mistake_is_one_line_and_nothing_is_touched"
        ),
    },
    "docs/pretrained.md": {
        "pip install -r requirements-embed.txt": CI,
        'crossval_predict: {model: "timm:timm/resnet50.a1_in1k@767268603ca0cb0bfe326fa87277f19c419566ef"}': (
            "test_docs.py::test_a_line_of_settings_is_allowed"
        ),
        "dvc repro --force --single-item embed@pets": "test_docs.py::test_a_command_runs",
    },
    "docs/remotes.md": {
        "dvc remote modify store verify true": "test_docs.py::test_a_remote_is_named_as_the_page_says",
        "git clone --no-checkout . ../labels-data && git -C ../labels-data switch --orphan data": (
            "test_remotes.py::test_a_branch_is_a_remote_that_every_clone_reads"
        ),
        "cp -rf .dvc/cache/files /path/to/store/": "test_remote_failures.py::test_an_object_that_is_damaged",
    },
    "docs/results.md": {
        "dvc exp run --temp --set-param 'datasets=[mnist]'": f"{SHOWN}MNIST is downloaded",
    },
    "docs/review.md": {
        "python -m review digits": "test_loop.py::test_from_flags_to_a_model_trained_elsewhere",
        'git add . && git commit -m "Decide on the flagged digits"': (
            "test_loop.py::test_from_flags_to_a_model_trained_elsewhere"
        ),
        "clean: digits: 1,797 kept, 0 relabelled, 0 removed; 0 decided on by people; the rule held back on 18 flagged "
        "rows: error_prob below act_above": "test_clean.py::test_the_rule_holds_back_on_the_digits",
        "5,5,keep,,you": "test_docs.py::test_the_example_decisions_fit_the_digits",
        "git merge other-branch": "test_rounds.py::test_a_merge_of_two_peoples_decisions_keeps_both",
    },
    "docs/reviewing-together.md": {
        "python -m review digits --part 1/2": (
            "test_review_together.py::test_each_row_is_in_one_part_wherever_it_is_dealt"
        ),
        "git diff HEAD refs/exps/apply/stash -- data/digits/decisions.csv": (
            "test_review_uncommitted.py::test_what_an_experiment_put_away_comes_back_as_the_page_says"
        ),
    },
    "docs/rounds.md": {
        "$ dvc metrics diff HEAD": f"{SHOWN}of decisions by eye; test_two_rounds in test_rounds.py decides otherwise",
        "dvc repro --single-item clean@digits report@digits": "test_docs.py::test_a_command_runs",
    },
    "docs/scale.md": {
        "pip install -r requirements-cluster.txt": f"{CI}, with requirements-dev.txt",
        "python -m dask scheduler": "test_cluster.py::test_a_worker_killed_in_the_middle_costs_only_its_fold",
        "env $(python -m stages) python -m dask worker tcp://SCHEDULER:8786 --nworkers 8 --nthreads 1": (
            "test_docs.py::test_a_worker_starts_with_the_variables"
        ),
        "CLEAN_LABELS_SCHEDULER=tcp://SCHEDULER:8786 dvc repro": (
            "test_cluster.py::test_a_worker_killed_in_the_middle_costs_only_its_fold"
        ),
    },
    "docs/start-page.md": {"python -m review": "test_start_page.py::test_the_whole_loop_without_a_terminal"},
    "docs/troubleshooting.md": {"rm -r data/*/kept": "test_docs.py::test_a_command_runs"},
    "docs/unlabelled.md": {
        "preprocess: {unlabelled: suggest}": "test_docs.py::test_a_line_of_settings_is_allowed",
        'preprocess: {unlabelled: suggest, classes: {unlabelled: "", "-1": ""}}': (
            "test_docs.py::test_a_line_of_settings_is_allowed"
        ),
    },
    "docs/publishing.md": {
        "$ python -m labels publish digits 1.1.0 digits-1.1.0": (
            "test_labels_publish.py::test_the_digits_are_published_as_the_page_shows"
        ),
        "pip install -r requirements-embed.txt": (
            "test_labels_publish.py::test_a_hub_has_each_version_as_one_commit_with_its_tag"
        ),
        "letters:": "test_labels_publish.py::test_what_is_published_is_a_source",
    },
    "docs/versions.md": {
        "import json": "test_docs.py::test_the_training_snippet_runs",
        'rows = pd.read_csv("data/banking77/cleaned/rows.csv", dtype=str, keep_default_na=False)': (
            "test_clean.py::test_texts_and_tables_come_with_their_labels"
        ),
        "import io": "test_labels_export.py::test_a_folder_of_pictures_comes_back_corrected",
        "sha256sum --check SHA256SUMS": "test_docs.py::test_a_command_runs",
        "dvc repro": "test_labels_release.py::test_a_release_is_an_annotated_tag_with_a_note",
        "$ python -m labels release digits 1.0.1": (
            "test_labels_release.py::test_every_reason_against_a_release_is_named_at_once"
        ),
        "import dvc.api": "test_docs.py::test_a_version_is_read_by_the_pages_own_lines",
        "$ python -m labels diff digits v1.0.0 v1.1.0": "test_docs.py::test_two_versions_compare_as_the_page_shows",
        "git revert --no-edit HEAD": "test_labels_versions.py::test_the_last_decisions_are_taken_back_byte_for_byte",
        "git diff -U0 REV^ REV -- data/digits/decisions.csv | git apply --reverse --unidiff-zero": (
            "test_labels_versions.py::test_earlier_decisions_are_taken_back_by_a_reversed_patch_and_not_by_a_revert"
        ),
        "$ python -m labels gate digits --base origin/main": (
            "test_docs.py::test_two_versions_compare_as_the_page_shows"
        ),
    },
}


class Block(NamedTuple):
    """A fenced block of code."""

    language: str
    text: str

    @property
    def head(self) -> str:
        """Return the first line, without a comment."""
        return self.text.partition("\n")[0].partition("  # ")[0].rstrip()


def read_page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def read_blocks(name: str) -> list[Block]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", read_page(name), re.MULTILINE | re.DOTALL)
    return [Block(*each) for each in found]


def find_block(name: str, head: str) -> str:
    """Return the text of the block that begins so."""
    (text,) = [block.text for block in read_blocks(name) if block.head.startswith(head)]
    return text


def read_prose(name: str) -> str:
    """Return a page without its blocks of code."""
    return re.sub(r"^```\w*\n.*?^```$", "", read_page(name), flags=re.MULTILINE | re.DOTALL)


def list_anchors(path: Path) -> set[str]:
    """Return the anchors that GitHub gives a page's headings."""
    headings = re.findall(r"^#+ (.+)$", read_prose(str(path.relative_to(ROOT))), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
