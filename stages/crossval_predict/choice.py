"""Chooses the models that a section of params.yaml asks for."""

import math
from collections.abc import Callable

import yaml

from stages.artifacts.kind import PLURALS, Kind
from stages.command.errors import InputError, some
from stages.crossval_predict.models.registry import AUTO, NETWORKS, VIEWS, find_kind, list_models
from stages.crossval_predict.settings import NETWORK_KEYS, Member, SectionSettings, Settings, Training


def resolve_auto(section: SectionSettings, choose: Callable[[], tuple[str, ...]]) -> SectionSettings:
    """Return the section with the models that auto stands for in its place, each with what is set for auto.

    Parameters
    ----------
    section : SectionSettings
        The section.
    choose : callable
        Returns the names of these models; called if there is an auto.

    Raises
    ------
    InputError
        If it stands for several models and has arguments, which no two of them take alike.
    """
    if not any(member.model == AUTO for member in section.model):
        return section
    names = choose()
    for member, settings in zip(section.model, section.of_each(), strict=True):
        if member.model == AUTO and settings.arguments and len(names) > 1:
            raise InputError(
                f"params.yaml: crossval_predict.arguments: auto trains {', '.join(names)}, which take different ones; "
                "name the model that they are for"
            )
    members = [
        member.model_copy(update={"model": name})
        for member in section.model
        for name in (names if member.model == AUTO else [member.model])
    ]
    return section.model_copy(update={"model": members})


def choose_models(section: SectionSettings, kind: Kind) -> list[Settings]:
    """Return the settings of each model.

    Parameters
    ----------
    section : SectionSettings
        As `resolve_auto` returns it.
    kind : {"picture", "table", "text"}

    Raises
    ------
    InputError
        If a model is for another kind of data, has keys that do not apply to it, or is there twice.
    """
    models = section.of_each()
    for settings in models:
        _check_kind(settings.model, kind)
    dumped = [settings.model_dump_json() for settings in models]
    twice = next((settings.model for number, settings in enumerate(models) if dumped[number] in dumped[:number]), None)
    if twice:
        raise InputError(
            f"params.yaml: crossval_predict.model: {twice} is there twice with the same settings, which adds nothing; "
            "remove one, or give it keys of its own"
        )
    if all(settings.model in VIEWS for settings in models):
        check_keys(section, models, [settings.model in NETWORKS for settings in models])
    return models


def _check_kind(name: str, kind: Kind) -> None:
    wanted = find_kind(name)
    if wanted and wanted != kind:
        fitting = [AUTO, *list_models(kind), *list_models("vector")]
        classes = "a scikit-learn classifier" + (" or a torch network" if kind == "picture" else "")
        raise InputError(
            f"params.yaml: crossval_predict.model: {name!r} is for {PLURALS[wanted]}, and these are "
            f"{PLURALS[kind]}; give {', '.join(fitting)}, or the import path of {classes}"
        )


def check_keys(section: SectionSettings, models: list[Settings], networks: list[bool]) -> None:
    """Raise InputError for keys that are set and do not apply.

    Parameters
    ----------
    section : SectionSettings
        As `resolve_auto` returns it.
    models : list of Settings
        Its models.
    networks : list of bool
        Which of them are networks.
    """
    for settings in models:
        if settings.model in NETWORKS and settings.arguments:
            raise InputError(
                f"params.yaml: crossval_predict.arguments: {settings.model} takes none, and there are "
                f"{some(settings.arguments)}; remove them"
                + (", or give them to one model alone" if len(models) > 1 else "")
            )
    for member, is_network in zip(section.model, networks, strict=True):
        if not is_network:
            _check_useless(".model", member, member.model)
    if not any(networks):
        _check_useless("", section, *(settings.model for settings in models))


def _check_useless(where: str, keys: Training, *models: str) -> None:
    useless = [key for key in NETWORK_KEYS if key in keys.model_fields_set]
    if useless:
        none = f"{' and '.join(models)} {'is' if len(models) == 1 else 'are'} none"
        raise InputError(
            f"params.yaml: crossval_predict{where}: {', '.join(useless)}: for networks alone, and {none}; "
            "remove them, and put what its class takes in `arguments`"
        )


def name_models(section: SectionSettings, models: list[Settings]) -> list[str]:
    """Return a name for each model: its own, and where several share that, what each sets for itself."""
    names = [settings.model for settings in models]
    return [
        f"{name} ({_write_keys(member)})" if names.count(name) > 1 and _write_keys(member) else name
        for name, member in zip(names, section.model, strict=True)
    ]


def _write_keys(member: Member) -> str:
    own = member.model_dump(exclude_unset=True, exclude={"model"})
    written: str = yaml.safe_dump(own, default_flow_style=True, sort_keys=False, width=math.inf)
    return written.strip()[1:-1]
