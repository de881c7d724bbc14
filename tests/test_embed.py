"""Every data set has vectors from one place, and what a pretrained network made of a content is made once."""

from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy.sparse import csr_matrix

from stages.artifacts.files import read_json
from stages.artifacts.vectors import Embedded, find_vectors, read_source, read_vectors, write_embedded
from stages.artifacts.weights import find_weights, read_licence
from stages.command.errors import InputError
from stages.embed import pretrained
from stages.embed.kept import KeptVectors
from stages.embed.settings import KEY
from tests.sources import Block, make_source, run, write_block

SEEN: list[int] = []
PLAIN = {"table": ("columns", "euclidean"), "text": ("words", "cosine"), "pictures": ("pixels", "euclidean")}


class StandIn:
    """What a source loads: its vector of a text is its length and its number of words, and it counts what it sees."""

    device, about = "cpu", {"preprocessing": "none"}

    def encode(self, contents: list[str]) -> np.ndarray:
        SEEN.append(len(contents))
        return np.array([[len(text), len(text.split())] for text in contents], np.float32)


def load(folder: Path, size: int | None, device: str) -> StandIn:
    return StandIn()


def prepare(folder: Path, kind: str, monkeypatch: pytest.MonkeyPatch, **sections: dict[str, Any]) -> Block:
    block = make_source(folder, kind)
    for name, keys in sections.items():
        block[name] = {**block.get(name, {}), **keys}
    write_block(folder, block)
    for stage in ("fetch", "preprocess"):
        assert run(folder, stage, monkeypatch) == 0
    return block


@pytest.mark.parametrize("kind", PLAIN)
def test_by_default_rows_are_what_they_say_by_themselves(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(tmp_path, kind, monkeypatch)
    assert run(tmp_path, "embed", monkeypatch) == 0
    folder = tmp_path / "data/toy/features"
    source, vectors = read_source(folder), read_vectors(find_vectors(folder))
    assert (source["name"], source["metric"], source["pretrained"]) == (*PLAIN[kind], False)
    assert vectors.shape[0] == 12
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert run(tmp_path, "embed", monkeypatch) == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_pictures_that_stay_in_their_files_go_through_all_stages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of any size and mode; a classifier of the user's own learns from their vectors."""
    model = {"model": "sklearn.naive_bayes:GaussianNB"}
    prepare(tmp_path, "pictures", monkeypatch, preprocess={"image_shape": None}, crossval_predict=model)
    assert not (tmp_path / "data/toy/prepared/images.npy").exists()
    assert "12 pictures as they are in their files" in capsys.readouterr().out
    for stage in ("embed", "inspect", "split", "crossval_predict", "find_issues"):
        assert run(tmp_path, stage, monkeypatch) == 0, capsys.readouterr().err
    assert read_vectors(tmp_path / "data/toy/features/features.npy").shape == (12, 16 * 16 * 3)


def test_a_picture_in_another_file_format_is_the_same_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        (tmp_path / "pets" / ["cat", "dog"][number % 2]).mkdir(parents=True, exist_ok=True)
        picture = Image.fromarray(np.random.default_rng(number).integers(0, 256, (9, 7 + number, 3), dtype=np.uint8))
        for ending in ("png", "bmp", "tiff")[: 1 + number % 3]:
            picture.save(tmp_path / "pets" / ["cat", "dog"][number % 2] / f"{number}.{ending}")
    write_block(tmp_path, {"fetch": {"sources": ["images:pets"]}})
    for stage in ("fetch", "preprocess", "embed"):
        assert run(tmp_path, stage, monkeypatch) == 0
    contents = np.load(tmp_path / "data/toy/prepared/contents.npy")
    assert len(contents) == 12
    assert len(np.unique(contents)) == 6
    vectors = np.load(tmp_path / "data/toy/features/features.npy")
    np.testing.assert_array_equal(vectors, vectors[contents])


@pytest.mark.parametrize(
    ("kind", "source", "offered"), [("text", "auto", True), ("text", "npy:v.npy", False), ("table", "auto", False)]
)
def test_a_model_that_is_not_good_is_offered_pretrained_features(
    kind: str, source: str, offered: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save(tmp_path / "v.npy", np.random.default_rng(0).normal(size=(12, 2)))
    prepare(tmp_path, kind, monkeypatch, embed={"source": source})
    for stage in ("embed", "inspect", "split", "crossval_predict", "find_issues"):
        assert run(tmp_path, stage, monkeypatch) == 0
    model = read_json(tmp_path / "data/toy/quality/model.json")
    assert model["verdict"] != "good"
    assert any("`embed.source`" in sentence for sentence in model["advice"]) is offered


@pytest.mark.parametrize("named", [True, False])
def test_vectors_of_the_users_own_are_taken_and_learnt_from(
    named: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    block = prepare(tmp_path, "text", monkeypatch)
    own, order = np.random.default_rng(0).normal(size=(12, 3)), np.arange(12)[::-1]
    if named:
        np.savez(tmp_path / "v.npz", ids=order.astype(str), features=own[order])
    else:
        np.save(tmp_path / "v.npy", own)
    write_block(tmp_path, block | {"embed": {"source": "npy:v.npz" if named else "npy:v.npy"}})
    for stage in ("embed", "inspect", "split", "crossval_predict"):
        assert run(tmp_path, stage, monkeypatch) == 0, capsys.readouterr().err
    folder = tmp_path / "data/toy/features"
    np.testing.assert_array_equal(np.load(folder / "features.npy"), own.astype(np.float32))
    assert read_source(folder)["plain"] == {"name": "words", "metric": "cosine"}
    # auto learns from them, and of texts from the words too
    assert "the average of embedding" in capsys.readouterr().out


def embed_texts(folder: Path, texts: list[str], monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """Embed distinct texts by the stand-in, in this process."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("CLEAN_LABELS_WORKERS", "1")
    SEEN.clear()
    pretrained.load_network.cache_clear()
    rows: Any = SimpleNamespace(
        dataset="toy",
        kind="text",
        firsts=np.arange(len(texts)),
        content=np.arange(len(texts)),
        read_texts=lambda: texts,
    )
    weights: Any = SimpleNamespace(folder=folder, describe=lambda *packages: {"name": "stand-in", "pretrained": True})
    embedded = pretrained.embed_rows(__name__, weights, rows, None, ())
    assert isinstance(embedded.vectors, np.ndarray)
    return embedded.vectors


def test_a_content_is_embedded_once_whatever_is_added_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = [f"text {'x' * number}" for number in range(200)]
    before = embed_texts(tmp_path, texts, monkeypatch)
    assert sum(SEEN) == 200
    more = [*texts[::-1], *(f"new {number}" for number in range(50))]
    after = embed_texts(tmp_path, more, monkeypatch)
    assert sum(SEEN) == 50
    assert "200 of 250 vectors kept from an earlier run" in capsys.readouterr().out
    np.testing.assert_array_equal(after[:200], before[::-1])
    assert after[200].tolist() == [5, 2]
    embed_texts(tmp_path, texts, monkeypatch)
    assert not SEEN


def test_what_was_done_before_a_kill_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"text {number}" for number in range(300)]
    monkeypatch.setattr(pretrained, "KEEP_EVERY_S", 0)
    encode = StandIn.encode

    def stop_later(self: StandIn, contents: list[str]) -> np.ndarray:
        if len(SEEN) == 3:
            raise KeyboardInterrupt
        return encode(self, contents)

    with monkeypatch.context() as patch:
        patch.setattr(StandIn, "encode", stop_later)
        with pytest.raises(KeyboardInterrupt):
            embed_texts(tmp_path, texts, monkeypatch)
    vectors = embed_texts(tmp_path, texts, monkeypatch)
    assert sum(SEEN) == 300 - 3 * pretrained.TASK
    assert vectors[:, 0].tolist() == [len(text) for text in texts]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.integers(0, 40), min_size=1, max_size=12, unique=True), min_size=1, max_size=5))
def test_kept_vectors_come_back_in_any_order(pieces: list[list[int]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        for piece in pieces:
            hashes = [bytes([number]) * 32 for number in piece]
            KeptVectors(Path(name), "key").add(hashes, np.array(piece, np.float32)[:, None])
        kept = KeptVectors(Path(name), "key")
        wanted = sorted({number for piece in pieces for number in piece}, reverse=True)
        assert kept.gather([bytes([number]) * 32 for number in wanted])[:, 0].tolist() == wanted
        assert bytes([99]) * 32 not in kept
        assert bytes([wanted[0]]) * 32 not in KeptVectors(Path(name), "other")


def test_a_damaged_piece_is_made_again(tmp_path: Path) -> None:
    kept = KeptVectors(tmp_path, "key")
    kept.add([b"a" * 32], np.ones((1, 2), np.float32))
    next(tmp_path.glob("key-*.npz")).write_bytes(b"half")
    assert b"a" * 32 not in KeptVectors(tmp_path, "key")


def test_sparse_vectors_are_written_and_read(tmp_path: Path) -> None:
    sparse = csr_matrix(np.eye(3, dtype=np.float32))
    write_embedded(tmp_path, Embedded(sparse, {"name": "words", "metric": "cosine"}, sparse), None)
    read = read_vectors(find_vectors(tmp_path))
    assert isinstance(read, csr_matrix)
    np.testing.assert_array_equal(read.toarray(), np.eye(3))
    (tmp_path / "features.npz").write_bytes(b"half")
    with pytest.raises(InputError, match=r"features.npz: damaged \(.*\); remove it and `dvc repro` makes it again"):
        read_vectors(find_vectors(tmp_path))


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        (
            "no/such/folder",
            r"timm:no/such/folder is neither a folder nor NAME@REVISION, with the 40 digits of a commit",
        ),
        ("timm/resnet18", r"timm:timm/resnet18 is neither a folder nor NAME@REVISION"),
        ("/no/folder", r"timm:/no/folder: there is no such folder; correct the path"),
        (
            ".",
            r"'\.': \. has no model.safetensors; only weights in safetensors' format are loaded, as other formats can",
        ),
    ],
)
def test_weights_that_cannot_be_had_are_named(
    argument: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pytorch_model.bin").write_bytes(b"")
    with pytest.raises(InputError, match=message):
        find_weights(argument, "timm", KEY)


def test_a_package_that_is_missing_is_named_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    block = prepare(tmp_path, "pictures", monkeypatch)
    (tmp_path / "network").mkdir()
    for name in ("model.safetensors", "config.json"):
        (tmp_path / "network" / name).write_text("{}")
    monkeypatch.setitem(__import__("sys").modules, "timm", None)
    monkeypatch.setattr("stages.artifacts.weights.version", lambda name: "1")
    pretrained.load_network.cache_clear()
    write_block(tmp_path, block | {"embed": {"source": "timm:network"}})
    assert run(tmp_path, "embed", monkeypatch) == 2
    assert "embed.source: timm is not installed; pip install -r requirements-embed.txt" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("card", "licence"),
    [
        ("---\nlicense: apache-2.0\n---\n# A", "apache-2.0"),
        ("# no head", ""),
        ("---\n: [\n---\n", ""),
        ("---\na: 1\n---", ""),
    ],
)
def test_the_licence_is_what_the_card_says(card: str, licence: str, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(card)
    assert read_licence(tmp_path / "README.md") == licence
    assert not read_licence(tmp_path / "none")


def test_the_stand_in_is_a_source_like_the_real_ones() -> None:
    import stages.embed.sources.sentence_transformers as texts
    import stages.embed.sources.timm as pictures

    real: list[ModuleType] = [texts, pictures]
    for module in real:
        assert {"load", "embed", "KINDS", "ARGUMENT"} <= set(dir(module))
        assert {"encode"} <= set(dir(module.Encoder))
