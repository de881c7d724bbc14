"""Says what must not change unseen of a class that is not built in: its source, or its package's version."""

import ast
import hashlib
import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import packages_distributions, version
from pathlib import Path
from typing import Any

import yaml

from stages.command.errors import InputError
from stages.crossval_predict.imports import find_class
from stages.crossval_predict.resume import PACKAGES
from stages.crossval_predict.settings import BUILT_IN

PIPELINE = Path("dvc.yaml")


@dataclass(frozen=True)
class Origin:
    """Where a class comes from.

    Attributes
    ----------
    content : str
        The SHA-256 of its source, or the versions of its packages: kept folds of another are of no use.
    files : tuple of str
        Its source, where that lies in this repository: the file and those that it imports.
    """

    content: str = ""
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Model:
    """What a worker finds that a model is.

    Attributes
    ----------
    is_network : bool
        Whether torch trains it for some epochs, or it is an estimator, fitted at once.
    origin : Origin
        Where its class comes from.
    device : str
        Where torch computes; cpu for an estimator.
    """

    is_network: bool
    origin: Origin
    device: str


def find_origin(name: str) -> Origin:
    """Return where the class comes from that ``crossval_predict.model`` names; nowhere if it is built in."""
    if name in BUILT_IN:
        return Origin()
    found = find_class(name)
    module = name.partition(":")[0] if ":" in name else name.rpartition(".")[0]
    root = _find_root(module)
    files = _find_sources({module, found.__module__}, root) if root else []
    digest = hashlib.sha256(" ".join(_list_versions(found)).encode())
    for path in files:
        digest.update(path.read_bytes())
    return Origin(digest.hexdigest(), tuple(path.relative_to(Path.cwd()).as_posix() for path in files))


def check_listed(origin: Origin, name: str) -> None:
    """Refuse a class of this repository that dvc.yaml does not name: after an edit, DVC would not train anew."""
    if not PIPELINE.exists():
        return
    stage = yaml.safe_load(PIPELINE.read_text(encoding="utf-8"))["stages"].get("crossval_predict", {})
    listed = stage.get("do", stage).get("deps", [])
    missing = [path for path in origin.files if not any(Path(path).is_relative_to(str(dep)) for dep in listed)]
    if missing:
        lines = ", ".join(f"`- {path}`" for path in missing)
        raise InputError(
            f"dvc.yaml: stages.crossval_predict.do.deps: add {lines}, where {name} is written; without that nothing "
            "would be trained anew after an edit"
        )


def _list_versions(found: type[Any]) -> list[str]:
    """Return the versions of the packages that a class is made of, beside those that every run is known by."""
    tops = {base.__module__.partition(".")[0] for base in found.__mro__}
    tops -= {"builtins", "sklearn", *PACKAGES, *sys.stdlib_module_names}
    names = packages_distributions() if tops else {}
    return sorted({f"{name} {version(name)}" for top in tops for name in names.get(top, ())})


def _find_root(module: str) -> Path | None:
    """Return the folder that a module is imported from, where that lies in this repository."""
    top = sys.modules[module.partition(".")[0]]
    if not getattr(top, "__file__", None):
        places = [Path(place).parent for place in getattr(top, "__path__", ())]
    else:
        path = Path(str(top.__file__)).resolve()
        places = [path.parent.parent if path.name == "__init__.py" else path.parent]
    inside = (place for place in places if place.is_relative_to(Path.cwd()) and "site-packages" not in place.parts)
    return next(inside, None)


def _find_sources(modules: set[str], root: Path) -> list[Path]:
    """Return the files of modules and of all that they import from the same folder."""
    todo, found = list(modules), set[Path]()
    while todo:
        parts = todo.pop().split(".")
        bases = [root.joinpath(*parts[:end]) for end in range(1, len(parts) + 1)]
        for path in (path for base in bases for path in (base.with_name(f"{base.name}.py"), base / "__init__.py")):
            if path.is_file() and path not in found:
                found.add(path)
                todo += _list_imports(path, root)
    return sorted(filter(_does_something, found))


def _list_imports(path: Path, root: Path) -> Iterator[str]:
    package = ".".join(path.parent.relative_to(root).parts)
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            named = importlib.util.resolve_name("." * node.level + (node.module or ""), package or None)
            yield from (f"{named}.{alias.name}" for alias in node.names)


def _does_something(path: Path) -> bool:
    """Say whether a module has more in it than a docstring."""
    return any(not isinstance(node, ast.Expr) for node in ast.parse(path.read_bytes()).body)
