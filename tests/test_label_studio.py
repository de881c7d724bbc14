"""The flagged rows go to Label Studio, and what it exports comes back as decisions.

label_studio_export.json is what Label Studio 1.23.2 wrote for the digits' tasks, in three forms: JSON, JSON with the
annotators' e-mail addresses (a snapshot), and JSON_MIN. Its pictures are left out.
"""

import base64
import copy
import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from review.label_studio.answers import import_tasks
from review.label_studio.tasks import export_tasks, make_config
from stages.artifacts.decisions import COLUMNS, Decision, parse_decisions
from stages.artifacts.standing import find_conflict, find_standing
from stages.command.errors import InputError
from tests.conftest import ROOT

EXPORTS = json.loads((ROOT / "tests/label_studio_export.json").read_text(encoding="utf-8"))
GIVEN = {"1658": 9, "738": 9, "5": 5, "129": 8, "678": 5, "1662": 9, "480": 7, "683": 9, "1742": 2, "a b/ü#": 0}
CLASSES = [str(digit) for digit in range(10)]
ISSUES = """\
id,given_label,suggested_label,label_quality,given_prob,suggested_prob,error_prob,flagged
1658,9,8,0.0367339,0.0367339,0.670366,0.8,yes
738,9,1,0.115198,0.115198,0.651234,0.6,no
a b/ü#,0,0,0.5,0.5,0.5,0.1,yes
"""
DECISIONS = Path("data/digits/decisions.csv")
TASKS = Path("label-studio-digits.json")


@pytest.fixture(autouse=True)
def _digits(workplace: Path) -> None:
    prepared = Path("data/digits/prepared")
    prepared.mkdir(parents=True)
    np.save(prepared / "images.npy", np.arange(len(GIVEN) * 4, dtype=np.uint8).reshape(-1, 1, 2, 2))
    np.save(prepared / "labels.npy", np.array(list(GIVEN.values())))
    (prepared / "classes.json").write_text(json.dumps(CLASSES))
    (prepared / "ids.csv").write_text("\n".join(["id", *GIVEN]) + "\n", encoding="utf-8")
    Path("data/digits/issues.csv").write_text(ISSUES, encoding="utf-8")
    DECISIONS.write_text(f"{','.join(COLUMNS)}\n")


def save(exported: Any) -> Path:
    path = Path("export.json")
    path.write_text(json.dumps(exported), encoding="utf-8")
    return path


def read_choices(config: str) -> dict[str | None, list[dict[str, str]]]:
    view = ElementTree.fromstring(config)
    return {control.get("name"): [choice.attrib for choice in control] for control in view.iter("Choices")}


def test_each_flagged_row_is_a_task_worst_first() -> None:
    line = export_tasks("digits")
    assert line == f"2 tasks in {TASKS}, the labeling configuration in label-studio-digits.xml"
    first, second = json.loads(TASKS.read_text(encoding="utf-8"))
    picture = first["data"].pop("image").removeprefix("data:image/png;base64,")
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(picture))))
    np.testing.assert_array_equal(pixels, np.load("data/digits/prepared/images.npy")[0, 0])
    assert first["data"] == {
        "dataset": "digits", "row_id": "1658", "rank": 1,
        "given_label": "9", "suggested_label": "8", "label_quality": 0.0367339,
    }  # fmt: skip
    (prediction,) = first["predictions"]
    assert prediction.pop("model_version").startswith("clean-labels ")
    suggestion = {"type": "choices", "value": {"choices": ["8"]}, "from_name": "label", "to_name": "image"}
    assert prediction == {"score": 0.670366, "result": [suggestion]}
    assert (second["data"]["row_id"], second["data"]["rank"]) == ("a b/ü#", 2)


def test_pictures_may_lie_elsewhere() -> None:
    export_tasks("digits", "https://pictures.example.org/", Path("out/tasks.json"))
    addresses = [task["data"]["image"] for task in json.loads(Path("out/tasks.json").read_text())]
    assert addresses == [
        "https://pictures.example.org/1658.png",
        "https://pictures.example.org/a%20b/%C3%BC%23.png",
    ]
    assert Path("out/tasks.xml").exists()


def test_the_predictions_version_is_that_of_the_flagged_rows() -> None:
    def version() -> Any:
        export_tasks("digits")
        return json.loads(TASKS.read_text(encoding="utf-8"))[0]["predictions"][0]["model_version"]

    before = version()
    assert version() == before
    Path("data/digits/issues.csv").write_text(ISSUES.replace("0.670366", "0.7"), encoding="utf-8")
    assert version() != before


def test_the_configuration_asks_for_a_class_or_something_instead() -> None:
    export_tasks("digits")
    view = ElementTree.fromstring(Path("label-studio-digits.xml").read_text(encoding="utf-8"))
    assert {tag: view.find(tag).attrib["name"] for tag in ("Image", "TextArea")} == {  # type: ignore[union-attr]
        "Image": "image", "TextArea": "note",
    }  # fmt: skip
    choices = read_choices(Path("label-studio-digits.xml").read_text(encoding="utf-8"))
    assert choices["label"] == [{"value": name, "hotkey": name} for name in CLASSES]
    assert choices["instead"] == [{"value": "remove this example"}, {"value": "not sure"}]


@pytest.mark.parametrize("name", ['<a & "b">', "it's", "é", "two\nlines", " a", "a,b", "$image", "cost in $"])
def test_names_are_data(name: str) -> None:
    """Label Studio reads what follows a $ as the name of data, except in an alias, which is what it exports."""
    choice = read_choices(make_config(["cat", name], "picture"))["label"][1]
    assert choice.get("alias", choice["value"]) == name
    assert "$" not in choice["value"]


@pytest.mark.parametrize(
    ("issues", "output", "message"),
    [
        (ISSUES, "tasks.xml", "tasks.xml: name a file that ends in .json; a file that ends in .xml is written beside"),
        (ISSUES, "tasks", "tasks: name a file that ends in .json"),
        (ISSUES, "folder.json", "folder.json: name a file that ends in .json"),
        (ISSUES.splitlines()[0], TASKS, "issues.csv: no row is flagged; set find_issues.flag in params.yaml to budget"),
        (ISSUES.replace("1658", "z"), TASKS, "issues.csv: is not of the same run as prepared/; `dvc repro` makes both"),
    ],
)
def test_what_cannot_be_exported_is_named(issues: str, output: str, message: str) -> None:
    Path("data/digits/issues.csv").write_text(issues, encoding="utf-8")
    Path("folder.json").mkdir()
    with pytest.raises(InputError) as caught:
        export_tasks("digits", output=Path(output))
    assert message in str(caught.value)
    assert not list(Path.cwd().glob("*.xml"))
    assert Path("folder.json").is_dir()


@pytest.mark.parametrize(
    ("header", "rows", "tag", "first"),
    [
        ("text", ["Where is my card?", '"two\nlines, and ""more"""'], "Text", 'two\nlines, and "more"'),
        ("age,city", ["7,Bonn", '8,"Köln, Süd"'], "Table", {"age": "8", "city": "Köln, Süd"}),
    ],
)
def test_texts_and_rows_of_a_table_are_in_their_tasks(header: str, rows: list[str], tag: str, first: Any) -> None:
    prepared = Path("data/digits/prepared")
    (prepared / "images.npy").unlink()
    (prepared / "ids.csv").write_text("id\na b/ü#\n1658\n", encoding="utf-8")
    (prepared / "rows.csv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    export_tasks("digits")
    view = ElementTree.fromstring(Path("label-studio-digits.xml").read_text(encoding="utf-8"))
    name = tag.lower()
    assert view.find(tag).attrib == {"name": name, "value": f"${name}"}  # type: ignore[union-attr]
    assert {control.get("toName") for control in view.iter("Choices")} == {name}
    tasks = json.loads(TASKS.read_text(encoding="utf-8"))
    assert tasks[0]["data"][name] == first
    assert tasks[0]["predictions"][0]["result"][0]["to_name"] == name
    with pytest.raises(InputError, match="--pictures: this data set has no pictures; leave it out"):
        export_tasks("digits", "https://pictures.example.org/")


def test_a_data_set_with_nothing_to_see_is_named() -> None:
    Path("data/digits/prepared/images.npy").unlink()
    with pytest.raises(InputError, match=r"data/digits/prepared: holds nothing to look at"):
        export_tasks("digits")


def test_what_label_studio_exported_becomes_decisions() -> None:
    assert import_tasks("digits", save(EXPORTS["JSON"])) == (
        f"8 decisions added to {DECISIONS}; 0 were there already, 1 skipped in Label Studio"
    )
    with DECISIONS.open(encoding="utf-8", newline="") as file:
        assert [list(row.values()) for row in csv.DictReader(file)] == [
            ["1658", "9", "relabel", "8", "label-studio:1", "2026-11-24T11:55:55.433647Z", "", "8", "0.0367339", ""],
            [
                "738", "9", "keep", "", "label-studio:1", "2026-11-24T11:55:55.753186Z",
                "a 9 with a short tail second thought", "1", "0.115198", "",
            ],
            ["5", "5", "remove", "", "label-studio:1", "2026-11-24T11:55:56.079549Z", "", "9", "0.115833", ""],
            ["129", "8", "unsure", "", "label-studio:1", "2026-11-24T11:55:56.402747Z", "", "1", "0.122337", ""],
            ["1662", "9", "relabel", "5", "label-studio:1", "2026-11-24T11:55:57.040925Z", "", "5", "0.228215", ""],
            ["1662", "9", "keep", "", "label-studio:2", "2026-11-24T11:55:57.403772Z", "clear", "5", "0.228215", ""],
            ["683", "9", "remove", "", "label-studio:1", "2026-11-24T11:57:05.870720Z", "cut off", "1", "0.304674", ""],
            ["1742", "2", "relabel", "5", "label-studio:1", "2026-11-24T11:59:19.191151Z", "", "7", "0.327764", ""],
        ]  # fmt: skip


def test_two_annotators_who_differ_are_a_conflict() -> None:
    import_tasks("digits", save(EXPORTS["snapshot"]))
    standing = find_standing(parse_decisions(DECISIONS))
    assert list(standing) == ["1662"]
    (conflict,) = find_conflict(standing["1662"])
    assert "relabel to '5' by ann@example.org, line 3: keep by bob@example.org" in conflict


def test_the_short_form_says_the_same() -> None:
    import_tasks("digits", save(EXPORTS["JSON"]))
    known = {written(decision) for decision in parse_decisions(DECISIONS)}
    DECISIONS.write_text(f"{','.join(COLUMNS)}\n")
    import_tasks("digits", save(EXPORTS["JSON_MIN"]))
    short = {written(decision) for decision in parse_decisions(DECISIONS)}
    assert {decision[0] for decision in short} == {"738", "1662", "683"}
    assert short < known


def written(decision: Decision) -> tuple[str, ...]:
    return tuple(str(value) for name, value in vars(decision).items() if name != "line")


@pytest.mark.parametrize("form", EXPORTS)
def test_a_second_import_adds_nothing(form: str) -> None:
    import_tasks("digits", save(EXPORTS[form]))
    before = DECISIONS.read_bytes()
    lines = len(before.splitlines()) - 1
    assert lines >= 2
    line = import_tasks("digits", save(EXPORTS[form]))
    assert line.startswith(f"0 decisions added to {DECISIONS}; {lines} were there already")
    assert DECISIONS.read_bytes() == before


def test_an_answer_that_was_changed_since_is_added_and_counts() -> None:
    export = [copy.deepcopy(EXPORTS["JSON"][0])]
    import_tasks("digits", save(export))
    export[0]["annotations"][0]["result"] = choose("label", "9")
    export[0]["annotations"][0]["updated_at"] = "2026-11-24T15:00:00.5+02:00"
    assert import_tasks("digits", save(export)).startswith("1 decisions added")
    (last,) = find_standing(parse_decisions(DECISIONS))["1658"]
    assert (last.decision, last.time) == ("keep", "2026-11-24T13:00:00.500000Z")


def test_tasks_that_nobody_has_answered_may_be_anything() -> None:
    export = copy.deepcopy(EXPORTS["JSON"][4:5])
    export[0]["data"]["row_id"] = "z"
    # a skipped answer holds what the suggestion had filled in
    export[0]["annotations"][0]["result"] = choose("label", "4")
    drafts = [{"result": choose("label", "4"), "user": "ann@example.org"}]
    more: dict[str, Any]
    for more in ({"annotations": []}, {"annotations": None}, {"drafts": drafts}, {"predictions": [{"result": []}]}):
        export.append({"id": 99, "data": {"text": "of another project"}, **more})
    line = import_tasks("digits", save(export))
    assert (
        line
        == f"0 decisions added to {DECISIONS}; 0 were there already, 1 skipped in Label Studio, 4 without an answer"
    )


def choose(control: str, *choices: str) -> list[dict[str, Any]]:
    return [{"from_name": control, "to_name": "image", "type": "choices", "value": {"choices": list(choices)}}]


def change_data(**values: Any) -> Callable[[Any], None]:
    return lambda task: task["data"].update(values)


def change_answer(**values: Any) -> Callable[[Any], None]:
    return lambda task: task["annotations"][0].update(values)


PROBLEMS = [
    (change_data(row_id="z"), "whose id is not in the data set"),
    (change_data(given_label="7"), "whose given label has changed since, to be looked at again"),
    (change_data(dataset="mnist"), "of the data set 'mnist', import them there"),
    (change_answer(result=[]), "with an answer that chooses nothing"),
    (change_answer(result=choose("other", "8")), "with an answer that chooses nothing"),
    (change_answer(result=choose("label", "x")), "with choice 'x', which is not a class"),
    (change_answer(result=choose("label", "8", "9")), "with more than one choice ('8', '9')"),
    (
        change_answer(result=choose("instead", "drop")),
        "with choice 'drop', which is not one of 'remove this example', 'not sure'",
    ),
    (change_answer(completed_by=None), "that do not say who answered"),
    (change_answer(completed_by="\u0000 \ud800"), "that do not say who answered"),
    (change_answer(updated_at="today"), "whose time 'today' is not one in ISO 8601"),
    (change_answer(updated_at="9999-12-31T23:59:59-05:00"), "whose time '9999-12-31T23:59:59-05:00' is not one"),
    (change_answer(updated_at=None, created_at=None), "whose time '' is not one in ISO 8601"),
    (change_answer(result=[None]), "with an annotation that cannot be read (result.0: Input should be"),
    (change_answer(completed_by=[1]), "with an annotation that cannot be read (completed_by"),
    (
        change_answer(result=[*choose("label", "8"), {"from_name": "note", "value": {"text": ["x" * 20_000]}}]),
        "with a note of more than 10,000 letters",
    ),
    (lambda task: task.update(data=None), "not from `python -m review export label-studio`"),
    (lambda task: task.update(data={"image": "a.png"}), "not from `python -m review export label-studio`"),
    (change_data(row_id=None), "not from `python -m review export label-studio`"),
]


@pytest.mark.parametrize(("change", "reason"), PROBLEMS)
def test_a_task_that_does_not_fit_is_left_and_the_others_are_taken(change: Callable[[Any], None], reason: str) -> None:
    export = copy.deepcopy(EXPORTS["JSON"])
    change(export[0])
    line = import_tasks("digits", save(export))
    assert line.startswith(
        f"7 decisions added to {DECISIONS}; 0 were there already, 1 skipped in Label Studio; tasks left: 1 {reason}"
    )
    assert line.endswith("(task 1)")
    assert line.count("\n") == 0
    assert {decision.id for decision in parse_decisions(DECISIONS)} == {"738", "5", "129", "1662", "683", "1742"}


NULLS: list[Callable[[Any], None]] = [
    change_data(suggested_label=None, label_quality=None),
    change_data(row_id=1658, given_label=9),
    change_answer(was_cancelled=None, id=None),
    change_answer(result=[*choose("label", "8"), {"from_name": None, "value": None}]),
    change_answer(result=[*choose("label", "8"), {"from_name": "note", "value": {"text": None}}]),
    change_answer(completed_by={"id": 1, "email": None}),
    lambda task: task["annotations"].append({"id": 7, "was_cancelled": True, "result": None}),
    lambda task: task.update(id=None, drafts=None, predictions=None, meta=None),
]


@pytest.mark.parametrize("change", NULLS)
def test_what_is_null_is_as_if_it_were_not_there(change: Callable[[Any], None]) -> None:
    export = copy.deepcopy(EXPORTS["JSON"][:1])
    change(export[0])
    assert import_tasks("digits", save(export)).startswith("1 decisions added")
    (decision,) = parse_decisions(DECISIONS)
    assert (decision.id, decision.label, decision.reviewer) == ("1658", "8", "label-studio:1")


def test_nulls_in_the_short_form_are_none_either() -> None:
    export = copy.deepcopy(EXPORTS["JSON_MIN"][:1])
    export[0].update(note=None, instead=None, lead_time=None)
    export.append({"id": 3, "annotation_id": None, "label": None})
    line = import_tasks("digits", save(export))
    assert line.startswith("1 decisions added")
    assert line.endswith("1 without an answer")


def test_one_line_says_why_tasks_were_left() -> None:
    export = copy.deepcopy(EXPORTS["JSON"])
    for task in export[:5]:
        change_data(row_id="z")(task)
    change_answer(result=choose("label", "x\n\x1b[2J"))(export[5])
    line = import_tasks("digits", save([*export, 7, {"id": 9, "data": {"a": 1}, "annotations": [{}]}]))
    # the fifth was skipped, and so is not looked at
    assert line.endswith(
        "tasks left: 4 whose id is not in the data set (tasks 1, 2, 3 and 1 more), "
        "2 not from `python -m review export label-studio` (tasks without a number, 9), "
        "1 with choice 'x\\n\\x1b[2J', which is not a class (task 6)"
    )


@pytest.mark.parametrize("records", [[{"id": 1, "data": {"image": "a.png"}, "annotations": [{"result": []}]}], [1]])
def test_where_nothing_can_be_taken_that_is_a_mistake(records: list[Any]) -> None:
    with pytest.raises(InputError) as caught:
        import_tasks("digits", save(records))
    assert str(caught.value).startswith("export.json: no task could be taken; tasks left: 1 not from `python -m review")
    assert DECISIONS.read_text() == f"{','.join(COLUMNS)}\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "not JSON (Expecting value: line 1 column 1 (char 0)); export the project from Label Studio as JSON"),
        ("id,label\n1,2\n", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("é".encode("latin-1"), "not JSON"),
        ("{}", "not a list of tasks; export the project from Label Studio as JSON"),
        ("null", "not a list of tasks"),
    ],
)
def test_a_file_of_another_kind_is_named(content: str | bytes, message: str) -> None:
    Path("export.json").write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(InputError) as caught:
        import_tasks("digits", Path("export.json"))
    assert str(caught.value).startswith(f"export.json: {message}")
    assert str(caught.value).count("\n") == 0


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(InputError, match=r"none\.json: No such file or directory; name a file that Label Studio has"):
        import_tasks("digits", Path("none.json"))
