"""One row's life, as text: what it was given, what the model says, who decided what, and its label in each version."""

from typing import Any

from labels.life import NO_LABEL, Row, find_row, list_versions, read_opinion
from labels.table import align, make_printable
from stages.artifacts.cleaned import PEOPLE, RULE
from stages.artifacts.decisions import Decision, Verdict

DECISIONS = ["time", "reviewer", "about", "decision", "saw", "of run", "counts", "note"]
VERSIONS = ["version", "given", "cleaned", "status", "by", "certificate"]


def show_log(dataset: str, row_id: str) -> str:
    """Return what is known of a row.

    Raises
    ------
    InputError
        If it is not in the data, and nobody has decided on it.
    """
    row = find_row(dataset, row_id)
    opinion = read_opinion(dataset, row.id)
    versions, problems = list_versions(dataset, row)
    said = [list_decision(decision, counts, opinion) for decision, counts in row.said]
    parts = [
        "\n".join([f"{dataset}: {make_printable(row.id)}: {describe_row(row)}", describe_opinion(row, opinion)]),
        align([DECISIONS, *said]) if said else "nobody has decided on it",
        "\n".join([align([VERSIONS, *versions]), *problems]),
    ]
    return "\n\n".join(parts)


def describe_row(row: Row) -> str:
    """Say which labels a row was given and has."""
    if row.labels is None:
        return "no longer in the data"
    who = {PEOPLE: f" by {row.labels['by']}", RULE: f" ({row.labels['by']})"}
    label = row.labels["label"] and f", cleaned {row.labels['label']}"
    given = row.labels["given_label"] and f"given {row.labels['given_label']}"
    return make_printable(
        f"{given or 'given no label'}{label}, {row.labels['status']}{who.get(row.labels['decided_by'], '')}"
    )


def describe_opinion(row: Row, opinion: dict[str, Any] | None) -> str:
    """Say what the model of the present run thinks of a row."""
    if opinion is None:
        here = "" if row.labels is None else "; `dvc repro` makes quality/, or `dvc pull` brings it"
        return f"no model's opinion is known here{here}"
    if not opinion["given_label"]:
        suggested = f"{opinion['suggested_label']}, with a probability of {opinion['suggested_prob']:.4g}"
        return make_printable(f"the model suggests {suggested} (run {opinion['run']})")
    flagged = "flagged" if opinion["flagged"] else "not flagged"
    return make_printable(
        f"the model suggests {opinion['suggested_label']}: label quality {opinion['label_quality']:.4g}, "
        f"rank {opinion['rank']:,} of {opinion['of']:,}, {flagged} (run {opinion['run']})"
    )


def list_decision(said: Decision, counts: bool, opinion: dict[str, Any] | None) -> list[str]:
    """Return a decision as cells under `DECISIONS`."""
    verdict = f"relabel to {said.label}" if said.decision == Verdict.RELABEL else said.decision
    saw = f"{said.suggested_label}, {said.label_quality}" if said.label_quality else "no score"
    run = said.run
    if run and opinion:
        run += ", the present one" if run == opinion["run"] else ", another one"
    about = f"{said.id}: {said.given_label or NO_LABEL}"
    return [said.time, said.reviewer, about, verdict, saw, run, "yes" if counts else "no", said.note]
