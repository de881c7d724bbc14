"""Downloads a file, trying again when the connection fails, and says in words why it did not come."""

from pathlib import Path

import pooch
import requests

from stages.fetch.raw import CORRECT, LATER, SourceError

TIMEOUT_S = 30
RETRIES = 3
# what a host answers if there is no such file, or not for everybody
GONE = (401, 403, 404, 410)


def download(url: str, folder: Path, name: str) -> Path:
    """Download a file into a folder, under a name, showing a bar.

    Raises
    ------
    SourceError
        When it does not come.
    """
    # params.yaml pins the content; the file that it comes in, which differs by mirror, needs no hash of its own
    files = pooch.create(folder, base_url="", registry={name: None}, urls={name: url}, retry_if_failed=RETRIES)
    pooch.get_logger().setLevel("WARNING")
    try:
        return Path(files.fetch(name, downloader=pooch.HTTPDownloader(progressbar=True, timeout=TIMEOUT_S)))
    except requests.RequestException as error:
        mend = CORRECT if error.response is not None and error.response.status_code in GONE else LATER
        raise SourceError(f"{name} did not come: {_describe(error)}; {mend}") from error


def _describe(error: requests.RequestException) -> str:
    if error.response is not None:
        return f"HTTP {error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.Timeout):
        return f"the host fell silent for {TIMEOUT_S} s"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection broke off"
    return "the host could not be reached"
