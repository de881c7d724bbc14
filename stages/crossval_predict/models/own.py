"""Imports a class of the user's own, and says in one line what goes wrong in it."""

import inspect
import pkgutil
import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stages.command.errors import InputError, some
from stages.crossval_predict.settings import Settings

MODEL, ARGUMENTS = "params.yaml: crossval_predict.model", "params.yaml: crossval_predict.arguments"
LONGEST_REASON = 300


def find_class(name: str) -> type[Any]:
    """Import a class by its path, ``package.module:Class`` or ``package.module.Class``."""
    with naming(f"{MODEL}: {name} cannot be imported; is it spelt right and installed?"):
        found = pkgutil.resolve_name(name)
    if not isinstance(found, type):
        raise InputError(f"{MODEL}: {name} is not a class; name the class itself, its arguments go to `arguments`")
    return found


def is_module(found: type[Any]) -> bool:
    """Say whether a class is a torch network, without importing torch where nothing has."""
    torch = sys.modules.get("torch")
    return torch is not None and issubclass(found, torch.nn.Module)


def check_arguments(settings: Settings, called: type[Any], given: Iterable[str] = ()) -> None:
    """Raise InputError for arguments that a class does not take, or that it is ``given`` anyway."""
    parameters = inspect.signature(called).parameters
    if any(parameter.kind == parameter.VAR_KEYWORD for parameter in parameters.values()):
        return
    allowed = [name for name in parameters if name not in given]
    unknown = [name for name in settings.arguments if name not in allowed]
    if unknown:
        raise InputError(
            f"{ARGUMENTS}: {settings.model}: {called.__name__} takes no {some(unknown)}; "
            f"allowed: {', '.join(allowed) or 'none'}"
        )


@contextmanager
def naming(problem: str) -> Iterator[None]:
    """Turn whatever goes wrong in a class of someone else into one line."""
    try:
        yield
    except InputError:
        raise
    except (Exception, SystemExit) as error:
        raise InputError(f"{problem} ({_describe(error)})") from None


def _describe(error: BaseException) -> str:
    reason = " ".join(f"{type(error).__name__}: {error}".split())
    reason = reason if len(reason) <= LONGEST_REASON else f"{reason[:LONGEST_REASON]}…"
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_own(Path(frame.filename))]
    return f"{reason}, in {own[-1].filename}, line {own[-1].lineno}" if own else reason


def _is_own(path: Path) -> bool:
    """Say whether a file is a user's, and neither a package's nor this pipeline's."""
    return path.is_file() and not path.is_relative_to(sys.prefix) and not path.is_relative_to(sys.base_prefix) and (
        Path(__file__).parents[2] not in path.parents
    )  # fmt: skip
