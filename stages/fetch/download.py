"""Downloads a file, trying again when the connection fails, and says in words why it did not come."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pooch
import requests
from tqdm import tqdm

from stages.fetch.archives import decompress
from stages.fetch.bounds import BLOCK_BYTES, check_download, save
from stages.fetch.raw import CORRECT, LATER, SourceError
from stages.fetch.settings import Settings

TIMEOUT_S = 30
RETRIES = 3
# what a host answers if there is no such file, or not for everybody
GONE = (401, 403, 404, 410)
# Some hosts compress what was asked for as it is. What is called so was compressed before, and keeps its form.
PACKED = (".gz", ".tgz")


def download(url: str, folder: Path, name: str, settings: Settings) -> Path:
    """Download a file into a folder, under a name, showing a bar.

    Raises
    ------
    SourceError
        When it does not come, or is larger than the settings allow.
    """
    # params.yaml pins the content; the file that it comes in, which differs by mirror, needs no hash of its own
    files = pooch.create(folder, base_url="", registry={name: None}, urls={name: url}, retry_if_failed=RETRIES)
    pooch.get_logger().setLevel("WARNING")
    try:
        return Path(files.fetch(name, downloader=partial(_save, name=name, settings=settings)))
    except requests.RequestException as error:
        mend = CORRECT if error.response is not None and error.response.status_code in GONE else LATER
        raise SourceError(f"{name} did not come: {_describe(error)}; {mend}") from error


def _save(url: str, target: str, _: Any, name: str, settings: Settings) -> None:
    """Write what a host sends to a file, at most as much as the settings allow, also once it is unpacked."""
    with requests.get(url, stream=True, timeout=TIMEOUT_S, headers={"Accept-Encoding": "identity"}) as response:
        response.raise_for_status()
        # without it requests unpacks, and without a bound
        coding = response.raw.headers.pop("Content-Encoding", "identity").lower()
        if coding not in ("identity", "gzip", "x-gzip"):
            raise SourceError(f"{name}: the host compresses it by {coding!r}; download it yourself, and name the file")
        length = response.headers.get("Content-Length", "")
        total = int(length) if length.isdecimal() else 0
        check_download(total, name, settings.max_download)
        save(_show(response, total), Path(target), name, settings.max_download)
    if coding != "identity" and not url.partition("?")[0].endswith(PACKED):
        packed = Path(target).replace(Path(target).with_name(f"{name}.gz"))
        decompress(packed, packed.parent, settings.max_unpacking).replace(target)
        packed.unlink()


def _show(response: requests.Response, total: int) -> Iterator[bytes]:
    """Yield what a host sends, and show how much of it there is."""
    with tqdm(total=total, ncols=79, unit="B", unit_scale=True) as bar:
        for block in response.iter_content(BLOCK_BYTES):
            bar.update(len(block))
            yield block


def _describe(error: requests.RequestException) -> str:
    if error.response is not None:
        return f"HTTP {error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.Timeout):
        return f"the host fell silent for {TIMEOUT_S} s"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection broke off"
    return "the host could not be reached"
