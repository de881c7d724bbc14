"""A small file that holds more than any disk is refused, whatever it is packed by and wherever it comes from."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import fsspec
import numpy as np
import pandas as pd
import pytest
from PIL import Image, UnidentifiedImageError
from pydantic import ValidationError

from stages.artifacts.originals import MOST_PIXELS, open_upright
from stages.artifacts.screen import to_screen
from stages.fetch.answers import bounding_answers
from stages.fetch.archives import decompress, unpack
from stages.fetch.raw import SourceError
from stages.fetch.settings import Settings
from stages.fetch.sources import csv, idx, images, npz, openml
from stages.preprocess.originals import look_at_pictures
from stages.preprocess.pictures import decode_pictures
from stages.preprocess.settings import Settings as Preprocess
from tests.openml import make_pointer, serve, table_answers
from tests.web import answer_by

TOO_MUCH = "unpacks to more than 100 times its size; if you trust it, raise fetch.max_unpacking in params.yaml"
NO_HEADER = "the header of a member is no header that a tar has; do not trust it, or pack the files anew"
MEGABYTE = 1 << 20
# more than 100 times what any of these takes once it is packed
LARGE = bytes(40 * MEGABYTE)
SETTINGS = Settings(sources=["any"], label="label")


@pytest.fixture(autouse=True)
def hurry() -> Iterator[None]:
    """Every bomb here is found within seconds: one that goes off takes far longer."""
    start = time.perf_counter()
    yield
    assert time.perf_counter() - start < 20


def make_tar(*members: tarfile.TarInfo, pax: dict[str, str] | None = None) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT, pax_headers=pax) as tar:
        for member in members:
            tar.addfile(member, io.BytesIO(bytes(member.size)))
    return buffer.getvalue()


def member(name: str, size: int = 0, **more: Any) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size = size
    for key, value in more.items():
        setattr(info, key, value)
    return info


def header(kind: bytes, content: bytes, size: bytes | None = None) -> bytes:
    """Return a member of a kind that is no file, whatever its size says."""
    block = bytearray(member("x", len(content), type=kind).tobuf(tarfile.USTAR_FORMAT))
    if size is not None:
        block[124:136] = size
        block[148:156] = b" " * 8
        block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + content + bytes(-len(content) % tarfile.BLOCKSIZE)


def nested(depth: int) -> bytes:
    """Return names that follow upon names, where each should be followed by a file."""
    return header(b"L", b"cat/1.png\0") * depth + make_tar(member("cat/1.png", 1))


# what is packed, and what is said of it
TARS: dict[str, tuple[Callable[[], bytes], str]] = {
    "a file": (lambda: make_tar(member("cat/1.png", len(LARGE))), TOO_MUCH),
    "a file that is left out": (lambda: make_tar(member(".x", len(LARGE)), member("cat/1.png", 1)), TOO_MUCH),
    "many files": (lambda: make_tar(*(member(f"cat/{i}.png", 1) for i in range(12_000))), TOO_MUCH),
    "what follows the end": (lambda: make_tar(member("cat/1.png", 1)) + LARGE, TOO_MUCH),
    "digits in a header": (lambda: header(b"x", b"0" * 20_000), NO_HEADER),
    "digits in a header for all": (lambda: header(b"g", b"0" * 20_000), NO_HEADER),
    "a large header": (lambda: make_tar(member("cat/1.png", 1), pax={"comment": "x" * 40_000}), NO_HEADER),
    "a long name": (lambda: header(b"L", b"x" * 40_000), NO_HEADER),
    "a long link": (lambda: header(b"K", b"x" * 40_000), NO_HEADER),
    "names upon names": (lambda: nested(500), NO_HEADER),
    "a header of less than nothing": (lambda: header(b"x", b"", b"\xff" * 10 + b"\xfe\0"), NO_HEADER),
    "holes": (
        lambda: make_tar(
            member("cat/1.png", pax_headers={"GNU.sparse.map": f"{10**12},0", "GNU.sparse.size": str(10**12)})
        ),
        TOO_MUCH,
    ),
}
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress,
    "lzma": partial(lzma.compress, format=lzma.FORMAT_ALONE),
}  # fmt: skip
BOMBS = [("gz", bomb) for bomb in TARS] + [(packer, "a file") for packer in PACKERS if packer != "gz"]


@pytest.mark.parametrize(("packer", "bomb"), BOMBS)
def test_a_tar_is_bounded(tmp_path: Path, packer: str, bomb: str) -> None:
    make, message = TARS[bomb]
    path = tmp_path / f"a.tar.{packer}"
    path.write_bytes(PACKERS[packer](make()))
    with pytest.raises(SourceError) as caught:
        unpack(path, tmp_path, 100)
    assert str(caught.value) == f"a.tar.{packer}: {message}"
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 2 * MEGABYTE + 100 * path.stat().st_size


def test_a_header_that_leads_back_to_itself_ends(tmp_path: Path) -> None:
    # 512 bytes back from where its content would begin
    back = (256**12 - 512).to_bytes(12, "big")
    path = tmp_path / "a.tar"
    path.write_bytes(header(tarfile.REGTYPE, b"", back) + make_tar(member("cat/1.png", 1)))
    with pytest.raises(SourceError, match=r"a.tar: (unpacks to more than|damaged)"):
        unpack(path, tmp_path, 100)


def test_what_a_tar_may_have_is_read(tmp_path: Path) -> None:
    name = f"cat/{'1' * 200}/{'é' * 90}.png"
    attributes = {"SCHILY.xattr.user.note": "x" * 4000, "mtime": "1700000000.123456789"}
    content = make_tar(
        member(name, 700, pax_headers=attributes), member("./cat/2.png", 512), pax={"comment": "0a1" * 9}
    )
    for suffix, pack in {"": bytes, **PACKERS}.items():
        path = tmp_path / f"a.tar{suffix}"
        path.write_bytes(pack(content))
        assert [(each, file.stat().st_size) for each, file in unpack(path, tmp_path, 1).items()] == [
            (name, 700),
            ("cat/2.png", 512),
        ]


def test_a_tar_that_is_cut_short_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(make_tar(member("cat/1.png", 3 * MEGABYTE), member("cat/2.png", 9))[:5000])
    with pytest.raises(SourceError, match=r"a.tar: damaged, or of a kind that cannot be read \(unexpected end"):
        unpack(path, tmp_path, 100)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_is_bounded(tmp_path: Path, method: int) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        for number in range(40):
            archive.writestr(f"cat/{number}.png", bytes(MEGABYTE))
    with pytest.raises(SourceError, match=TOO_MUCH):
        images.fetch(str(path), Settings(sources=["any"]))


@pytest.mark.parametrize("packer", ["gz", "bz2", "xz"])
def test_a_table_is_bounded(tmp_path: Path, packer: str) -> None:
    path = tmp_path / f"a.csv.{packer}"
    path.write_bytes(PACKERS[packer](b"x,label\n" + LARGE))
    with pytest.raises(SourceError, match=TOO_MUCH):
        decompress(path, tmp_path, 100)
    path.write_bytes(PACKERS[packer](b"x,label\n" + b"1,a\n" * 100_000))
    assert len(csv.fetch(str(path), SETTINGS).table) == 100_000


def test_idx_files_are_bounded(tmp_path: Path) -> None:
    for name in idx.ARCHIVES:
        (tmp_path / name).write_bytes(gzip.compress(LARGE))
    with pytest.raises(SourceError, match=f"train-images-idx3-ubyte.gz: {TOO_MUCH}"):
        idx.fetch(str(tmp_path), Settings(sources=["any"]))


@pytest.mark.parametrize("name", ["features", "labels", "more"])
def test_arrays_are_bounded(tmp_path: Path, name: str) -> None:
    arrays: dict[str, Any] = {"features": np.eye(2), "labels": np.arange(2), name: np.zeros(5 * MEGABYTE)}
    np.savez_compressed(tmp_path / "a.npz", **arrays)
    with pytest.raises(SourceError, match=f"a.npz: {TOO_MUCH}"):
        npz.fetch(str(tmp_path / "a.npz"), Settings(sources=["any"]))


class Host(BaseHTTPRequestHandler):
    """Sends a body under a coding, whatever it is asked for."""

    body, coding, length = b"", "identity", ""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Encoding", self.coding)
        if self.length:
            self.send_header("Content-Length", self.length)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *args: object) -> None:
        pass


def host(body: bytes, coding: str = "identity", length: str | None = None) -> Any:
    """Send a body; the empty text as its length names none."""
    length = str(len(body)) if length is None else length
    return answer_by(type("Sending", (Host,), {"body": body, "coding": coding, "length": length}))


TABLE = b"x,label\n1,a\n"


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP"])
def test_what_a_host_compresses_is_unpacked_within_bounds(tmp_path: Path, coding: str) -> None:
    with host(gzip.compress(TABLE), coding) as address:
        assert len(csv.fetch(f"{address}/a.csv", SETTINGS).table) == 1
        # a host may name what a file is packed by twice
        assert len(csv.fetch(f"{address}/a.csv.gz", SETTINGS).table) == 1
    with host(gzip.compress(LARGE), coding) as address, pytest.raises(SourceError, match=TOO_MUCH):
        csv.fetch(f"{address}/a.csv", SETTINGS)


@pytest.mark.parametrize("coding", ["br", "zstd", "deflate", "gzip, gzip"])
def test_another_coding_is_refused(coding: str) -> None:
    said = f"a.csv: the host compresses it by '{coding}'; download it yourself, and name the file"
    with host(TABLE, coding) as address, pytest.raises(SourceError, match=said):
        csv.fetch(f"{address}/a.csv", SETTINGS)


ARFF = b"@RELATION rows\n@ATTRIBUTE x real\n@ATTRIBUTE class {a,b}\n@DATA\n1,a\n2,b\n"


@pytest.mark.parametrize(
    ("arff", "max_download", "message"),
    [
        (ARFF, 1, ""),
        (ARFF + LARGE, 1, TOO_MUCH),
        (ARFF, 1e-7, r"127.0.0.1:\d+ has more than 1e-07 GB; if you want it, raise fetch.max_download in params.yaml"),
    ],
)
def test_what_openml_sends_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arff: bytes, max_download: float, message: str
) -> None:
    settings = Settings(sources=["any"], max_download=max_download)
    answers = table_answers("rows", {"x": "numeric", "class": "nominal"}, arff, "HOST", target="class")
    point = make_pointer(monkeypatch, tmp_path)
    with serve(answers) as address:
        point(address, answers)
        if message:
            with pytest.raises(SourceError, match=message):
                openml.fetch("rows@1", settings)
        else:
            assert len(openml.fetch("rows@1", settings).table) == 2


def test_an_answer_in_several_pieces_is_bounded() -> None:
    body = gzip.compress(b"x") + gzip.compress(LARGE)
    with host(body, "gzip") as address, bounding_answers(SETTINGS), closing(urlopen(address)) as answer:
        assert answer.read(20) == body[:20]
        with pytest.raises(SourceError, match=TOO_MUCH):
            answer.read()


@pytest.mark.parametrize("length", [None, "", "many"])
def test_a_download_is_bounded(length: str | None) -> None:
    few = SETTINGS.model_copy(update={"max_download": 0.001})
    with host(TABLE, length=length) as address:
        assert len(csv.fetch(f"{address}/a.csv", few).table) == 1
    with (
        host(LARGE, length=length) as address,
        pytest.raises(SourceError, match=r"a.csv has more than 0.001 GB; if you want it, raise fetch.max_download in"),
    ):
        csv.fetch(f"{address}/a.csv", few)


def test_what_a_store_sends_is_bounded() -> None:
    few = SETTINGS.model_copy(update={"max_download": 0.001})
    fsspec.filesystem("memory").pipe_file("/large.csv", LARGE)
    with pytest.raises(SourceError, match=r"large.csv has more than 0.001 GB"):
        csv.fetch("memory://large.csv", few)


def drawn(kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(buffer, kind, **options)
    return buffer.getvalue()


# each is read by Pillow, by a program or before its size is known, or by code that few ever run
@pytest.mark.parametrize("kind", ["EPS", "ICO", "ICNS", "PDF", "PCX", "SGI", "DDS"])
def test_pictures_do_not_choose_who_decodes_them(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subprocess.check_call", lambda *args, **options: pytest.fail("a program was run"))
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.png", drawn(kind))
        archive.writestr("y.png", drawn("PNG"))
    looked = look_at_pictures(path, pd.Series(["x.png", "y.png"]), Preprocess())
    fitted = decode_pictures(path, pd.Series(["x.png", "y.png"]), Preprocess(image_shape=[3, 8, 8]))  # type: ignore[arg-type]
    assert looked.flaws().tolist() == fitted.flaws().tolist() == ["that cannot be read as pictures", ""]
    with pytest.raises(UnidentifiedImageError):
        to_screen(drawn(kind))


@pytest.mark.parametrize(
    "kind", ["AVIF", "BMP", "DIB", "GIF", "JPEG", "JPEG2000", "MPO", "PNG", "PPM", "QOI", "TGA", "TIFF"]
)
def test_the_formats_of_pictures_are_read_under_any_name(kind: str) -> None:
    assert open_upright(drawn(kind)).size == (64, 64)


def claim(width: int, height: int) -> bytes:
    """Return a PNG that says that it is so large."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    content = drawn("PNG")
    chunk = b"IHDR" + head
    return content[:8] + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk)) + content[33:]


@pytest.mark.parametrize("size", [(7072, 7072), (20_000, 20_000), (2**31 - 1, 2**31 - 1)])
def test_a_picture_that_says_that_it_is_too_large_is_not_decoded(size: tuple[int, int], tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.png", claim(*size))
    said = ["with more than 50,000,000 pixels (preprocess.max_pixels)"]
    assert look_at_pictures(path, pd.Series(["x.png"]), Preprocess()).flaws().tolist() == said
    fitted = decode_pictures(path, pd.Series(["x.png"]), Preprocess(image_shape=[3, 8, 8]))  # type: ignore[arg-type]
    assert fitted.flaws().tolist() == said


def test_no_picture_is_larger_than_memory_holds_whatever_the_settings_say() -> None:
    assert Image.MAX_IMAGE_PIXELS == MOST_PIXELS // 2
    with pytest.raises(Image.DecompressionBombError):
        open_upright(claim(40_000, 40_000))
    with pytest.raises(ValidationError):
        Preprocess(max_pixels=MOST_PIXELS + 1)
