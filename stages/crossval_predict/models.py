"""The models that params.yaml can name, and the kind of data that each is for."""

from stages.command import InputError, some
from stages.crossval_predict.settings import AUTO, BUILT_IN, Settings

# What auto stands for.
AUTO_MODELS = {"picture": "cnn", "table": "gradient_boosting", "text": "tfidf"}
KINDS = {
    "cnn": "picture",
    "tutorial_cnn": "picture",
    "gradient_boosting": "table",
    "logistic_regression": "table",
    "tfidf": "text",
}
NETWORKS = ("cnn", "tutorial_cnn")
# Keys that say how a network is trained, and nothing to an estimator.
NETWORK_KEYS = (
    "max_epochs", "average_epochs", "batch_size", "optimizer", "schedule", "lr", "weight_decay", "shuffle",
    "train_shift", "predict_shift", "validation",
)  # fmt: skip
NAMES = {"picture": "pictures", "table": "a table", "text": "texts"}


def choose_model(settings: Settings, kind: str) -> Settings:
    """Put a model in place of auto, and refuse one that this kind of data is nothing for.

    Parameters
    ----------
    settings : Settings
        As params.yaml has them.
    kind : str
        picture, table or text.

    Returns
    -------
    Settings
        The same, but that ``model`` is no longer auto.

    Raises
    ------
    InputError
        When the model is for another kind of data, or has keys that it knows nothing of.
    """
    name = AUTO_MODELS[kind] if settings.model == AUTO else settings.model
    if KINDS.get(name, kind) != kind:
        fitting = [AUTO, *(other for other in BUILT_IN if KINDS[other] == kind)]
        classes = "a scikit-learn classifier" + (" or a torch network" if kind == "picture" else "")
        raise InputError(
            f"params.yaml: crossval_predict.model: {name!r} is for {NAMES[KINDS[name]]}, and these are {NAMES[kind]}; "
            f"give {', '.join(fitting)}, or the import path of {classes}"
        )
    chosen = settings.model_copy(update={"model": name})
    if name in BUILT_IN:
        check_keys(chosen, is_network=name in NETWORKS)
    return chosen


def check_keys(settings: Settings, *, is_network: bool) -> None:
    """Refuse keys that are set and would count for nothing."""
    if settings.model in NETWORKS and settings.arguments:
        raise InputError(
            f"params.yaml: crossval_predict.arguments: {settings.model} takes none, and there are "
            f"{some(settings.arguments)}; remove them"
        )
    useless = [key for key in NETWORK_KEYS if key in settings.model_fields_set]
    if useless and not is_network:
        raise InputError(
            f"params.yaml: crossval_predict: {', '.join(useless)}: for networks alone, and {settings.model} is none; "
            "remove them, and put what its class takes in `arguments`"
        )
