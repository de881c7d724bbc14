"""``openml:NAME@VERSION``: a data set from OpenML, through scikit-learn, which caches it on disk."""

import http.client
import re
import socket
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any
from urllib.error import URLError

import pandas as pd
from pandas.api.types import is_float_dtype, is_numeric_dtype, is_string_dtype
from sklearn.datasets import fetch_openml

from stages.command.errors import printable
from stages.fetch.answers import bounding_answers
from stages.fetch.download import TIMEOUT_S
from stages.fetch.raw import CORRECT, LATER, RawData, SourceError, to_smallest
from stages.fetch.settings import Settings
from stages.fetch.table import RawTable, identify, list_columns, make_table

# OpenML is down for seconds now and then; what lasts longer than these waits is for the next source.
WAITS_S = (1, 4)
NUMBERED = re.compile(r"(\D*)\d+")
# float64 has every whole number below
LARGEST_WHOLE = 2**53

Ask = Callable[..., Any]


def fetch(argument: str, settings: Settings) -> RawData | RawTable:
    """Fetch ``NAME@VERSION``, retrying with growing waits when OpenML does not answer.

    Features that are only numbered, as pixels are, come as `RawData`, all others as `RawTable`.
    """
    match = re.fullmatch(r"(?P<name>[^@]+)@(?P<version>[1-9]\d*)", argument)
    if match is None:
        raise SourceError(f"{argument!r} is not NAME@VERSION; write it like mnist_784@1")
    for wait in (*WAITS_S, None):
        try:
            with bounding_answers(settings):
                return _read(partial(_ask, match["name"], int(match["version"])), settings)
        except SourceError:
            raise
        except (URLError, OSError, http.client.HTTPException) as error:
            if wait is None:
                raise SourceError(f"OpenML did not answer: {_describe(error)}; {LATER}") from error
            print(printable(f"openml:{argument}: {_describe(error)}; trying again in {wait} s"), flush=True)
            time.sleep(wait)
        except Exception as error:
            # scikit-learn's parser raises whatever a damaged answer makes it trip over
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            raise SourceError(f"OpenML's answer cannot be used: {reason}; {CORRECT}, or {LATER}") from error
    raise AssertionError("unreachable")


def _read(ask: Ask, settings: Settings) -> RawData | RawTable:
    """Read numbered features with pandas, and all others with liac-arff.

    pandas takes a fifth of the time, but is wrong about texts: it keeps their quotes, and takes a % in one for a
    comment. liac-arff in turn reads no dates, and refuses categories that were not declared.
    """
    with suppress(pd.errors.ParserError):
        frame, label = _read_columns(ask, settings, parser="pandas")
        numbers = frame.drop(columns=[label, *settings.columns.values()], errors="ignore")
        if _are_numbered(numbers):
            return RawData(to_smallest(numbers.to_numpy()), identify(frame, settings, label))
    try:
        frame, label = _read_columns(ask, settings, parser="liac-arff")
    except (OSError, http.client.HTTPException):
        raise
    except Exception:
        frame, label = _read_columns(ask, settings, parser="pandas", read_csv_kwargs={"comment": None})
        frame = frame.transform(_strip_quotes)
    return make_table(frame.transform(_to_whole), settings, label)


def _read_columns(ask: Ask, settings: Settings, **options: Any) -> tuple[pd.DataFrame, str]:
    """Return the label's name and all columns, without those that OpenML ignores and the settings do not name."""
    bunch = ask(target_column=None, **options)
    frame, label = bunch.frame, settings.first_label or _name_target(bunch)
    for name in (label, *settings.columns.values()):
        if name is not None and name not in frame:
            with suppress(KeyError):
                frame = frame.assign(**{name: ask(target_column=name, **options).target})
    return frame, label


def _name_target(bunch: Any) -> str:
    """Return the one target that OpenML names."""
    target: str = bunch.details.get("default_target_attribute") or ""
    if target and (target in bunch.frame or "," not in target):
        return target
    said = f"several targets ({target})" if target else "no target"
    raise SourceError(f"OpenML names {said}; name one in fetch.label; there are: {list_columns(bunch.frame)}")


def _are_numbered(features: pd.DataFrame) -> bool:
    """Say whether features are numbers, complete, and differ in name by a number alone, as pixel1 and pixel2 do."""
    prefixes = {match[1] if (match := NUMBERED.fullmatch(str(name))) else None for name in features}
    if len(prefixes) != 1 or None in prefixes:
        return False
    return all(is_numeric_dtype(values.dtype) and not values.hasnans for _, values in features.items())


def _strip_quotes(values: pd.Series) -> pd.Series:
    return values.str.replace(r"(?s)^'(.*)'$", r"\1", regex=True) if is_string_dtype(values.dtype) else values


def _to_whole(values: pd.Series) -> pd.Series:
    """Write whole numbers without a point, which one parser gives and the other does not."""
    there = values.dropna()
    if is_float_dtype(values.dtype) and ((there % 1 == 0) & (there.abs() < LARGEST_WHOLE)).all():
        return values.astype("Int64")
    return values


def _ask(name: str, version: int, **options: Any) -> Any:
    with silence_limit(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return fetch_openml(name, version=version, as_frame=True, n_retries=1, **options)


@contextmanager
def silence_limit() -> Iterator[None]:
    """Give up on a host that falls silent: scikit-learn sets no limit of its own."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(TIMEOUT_S)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _describe(error: Exception) -> str:
    return " ".join(str(getattr(error, "reason", error)).split())
