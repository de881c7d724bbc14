"""Whatever is wrong with a data set or its block, the stage that sees it says so in one line and touches nothing."""

import shutil
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stages.artifacts.decisions import COLUMNS
from tests.sources import LABELS, N_ROWS, STAGES, Block, list_files, make_source, run, write_block

Mistake = Callable[[Path, Block], object]
HEAD = "k,animal,size,coat"
LINES = [f"r{row},{label},{row % 2 * 5 + row / 10},grey" for row, label in enumerate(LABELS)]
PROBS = np.tile([[0.25, 0.75]], (N_ROWS, 1))
PROBS_CSV = "id,cat,dog\n" + "".join(f"r{row},0.25,0.75\n" for row in range(N_ROWS))


def put(section: str, **values: Any) -> Mistake:
    return lambda folder, block: block.setdefault(section, {}).update(values)


def model(name: str, **values: Any) -> Mistake:
    return put("crossval_predict", model=name, **values)


def models(*members: object) -> Mistake:
    return put("crossval_predict", model=list(members))


def source(name: str) -> Mistake:
    return put("fetch", sources=[name])


def write(name: str, content: str | bytes) -> Mistake:
    return lambda folder, block: (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)


def table(*lines: str, head: str = HEAD) -> Mistake:
    return write("data.csv", "\n".join([head, *lines]) + "\n")


def arrays(**changed: Any) -> Mistake:
    given = {"features": np.zeros((N_ROWS, 64)), "labels": LABELS, **changed}
    return lambda folder, block: np.savez(folder / "data.npz", **given)


def both(*mistakes: Mistake) -> Mistake:
    return lambda folder, block: [mistake(folder, block) for mistake in mistakes]


def probs_csv(content: str) -> Mistake:
    return both(write("p.csv", content), put("crossval_predict", pred_probs="p.csv"))


def probs_npy(array: np.ndarray) -> Mistake:
    return both(lambda folder, block: np.save(folder / "p.npy", array), put("crossval_predict", pred_probs="p.npy"))


def probs_npz(folder: Path, block: Block) -> None:
    np.savez(folder / "p.npz", PROBS)
    (folder / "p.npz").rename(folder / "p.npy")
    block["crossval_predict"]["pred_probs"] = "p.npy"


def embed(source: str) -> Mistake:
    return put("embed", source=source)


def vectors(array: np.ndarray) -> Mistake:
    return both(lambda folder, block: np.save(folder / "v.npy", array), embed("npy:v.npy"))


def named_vectors(ids: list[str] | None = None, features: np.ndarray | None = None) -> Mistake:
    arrays: dict[str, Any] = {"features": features} | ({"ids": np.array(ids)} if ids else {})
    return both(lambda folder, block: np.savez(folder / "v.npz", **arrays), embed("npy:v.npz"))


def decide(*lines: str, labels: str = "given") -> Mistake:
    decisions = write("data/toy/decisions.csv", "\n".join([",".join(COLUMNS), *lines]) + "\n")
    return both(decisions, put("split", labels=labels))


def own(text: str, **values: Any) -> Mistake:
    return both(write("toy_own.py", text), model("toy_own:Own", **values))


def damaged_zip(folder: Path, block: Block) -> None:
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("cat/1.png", bytes(range(256)) * 9)
    content = (folder / "a.zip").read_bytes()
    (folder / "a.zip").write_bytes(content[:60] + b"\xff" * 30 + content[90:])
    block["fetch"]["sources"] = ["images:a.zip"]


def damaged_tar(kind: str, change: Callable[[bytes], bytes]) -> Mistake:
    def make(folder: Path, block: Block) -> None:
        path = Path(shutil.make_archive(str(folder / "a"), kind, folder / "pets"))
        path.write_bytes(change(path.read_bytes()))
        block["fetch"]["sources"] = [f"images:{path.name}"]

    return make


# in the middle, where tarfile alone stops without a word
HEADER = damaged_tar("tar", lambda content: b"@PaxHeadex".join(content.rsplit(b"@PaxHeader", 1)))
GZIP = damaged_tar("gztar", lambda content: content[:-8] + bytes(4) + content[-4:])
CUT = damaged_tar("gztar", lambda content: content[:-9])
ROW_OF_CAT = "k,animal,size,coat\nr0,cat,1,x\n"
# two of each, and of these the same row is once a dog and once a cat
CONTRADICTIONS = ["r0,dog,1,x", "r1,dog,2,x", "r2,cat,3,x", "r3,cat,2,x"]
LOGISTIC = "from sklearn.linear_model import LogisticRegression\n\n\nclass Own(LogisticRegression):\n    pass\n"
UNFIT = "there must be a number for each of 12 rows and 2 classes"
CATS_REMOVED = [f"r{row},cat,remove,,ann" for row in range(0, N_ROWS, 2)]

MISTAKES: dict[str, tuple[str, str, Mistake, str]] = {
    # where the data is
    "no block": ("table", "fetch", lambda folder, block: block.clear(), "params.yaml: toy.fetch.sources: missing; ad"),
    "no argument": ("pictures", "fetch", source("images:"), "fetch.sources: 'images:' names nothing after its kind; t"),
    "other prefix": ("table", "fetch", source("xls:data.xls"), "'xls:data.xls' is of no known kind; there are: csv:…,"),
    "prefix misspelt": ("table", "fetch", source("cvs:a.csv"), "is of no known kind (did you mean 'csv'?); there are"),
    "no file": ("table", "fetch", source("csv:no.csv"), "error: csv:no.csv: no.csv is not there; correct it in fetch."),
    "no file at home": ("table", "fetch", source("csv:~/no.csv"), "csv:~/no.csv: ~/no.csv is not there; correct it in"),
    "no home": ("table", "fetch", source("csv:~nobody-here/a.csv"), "~nobody-here/a.csv is not there: no such user"),
    "no home, pictures": ("pictures", "fetch", source("images:~nobody-here"), "~nobody-here is not there: no such u"),
    "no match": ("table", "fetch", source("csv:part-*.csv"), "csv:part-*.csv: part-*.csv matches no file; correct it"),
    "no pattern": ("table", "fetch", source("csv:a**b/*.csv"), "a**b/*.csv is not a pattern for files: Invalid pat"),
    "no brace": ("table", "fetch", source("csv:{data,more}.csv"), "csv:{data,more}.csv: more.csv is not there; corre"),
    "long name": ("table", "fetch", source(f"csv:{'x' * 300}"), "xxx: File name too long; mend this and run the comm"),
    "parts that differ": (
        "table", "fetch", both(write("more.csv", "k,animal,size,fur\nx,cat,1,x\n"), source("csv:{data,more}.csv")),
        "more.csv: lacks 'coat' and adds 'fur'; its columns must be those of data.csv",
    ),
    "other content": ("table", "fetch", put("fetch", sha256="0" * 64), "params.yaml pins 0000000000000000000000000000"),
    # tables
    "empty label key": ("table", "fetch", put("fetch", label=None), "name the label's column in fetch.label; there a"),
    "no such label": ("table", "fetch", put("fetch", label="Animal"), "called 'Animal' (did you mean 'animal'?); ther"),
    "id that repeats": ("table", "fetch", put("fetch", id="coat"), "fetch.id: 'coat' has 2 value(s) in more than one"),
    "id with a break": (
        "table", "fetch", table(*LINES, '"a\nb",cat,1,x', '"a\nb",cat,2,x'),
        r"fetch.id: 'k' has 1 value(s) in more than one row ('a\nb'); each row needs an id of its own",
    ),
    "id and label": ("table", "fetch", put("fetch", id="animal"), "fetch.id and fetch.label both name 'animal'; each"),
    "no such group": ("table", "fetch", put("fetch", group="herd"), "fetch.group: no column is called 'herd'; there "),
    "no feature": ("table", "fetch", table("a,cat", head="k,animal"), "has no column beside those of the label, the "),
    "ragged": ("table", "fetch", table(*LINES, "r12,cat,3"), "data.csv: line 14: 3 cell(s), the first line has 4; ce"),
    "names twice": ("table", "fetch", table("a,cat,1,2", head="k,animal,k,x"), "more than one column is called 'k'; "),
    "no rows": ("table", "fetch", table(), "data.csv: has a first line and no rows below it; give it some"),
    "empty file": ("table", "fetch", write("data.csv", ""), "data.csv: is empty; its first line must name the column"),
    "Latin 1": ("table", "fetch", write("data.csv", f"{HEAD}\né".encode("latin-1")), "line 2, byte 1: 0xe9 is not UT"),
    "UTF-16": ("table", "fetch", write("data.csv", HEAD.encode("utf-16-le")), "line 1: holds a NUL byte; save it as"),
    "a picture": ("table", "fetch", write("data.csv", b"\x89PNG\r\n\x1a\n\0"), "is no text, for it holds NUL bytes; s"),
    "open quote": ("table", "fetch", table(*LINES, '"r12,cat,1,x'), "data.csv: line 14: a quote is never closed; a c"),
    # arrays
    "label of arrays": ("arrays", "fetch", put("fetch", label="x"), "fetch.label: counts only for tables, and this "),
    "no array": ("arrays", "fetch", write("data.npz", "x"), "data.npz: not a file of plain arrays, as numpy.savez"),
    "fewer labels": ("arrays", "fetch", arrays(labels=LABELS[:5]), "12 rows of features but 5 labels; each row needs"),
    "fewer ids": ("arrays", "fetch", arrays(ids=["a"]), "npz:data.npz: 12 rows of features but 1 ids; each row needs"),
    "wide ids": ("arrays", "fetch", arrays(ids=np.eye(N_ROWS)), "ids must be one for each example, and they have the"),
    "wide labels": ("arrays", "fetch", arrays(labels=np.eye(N_ROWS)), "features must be numbers, a row for each exam"),
    "complex": ("arrays", "fetch", arrays(features=np.eye(N_ROWS) * 1j), "features must be numbers, a row for each e"),
    "no array rows": ("arrays", "fetch", arrays(features=np.zeros((0, 4)), labels=[]), "has no rows, or none with a "),
    "objects": ("arrays", "fetch", arrays(labels=np.array(LABELS, object)), "Object arrays cannot be loaded when all"),
    # pictures in files
    "no pictures": ("pictures", "fetch", lambda folder, block: shutil.rmtree(folder / "pets"), "pets is not there; "),
    "no classes": ("pictures", "fetch", source("images:pets/cat"), "pets/cat: holds no pictures in sub-folders, one "),
    "damaged zip": ("pictures", "fetch", damaged_zip, "a.zip: damaged, or of a kind that cannot be read (Error -3 wh"),
    "damaged tar": ("pictures", "fetch", HEADER, "a.tar: damaged, or of a kind that cannot be read (no header is at b"),
    "damaged gzip": ("pictures", "fetch", GZIP, "a.tar.gz: damaged, or of a kind that cannot be read (CRC check"),
    "cut gzip": ("pictures", "fetch", CUT, "a.tar.gz: damaged, or of a kind that cannot be read (Compressed file en"),
    "ragged labels": (
        "pictures", "fetch", write("pets/labels.csv", "path,label\ncat/00.png,a,3\n"),
        "images:pets: labels.csv: line 2: 3 cell(s), the first line has 2; put cells",
    ),
    "labels twice": (
        "pictures", "fetch", write("pets/labels.csv", "path,label,label\ncat/00.png,a,b\n"),
        "images:pets: labels.csv: more than one column is called 'label'; rename or remove one",
    ),
    "no label lines": ("pictures", "fetch", write("pets/labels.csv", "path,label\n"), "labels.csv: has a first line"),
    "label elsewhere": (
        "pictures", "fetch", write("pets/labels.csv", "path,label\n/etc/passwd,a\n"),
        "images:pets: labels.csv: 1 path(s) are not there (/etc/passwd); correct them",
    ),
    # labels
    "one class": ("table", "preprocess", write("data.csv", ROW_OF_CAT), "raw/labels.csv: every row is labelled 'cat';"),
    "a row unlabelled": (
        "table", "preprocess", table(*LINES, '"a\nb",,1,x'),
        r"raw/labels.csv: 1 row(s) (id 'a\nb') without a label; label them at the source, or set preprocess.unlabelled",
    ),
    "none labelled": (
        "arrays", "preprocess", both(arrays(labels=[""] * N_ROWS), put("preprocess", unlabelled="leave_out")),
        "raw/labels.csv: no row with a label is left; at least two classes are needed",
    ),
    # columns
    "all left out": (
        "table", "preprocess", put("preprocess", columns={"size": "leave_out", "coat": "leave_out"}),
        "raw/rows.csv: no column is left to learn from; see preprocess.columns in params.yaml",
    ),
    "no numbers": (
        "table", "preprocess", put("preprocess", columns={"coat": "numeric"}),
        "preprocess.columns: 'coat' is said to be numeric, but 12 cell(s) are not: 'grey', 'brown'; mend them, or say",
    ),
    "no dates": ("table", "preprocess", put("preprocess", columns={"coat": "date"}), "'coat' is said to be date, but"),
    "no such kind": ("table", "preprocess", put("preprocess", columns={"coat": "text"}), "columns.coat: 'text' is not"),
    "column misspelt": (
        "table", "preprocess", put("preprocess", columns={"Sizes": "numeric"}),
        "preprocess.columns: there is no column 'Sizes' (did you mean 'size'?); there are: size, coat",
    ),
    "no such column": ("table", "preprocess", put("preprocess", columns={"k": "date"}), "there is no column 'k'; ther"),
    "infinite": ("table", "preprocess", table(*LINES, "r12,cat,1e999,x"), "1 infinite value(s) in column 'size'; mend"),
    "shape of a table": ("table", "preprocess", put("preprocess", image_shape=[1, 8, 8]), "this data set is a table"),
    "columns of arrays": (
        "arrays", "preprocess", put("preprocess", image_shape=None, columns={"x0": "leave_out"}),
        "preprocess.columns: has an effect only if columns have names; this source has pictures or plain arrays; rem",
    ),
    # texts
    "no text": ("text", "preprocess", put("preprocess", text="text"), "raw/rows.csv has no column 'text'; there are:"),
    "text misspelt": ("text", "preprocess", put("preprocess", text="sait"), "'sait' (did you mean 'said'?); there are"),
    "no text named": ("text", "preprocess", put("preprocess", text=[]), "preprocess.text: names no column; there are"),
    "blank text": ("text", "preprocess", write("data.csv", "said,animal\nx,cat\n ,dog\n"), "1 row(s) (id 1) whose te"),
    "blank texts": (
        "text", "preprocess",
        both(write("data.csv", "said,animal\n ,cat\n ,dog\n"), put("preprocess", unreadable="leave_out")),
        "raw/labels.csv: no row with a label is left; at least two classes are needed",
    ),
    "columns of texts": (
        "text", "preprocess", put("preprocess", columns={"said": "categorical"}),
        "preprocess.columns: has no effect if preprocess.text is set; remove one",
    ),
    "text of pictures": ("pictures", "preprocess", put("preprocess", text="said"), "preprocess.text: has an effect o"),
    # pictures
    "two channels": ("pictures", "preprocess", put("preprocess", image_shape=[2, 8, 8]), "[2, 8, 8] does not fit pict"),
    "other shape": ("arrays", "preprocess", put("preprocess", image_shape=[1, 8, 9]), "[1, 8, 9] makes 72 pixels, but"),
    "too white": ("arrays", "preprocess", put("preprocess", pixel_max=16), "pixel_max: 16 does not fit raw/features."),
    "no picture": ("pictures", "preprocess", write("pets/cat/00.png", "x"), "1 row(s) (id cat/00.png) that cannot be"),
    "too large": ("pictures", "preprocess", put("preprocess", max_pixels=9), "12 row(s) (id cat/00.png, cat/02.png, "),
    "too much": ("pictures", "preprocess", put("preprocess", image_shape=[3, 10**6, 10**7]), "not enough memory (Una"),
    # vectors
    "unknown vectors": ("text", "embed", embed("tf-idf"), "'tf-idf' is not allowed: it is of no known kind (did you "),
    "a path alone": ("pictures", "embed", embed("/a/network"), "it is of no known kind; give auto, columns, npy, "),
    "no commit": ("pictures", "embed", embed("timm:a/b@main"), "give the 40 digits of a commit behind the @: anything"),
    "no folder": ("pictures", "embed", embed("timm:./lite"), "timm:./lite: there is no such folder; correct the path"),
    "vectors of texts": ("arrays", "embed", embed("tfidf"), "tfidf is for texts, and these are pictures; give auto, o"),
    "words to nothing": ("text", "embed", embed("tfidf:x"), "'tfidf:x': give tfidf alone"),
    "no path of vectors": ("text", "embed", embed("npy:"), "'npy:': give npy:PATH"),
    "no vectors": ("text", "embed", embed("npy:v.npy"), "v.npy is not there; correct the path"),
    "other file": ("text", "embed", embed("npy:v.csv"), "'v.csv' must end in .npy or .npz"),
    "damaged vectors": ("text", "embed", both(write("v.npy", "x"), embed("npy:v.npy")), "v.npy cannot be read ("),
    "few vectors": ("text", "embed", vectors(np.ones((3, 2))), "its shape is (3, 2), where there must be a row of num"),
    "flat vectors": ("text", "embed", vectors(np.ones(12)), "its shape is (12,), where there must be a row of numbers"),
    "complex vectors": ("text", "embed", vectors(np.full((12, 2), 1j)), "v.npy: holds complex128, not numbers"),
    "infinite vectors": ("text", "embed", vectors(np.full((12, 2), np.inf)), "12 rows (0, 1, 2, 3, 4, …) have numbers"),
    "pickled vectors": ("text", "embed", vectors(np.full((12, 2), None)), "v.npy cannot be read (Object arrays cannot"),
    "vectors without ids": ("text", "embed", named_vectors(features=np.ones((12, 2))), "v.npz: has no array ids; it "),
    "other ids": ("text", "embed", named_vectors(["a"], np.ones((1, 2))), "has no vector for 12 rows (0, 1, 2, 3, 4"),
    "ids twice": ("text", "embed", named_vectors(["a", "a"], np.ones((2, 2))), "several vectors for one id; leave one"),
    "few ids": ("text", "embed", named_vectors(["a"], np.ones((2, 2))), "1 ids and 2 vectors; each id needs one"),
    "no use of a size": ("text", "embed", put("embed", size=64), "embed.size: counts only for timm: sources; remove"),
    # folds
    "many folds": ("table", "split", put("split", folds=7), "folds: 7 is more than the rows of 2 class(es)"),
    "no class left": (
        "table", "split", put("split", folds=7, rare_classes="leave_out"),
        "'cat' (6), 'dog' (6); lower it, to no less than 2: without them fewer than two classes are left",
    ),
    "labels all different": ("table", "split", put("fetch", label="size", id=None), ": 2 is more than the rows of 12 "),
    "one group": (
        "table", "split", both(put("fetch", group="coat"), table(*LINES)),
        "split.folds: 2 is more than the groups of 2 class(es): 'cat' (1, in 6 rows), 'dog' (1, in 6 rows); groups",
    ),
    "few contents": (
        "table", "split", table(*(f"r{row},{'cat' if row < 3 else 'dog'},{max(row, 2)},x" for row in range(12))),
        "2 is more than the different rows of 1 class(es): 'cat' (1, in 3 rows); rows with the same content stay in",
    ),
    "contradictions": (
        "table", "split", table(*CONTRADICTIONS),
        "split.folds: 2 folds leave none to learn 'dog' from, as rows of one group, or with the same cont",
    ),
    # decisions, before anything is trained, whether or not it is trained on them
    "decided away": (
        "table", "crossval_predict", decide(*CATS_REMOVED, labels="decided"),
        "once rows are left out, fewer than two classes have rows to train on; leave out fewer",
    ),
    "a class decided away": (
        "table", "crossval_predict",
        both(table(*LINES, "r12,cow,3,x", "r13,cow,4,x"), decide("r12,cow,remove,,ann", labels="decided")),
        "split.labels: with the decided labels no row is left to learn 'cow' from in some fold; decide on",
    ),
    # models
    "unknown model": ("table", "crossval_predict", model("forest"), "model: 'forest' is not allowed: give auto,"),
    "model for pictures": ("table", "crossval_predict", model("cnn"), "'cnn' is for pictures, and these are a table; "),
    "model for tables": ("text", "crossval_predict", model("gradient_boosting"), "'gradient_boosting' is for a table,"),
    "model for texts": ("pictures", "crossval_predict", model("tfidf"), "'tfidf' is for texts, and these are pictures"),
    "no models": ("table", "crossval_predict", models(), "model: [] is not allowed: give a list that is"),
    "a list in a list": ("table", "crossval_predict", models("auto", ["auto"]), "model.1.model: ['auto'"),
    "a model's folds": ("table", "crossval_predict", models({"model": "auto", "folds": 3}), "folds holds for all mod"),
    "a model's own key": ("table", "crossval_predict", models({"model": "auto", "depth": 3}), "'depth' is unknown; a"),
    "models for others": ("table", "crossval_predict", models("auto", "cnn"), "'cnn' is for pictures, and these are a"),
    "a model twice": ("text", "crossval_predict", models("auto", "tfidf"), "model: tfidf is there twice with the same"),
    "network's key in a list": (
        "table", "crossval_predict", models("logistic_regression", {"model": "extra_trees", "lr": 0.1}),
        "crossval_predict.model: lr: for networks alone, and extra_trees is none; remove them, and put what",
    ),
    "network's key": ("text", "crossval_predict", model("auto", max_epochs=3), ": max_epochs: for networks alone, and"),
    "bad argument": ("text", "crossval_predict", model("tfidf", arguments={"c": 1}), "LogisticRegression takes no c; "),
    "bad value": (
        "table", "crossval_predict", model("gradient_boosting", arguments={"max_bins": "x"}),
        "arguments: gradient_boosting with these cannot be fitted in fold 1 of 2 (TypeError: ",
    ),
    "no module": ("table", "crossval_predict", model("no_such_one:Own"), "No module named 'no_such_one'"),
    "no path": ("table", "crossval_predict", model("a..b:Own"), "model: a..b:Own cannot be imported; is it spelt righ"),
    "a function": ("table", "crossval_predict", model("json:loads"), "json:loads is not a class; name the class itse"),
    "no signature": ("table", "crossval_predict", model("builtins:dict"), "builtins:dict does not say what it takes ("),
    "a regressor": ("table", "crossval_predict", model("sklearn.svm:SVR"), "sklearn.svm:SVR is a regressor; give a cl"),
    "broken module": ("table", "crossval_predict", own("class Own(\n"), "(SyntaxError: '(' was never closed (toy_own."),
    "leaving module": ("table", "crossval_predict", own("raise SystemExit(3)\n"), "cannot be imported; is it spelt ri"),
    "broken class": (
        "table", "crossval_predict", own("class Own:\n    def __init__(self):\n        raise ValueError('a\\nb')\n"),
        "arguments: toy_own:Own cannot be built with these (ValueError: a b, in ",
    ),
    "unwatched module": (
        "table", "crossval_predict",
        both(own(LOGISTIC), write("dvc.yaml", "stages: {crossval_predict: {do: {deps: []}}}")),
        "dvc.yaml: stages.crossval_predict.do.deps: add `- toy_own.py`, where toy_own:Own is written; without that",
    ),
    # probabilities from elsewhere
    "no probabilities": (
        "table", "crossval_predict", put("crossval_predict", pred_probs="p.npy"),
        "pred_probs: p.npy is not there; correct the path, or set it to null to train a model",
    ),
    "a model beside": (
        "table", "crossval_predict", both(probs_npy(PROBS), model("auto", lr=0.1)),
        "pred_probs: with it nothing is trained, so that model, lr do not apply; remove them",
    ),
    "nobody's": ("table", "crossval_predict", put("crossval_predict", pred_probs="~nobody-here/p.npy"), "is not there"),
    "empty name": ("table", "crossval_predict", put("crossval_predict", pred_probs=""), "pred_probs: '' is not all"),
    "fewer rows": ("table", "crossval_predict", probs_npy(PROBS[:5]), f"p.npy holds float64 of shape (5, 2); {UNFIT}"),
    "fewer classes": ("table", "crossval_predict", probs_npy(PROBS[:, :1]), f"holds float64 of shape (12, 1); {UNFIT}"),
    "predictions": ("table", "crossval_predict", probs_npy(PROBS > 0.5), f"p.npy holds bool of shape (12, 2); {UNFIT}"),
    "complex numbers": ("table", "crossval_predict", probs_npy(PROBS * 1j), f"complex128 of shape (12, 2); {UNFIT}"),
    "scores": ("table", "crossval_predict", probs_npy(PROBS * 2), "12 row(s) are not probabilities from 0 to 1 that s"),
    "several arrays": ("table", "crossval_predict", probs_npz, "p.npy cannot be read (the magic string is not correct"),
    "other classes": (
        "table", "crossval_predict", probs_csv(PROBS_CSV.replace("dog", "cow")),
        "p.csv: there must be a column id and one for each class; wrong or missing: cow, dog",
    ),
    "other id": ("table", "crossval_predict", probs_csv(PROBS_CSV.replace("r3,", "rX,")), "not in the data set: rX"),
    "id twice": ("table", "crossval_predict", probs_csv(PROBS_CSV.replace("r3,", "r4,")), "1 id(s) named twice: r4"),
    "words": ("table", "crossval_predict", probs_csv(PROBS_CSV.replace("r3,0.25", "r3,x")), UNFIT),
    "a gap": ("table", "crossval_predict", probs_csv(PROBS_CSV.replace("r3,0.25", "r3,")), "1 row(s) are not probabil"),
    "ragged ones": ("table", "crossval_predict", probs_csv(f"{PROBS_CSV}x,1,2,3\n"), "p.csv cannot be read (Error tok"),
    # what was found, and what people decided
    "large budget": ("table", "find_issues", put("find_issues", budget=13), "budget: 13 is more than the 12 rows; low"),
    "unknown class": ("text", "split", decide("0,cat,relabel,cow,ann"), "label 'cow' is not a class; classes: cat, do"),
    "class with a break": (
        "table", "split", both(table(*LINES, 'r12,"x\ny",3,x', 'r13,"x\ny",4,x'), decide("r0,cat,relabel,cow,ann")),
        r"line 2: id 'r0': label 'cow' is not a class; classes: cat, dog, 'x\ny'",
    ),
    "no new class": ("text", "split", decide("0,cat,relabel,,ann"), "line 2: id '0': relabel needs a label; classes: "),
    "conflict": ("text", "split", decide("0,cat,keep,,ann", "0,cat,remove,,bob"), "holds a conflict on id '0' (line 2"),
    "emptied class": ("table", "clean", decide(*CATS_REMOVED), "no row would be left of 1 class(es): 'cat'; flag fewe"),
    "empty decisions": ("table", "split", write("data/toy/decisions.csv", ""), "csv line 1: no column id, "),
    "foreign decisions": ("table", "split", write("data/toy/decisions.csv", b"\xff"), "not a CSV file in UTF-8"),
    "unknown map": (
        "table", "inspect", lambda folder, block: block.update(inspect={"map": "umap"}),
        "inspect.map: 'umap' is not allowed: input should be 'pca' or 'tsne'",
    ),
    "unknown example": (
        "table", "report", put("report", examples=["rX", "r\nY"]),
        r"report.examples: no row has the id 'rX', 'r\nY'; ids look like 'r0' and 'r11'",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Block]]:
    """A valid data set of each kind, with what all stages but the report have made of it."""
    made = {}
    for kind in ("table", "text", "pictures", "arrays"):
        folder = tmp_path_factory.mktemp(kind)
        block = make_source(folder, kind)
        if kind in ("pictures", "arrays"):
            block["crossval_predict"]["model"] = "sklearn.linear_model:LogisticRegression"
        write_block(folder, block)
        with pytest.MonkeyPatch.context() as patch:
            assert [run(folder, stage, patch) for stage in STAGES[:-1]] == [0] * len(STAGES[:-1])
        made[kind] = (folder, block)
    return made


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line_and_nothing_is_touched(
    name: str,
    finished: dict[str, tuple[Path, Block]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    kind, failing, mistake, message = MISTAKES[name]
    folder, valid = tmp_path / "root", finished[kind][1]
    shutil.copytree(finished[kind][0], folder)
    block = {section: dict(values) for section, values in valid.items()}
    mistake(folder, block)
    write_block(folder, block)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "toy_own", raising=False)
    for stage in STAGES[: STAGES.index(failing)]:
        assert run(folder, stage, monkeypatch) == 0, capsys.readouterr().err
    before = list_files(folder / "data")
    assert not capsys.readouterr().err
    assert run(folder, failing, monkeypatch) == 2
    out, said = capsys.readouterr()
    assert message not in out
    assert said.startswith(f"{failing}: toy: error: ")
    assert message in said
    assert said.count("\n") == len(said.splitlines()) == 1
    assert list_files(folder / "data") == before


def test_every_stage_has_its_mistakes() -> None:
    assert {failing for _, failing, _, _ in MISTAKES.values()} == set(STAGES) - {"certify"}
