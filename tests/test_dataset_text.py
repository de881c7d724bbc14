"""Whatever params.yaml and dvc.yaml look like, adding and removing a data set leaves what a person wrote."""

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from dataset import places
from stages.command.errors import InputError
from tests.conftest import ROOT

BLOCK = {"fetch": {"sources": ["csv:/data/a b,{c}.csv"], "label": "a: #b"}, "find_issues": {"budget": "2%"}}
SHIPPED = ((ROOT / "params.yaml").read_text(), (ROOT / "dvc.yaml").read_text())
COMMENTS = st.sampled_from(["", "# pets\n", "\n", "# one\n# two\n", "\n\n# far\n\n"])
BEHIND = st.sampled_from(["", "  # why: because", " # [x]"])
NAMES = st.lists(st.sampled_from(["digits", "mnist", "a-b", "c_d", "Dogs"]), unique=True, max_size=4)
BODIES = ["{}", "{fetch: {sources: ['csv:a.csv']}}  # as it is"]
OPEN_BODIES = [
    '\n  fetch:\n    # where\n    sources: ["csv:a.csv"]  # here\n',
    "\n  fetch: {label: x}\n  # at the end\n",
    "\n    clean:\n        undecided: keep\n\n",
    "\n  report:\n    examples: |\n      a\n      b\n",
    "\n  split: &NAME\n    folds: 3\n",
    "\n",
]


@st.composite
def lists(draw: st.DrawFn, names: list[str]) -> str:
    """Write a list of names in one of the ways that YAML has."""
    form = draw(st.sampled_from(["flow", "lines", "indentless", "long"]))
    behind = draw(BEHIND)
    if not names or form == "flow":
        return f"[{', '.join(names)}]{behind}\n"
    if form == "long":
        end = draw(st.sampled_from(["", ","]))
        return "[\n" + ",\n".join(f"  {name}" for name in names) + f"{end}\n]{behind}\n"
    indent = "" if form == "indentless" else "  "
    return behind + "\n" + "".join(f"{indent}- {name}{draw(BEHIND)}\n" for name in names)


@st.composite
def params(draw: st.DrawFn) -> str:
    names = draw(NAMES)
    parts = [draw(COMMENTS) + "datasets: " + draw(lists(names))]
    for name in names:
        body = draw(st.sampled_from([f"{body}\n" for body in BODIES] + OPEN_BODIES)).replace("NAME", name)
        parts.append(f"{draw(COMMENTS)}{name}: {body}")
    parts = draw(st.permutations(parts))
    text = "".join(parts) + draw(COMMENTS)
    return text if draw(st.booleans()) else text.replace("\n", "\r\n")


@st.composite
def pipelines(draw: st.DrawFn) -> str:
    stages = "stages:\n  fetch:\n    foreach: ${datasets}\n    do:\n      cmd: x  # why\n"
    indent = draw(st.sampled_from(["  ", "    "]))
    entries = "".join(
        f"{indent}{name}-labels:{draw(BEHIND)}\n"
        f"{indent * 2}path: data/{name}/cleaned{draw(BEHIND)}\n"
        f"{indent * 2}type: dataset\n"
        for name in draw(NAMES)
    )
    artifacts = f"{draw(COMMENTS)}artifacts:{draw(BEHIND)}\n{entries}" if entries else ""
    text = "".join(draw(st.permutations([stages, artifacts]))) + draw(COMMENTS)
    return text if draw(st.booleans()) else text.replace("\n", "\r\n")


def keeps(before: str, after: str) -> bool:
    """Say whether each sign of a text is in another, in the same order."""
    signs = iter(after)
    return all(sign in signs for sign in before)


@settings(max_examples=100, deadline=None)
@given(params(), pipelines())
def test_what_is_added_and_removed_leaves_the_same_bytes(text: str, pipeline: str) -> None:
    both = (text, pipeline)
    meant, artifacts = yaml.safe_load(text), yaml.safe_load(pipeline)
    added = places.add(both, "pets", BLOCK, "a comment")
    assert yaml.safe_load(added[0]) == {**meant, "datasets": [*(meant["datasets"] or []), "pets"], "pets": BLOCK}
    assert yaml.safe_load(added[1])["artifacts"].keys() == {*artifacts.get("artifacts", {}), "pets-labels"}
    assert all(keeps(old, new) for old, new in zip(both, added, strict=True))
    assert places.remove(added, "pets") == both


@settings(max_examples=60, deadline=None)
@given(params(), pipelines(), st.data())
def test_a_data_set_that_a_person_wrote_is_renamed_and_removed_alone(
    text: str, pipeline: str, data: st.DataObject
) -> None:
    names = [name for name in yaml.safe_load(text) if name != "datasets"]
    if not names:
        return
    name = data.draw(st.sampled_from(names))
    renamed = places.rename((text, pipeline), name, "pets")
    assert places.rename(renamed, "pets", name) == (text, pipeline)
    removed = places.remove((text, pipeline), name)
    left = {key: value for key, value in yaml.safe_load(text).items() if key != name}
    assert yaml.safe_load(removed[0]) == {**left, "datasets": [each for each in left["datasets"] if each != name]}
    emptied = removed[0].replace(" []", "").replace("[]", "")
    assert all(keeps(new, old) for old, new in zip((text, pipeline), (emptied, removed[1]), strict=True))


def test_the_shipped_files_come_back_and_grow_at_their_ends_alone() -> None:
    added = places.add(SHIPPED, "pets", BLOCK, "a comment")
    assert added[0].replace("[digits, pets]", "[digits]").startswith(SHIPPED[0])
    assert added[1].startswith(SHIPPED[1])
    assert places.remove(added, "pets") == SHIPPED
    assert places.rename(places.rename(SHIPPED, "digits", "pets"), "pets", "digits") == SHIPPED


def test_what_is_audited_goes_along() -> None:
    renamed = places.rename(SHIPPED, "digits", "numbers")
    assert yaml.safe_load(renamed[0])["audited"] == [
        {"numbers": {"noise": "instance_dependent", "share": 0.05, "seed": 0}}
    ]
    removed = places.remove(SHIPPED, "digits")
    assert (yaml.safe_load(removed[0])["audited"], yaml.safe_load(removed[0])["datasets"]) == ([], [])
    assert keeps(removed[0].replace(" []", "").replace("[]", "["), SHIPPED[0])


@pytest.mark.parametrize(
    "text",
    [
        "{datasets: [a], a: {}}",
        "datasets: &all [a]\naudited: *all\na: {}\n",
        "datasets: [a]\na: {}\n...\n",
        "---\ndatasets: [a]\na: {}\n---\nb: 1\n",
        "  datasets: [a]\n  a: {}\n",
        "a: {}\n",
        "datasets: {a: b}\na: {}\n",
    ],
)
def test_what_cannot_be_edited_is_left_alone(text: str) -> None:
    with pytest.raises((InputError, yaml.YAMLError)):
        places.add((text, SHIPPED[1]), "pets", BLOCK, "a comment")


@pytest.mark.parametrize(
    ("artifacts", "after"),
    [
        ("", "artifacts:\n  pets-labels:\n    path: data/pets/cleaned\n    type: dataset\n"),
        ("artifacts: {}\n", "artifacts:\n  pets-labels:\n    path: data/pets/cleaned\n    type: dataset\n"),
        ("artifacts:\n", "artifacts:\n  pets-labels:\n    path: data/pets/cleaned\n    type: dataset\n"),
        (
            "artifacts:  # none yet\n",
            "artifacts:  # none yet\n  pets-labels:\n    path: data/pets/cleaned\n    type: dataset\n",
        ),
        ("artifacts: {a-labels: {path: b, type: dataset}}\n", None),
    ],
)
def test_an_artifact_finds_its_place(artifacts: str, after: str | None) -> None:
    if after is None:
        with pytest.raises(InputError, match=r"dvc.yaml: is written in a way that this command cannot edit safely"):
            places.add_artifact(f"stages: {{}}\n{artifacts}", "pets")
    else:
        assert places.add_artifact(f"stages: {{}}\n{artifacts}", "pets") == f"stages: {{}}\n{after}"


def test_an_artifact_that_is_there_stays() -> None:
    pipeline: Any = places.add_artifact(SHIPPED[1], "pets")
    assert places.add_artifact(pipeline, "pets") == pipeline
