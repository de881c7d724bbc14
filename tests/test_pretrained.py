"""Real pretrained networks, out of packages, through the real stages."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFilter

from stages.artifacts.files import read_table
from stages.artifacts.vectors import read_source
from stages.embed import pretrained
from tests.conftest import ROOT
from tests.hub import NAME, REVISION, serve_hub
from tests.pretrained import OPERATORS, declare_operators, find_minilm, needs_networks, write_lite0
from tests.sources import Block, run, write_block
from tests.test_cluster import start as dask  # noqa: F401
from tests.test_cluster import start_scheduler, start_worker

pytestmark = needs_networks
SIZE = 64
# what a process of its own imports from
ELSEWHERE = f"{ROOT}{os.pathsep}{OPERATORS}"


@pytest.fixture(scope="module", autouse=True)
def operators() -> None:
    declare_operators()


@pytest.fixture(scope="module")
def lite0(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_lite0(tmp_path_factory.mktemp("networks") / "lite0")


def write_textures(folder: Path, start: int, count: int) -> None:
    """Write pictures of stripes and of spots, of different sizes."""
    for number in range(start, start + count):
        rng = np.random.default_rng(number)
        name, width = ("stripes", "spots")[number % 2], int(rng.integers(70, 120))
        noise = rng.normal(128, 60, (1 if name == "stripes" else 80, width, 3)).clip(0, 255).astype(np.uint8)
        picture = Image.fromarray(noise).resize((width, 80)).filter(ImageFilter.GaussianBlur(1))
        (folder / name).mkdir(parents=True, exist_ok=True)
        picture.save(folder / name / f"{number:03}.jpg")


def embed_twice(
    folder: Path, lite0: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[np.ndarray, np.ndarray, str]:
    """Embed 40 pictures, and then six more beside them; return both vectors, and what the second run says."""
    write_textures(folder / "textures", 0, 40)
    block: dict[str, Any] = {
        "fetch": {"sources": ["images:textures"]},
        "embed": {"source": f"timm:{lite0}", "size": SIZE},
    }
    write_block(folder, block)
    found = []
    for _ in range(2):
        capsys.readouterr()
        for stage in ("fetch", "preprocess", "embed"):
            assert run(folder, stage, monkeypatch) == 0, capsys.readouterr().err
        found.append(np.load(folder / "data/toy/features/features.npy"))
        write_textures(folder / "textures", 40, 6)
    return (*found, capsys.readouterr().out)


def test_photographs_in_a_folder_become_flags(
    lite0: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after, said = embed_twice(tmp_path, lite0, monkeypatch, capsys)
    assert before.shape == (40, 1280)
    assert "40 of 46 vectors kept from an earlier run\n6 of 6 embedded" in said
    ids = read_table(tmp_path / "data/toy/prepared/ids.csv")["id"]
    old = [place for place, row_id in enumerate(ids) if int(row_id[-7:-4]) < 40]
    np.testing.assert_array_equal(after[old], before)
    source = read_source(tmp_path / "data/toy/features")
    assert (source["name"], source["pretrained"], source["plain"]["name"]) == ("lite0", True, "pixels")
    assert source["preprocessing"]["input_size"] == [3, SIZE, SIZE]
    assert len(source["sha256"]) == 64
    for stage in ("inspect", "split", "crossval_predict", "find_issues"):
        assert run(tmp_path, stage, monkeypatch) == 0, capsys.readouterr().err
    assert "training embedding on cpu" in capsys.readouterr().out
    probs, labels = (
        np.load(tmp_path / "data/toy/predictions/pred_probs.npy"),
        np.load(tmp_path / "data/toy/prepared/labels.npy"),
    )
    assert (probs.argmax(axis=1) == labels).mean() > 0.95


def test_a_pictures_vector_does_not_depend_on_the_others(lite0: Path, tmp_path: Path) -> None:
    write_textures(tmp_path, 0, 40)
    contents = [path.read_bytes() for path in sorted(tmp_path.rglob("*.jpg"))]
    encoder = pretrained.load_network(pretrained.Network("stages.embed.sources.timm", str(lite0), SIZE, "cpu"))
    together = encoder.encode(contents)
    for rows in ([3], list(range(39, -1, -1)), list(range(5, 22))):
        np.testing.assert_array_equal(encoder.encode([contents[row] for row in rows]), together[rows])
    grey = np.random.default_rng(0).integers(0, 256, (3, 1, 28, 28), dtype=np.uint8)
    assert encoder.encode(list(grey)).shape == (3, 1280)


def test_a_texts_vector_does_not_depend_on_the_others() -> None:
    texts = [
        "a card",
        "",
        "Wie geht's? 元気ですか",
        "word " * 400,
        "a card that was lost on the way, and not found again",
    ]
    network = pretrained.Network("stages.embed.sources.sentence_transformers", str(find_minilm()), None, "cpu")
    encoder = pretrained.load_network(network)
    together = encoder.encode(texts)
    assert together.shape == (5, 384)
    for rows in ([1], [4, 3, 2, 1, 0]):
        np.testing.assert_array_equal(encoder.encode([texts[row] for row in rows]), together[rows])


def test_texts_in_a_table_become_flags(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    about = {"money": ["My card was charged twice", "Why is there a fee on my transfer"], "cats": ["The cat sleeps"]}
    lines = [f"{text} {number},{name}" for name, texts in about.items() for text in texts for number in range(12)]
    (tmp_path / "texts.csv").write_text("\n".join(["text,label", *lines]))
    block: Block = {"fetch": {"sources": ["csv:texts.csv"], "label": "label"}, "preprocess": {"text": "text"}}
    write_block(tmp_path, block | {"embed": {"source": f"sentence-transformers:{find_minilm()}"}})
    for stage in ("fetch", "preprocess", "embed", "inspect", "split", "crossval_predict", "find_issues"):
        assert run(tmp_path, stage, monkeypatch) == 0, capsys.readouterr().err
    assert "the average of embedding 1.0000, tfidf" in capsys.readouterr().out
    assert read_source(tmp_path / "data/toy/features")["licence"] == "apache-2.0"


def check_same_elsewhere(
    folder: Path, lite0: Path, monkeypatch: pytest.MonkeyPatch, count: int, size: int, **env: str
) -> None:
    """Embed in this process, forget it, embed again by a process in another environment, and compare the bytes."""
    write_textures(folder / "textures", 0, count)
    write_block(folder, {"fetch": {"sources": ["images:textures"]}, "embed": {"source": f"timm:{lite0}", "size": size}})
    for stage in ("fetch", "preprocess", "embed"):
        assert run(folder, stage, monkeypatch) == 0
    features = folder / "data/toy/features/features.npy"
    alone = features.read_bytes()
    for kept in (folder / "data/toy/kept_features").glob("*.npz"):
        kept.unlink()
    command = [sys.executable, "-m", "stages.embed", "toy"]
    subprocess.run(command, cwd=folder, env={**os.environ, "PYTHONPATH": ELSEWHERE, **env}, check=True)
    assert features.read_bytes() == alone


def test_several_workers_make_the_same_bytes(lite0: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_same_elsewhere(tmp_path, lite0, monkeypatch, 80, SIZE, CLEAN_LABELS_WORKERS="2")


def test_the_workers_of_a_cluster_make_the_same_bytes(
    lite0: Path, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are sent the pictures, so that they need the network's files alone."""
    start = request.getfixturevalue("dask")
    monkeypatch.setenv("PYTHONPATH", ELSEWHERE)
    scheduler = start_scheduler(start, ROOT)
    start_worker(start, ROOT, scheduler)
    check_same_elsewhere(tmp_path, lite0, monkeypatch, 300, 32, CLEAN_LABELS_SCHEDULER=scheduler)


def find_on_the_hub(folder: Path, address: str, revision: str = REVISION) -> subprocess.CompletedProcess[str]:
    """Ask for weights in a process of its own, whose cache is in the folder; it prints what it has then."""
    code = (
        "import sys\n"
        "from stages.artifacts.weights import find_weights\n"
        "from stages.command.errors import InputError\n"
        "try:\n"
        f"    found = find_weights('{NAME}@{revision}', 'timm', 'params.yaml: embed.source')\n"
        "    print(sorted(path.name for path in found.folder.iterdir()), found.revision)\n"
        "except InputError as error:\n"
        "    sys.exit(str(error))\n"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HOME": str(folder / "cache"), "HF_ENDPOINT": address}
    return subprocess.run([sys.executable, "-c", code], env=env, text=True, capture_output=True, check=False)


def test_a_network_is_downloaded_once_without_its_code(tmp_path: Path) -> None:
    network = tmp_path / "network"
    network.mkdir()
    for name in ("model.safetensors", "config.json", "README.md", "pytorch_model.bin", "modeling.py"):
        (network / name).write_text(name)
    with serve_hub(network) as address:
        first = find_on_the_hub(tmp_path, address)
        assert f"downloading {NAME} at {REVISION}" in first.stdout
        assert first.stdout.splitlines()[-1] == f"['README.md', 'config.json', 'model.safetensors'] {REVISION}"
    again = find_on_the_hub(tmp_path, address)
    assert again.stdout.splitlines() == first.stdout.splitlines()[-1:]


def test_what_the_hub_does_not_give_is_named(tmp_path: Path) -> None:
    network = tmp_path / "network"
    network.mkdir()
    for name in ("config.json", "pytorch_model.bin"):
        (network / name).write_text(name)
    with serve_hub(network) as address:
        assert (
            "has no model.safetensors; only weights in safetensors' format" in find_on_the_hub(tmp_path, address).stderr
        )
        said = find_on_the_hub(tmp_path, address, "b" * 40).stderr
    assert f"{NAME} at {'b' * 40} cannot be fetched from the hub (" in said
    assert said.rstrip().endswith("put them into a folder here, and name that folder in its place")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("model.safetensors", "half", "timm cannot build a network from"),
        ("config.json", "{}", "timm cannot build a network from"),
        ("config.json", '{"architecture": "no_such_network", "pretrained_cfg": {}}', "no_such_network"),
    ],
)
def test_a_folder_with_something_else_is_named(
    name: str,
    content: str,
    message: str,
    lite0: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_textures(tmp_path / "textures", 0, 4)
    network = tmp_path / "network"
    network.mkdir()
    for file in lite0.iterdir():
        (network / file.name).symlink_to(file)
    (network / name).unlink()
    (network / name).write_text(content)
    write_block(tmp_path, {"fetch": {"sources": ["images:textures"]}, "embed": {"source": "timm:network"}})
    for stage in ("fetch", "preprocess"):
        assert run(tmp_path, stage, monkeypatch) == 0
    assert run(tmp_path, "embed", monkeypatch) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
