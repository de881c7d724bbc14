"""Mistakes that only several sections of a block together show, or this machine."""

from collections.abc import Iterator, Mapping

from stages.artifacts.kind import PLURALS, Kind
from stages.artifacts.weights import INSTALL, REVISION, check_folder, list_lacking
from stages.command.errors import InputError
from stages.command.params import PARAMS_FILE, Section
from stages.crossval_predict.models.registry import AUTO, FINE_TUNED, NETWORKS, is_fine_tuned
from stages.crossval_predict.settings import SectionSettings
from stages.embed.settings import Settings as Embed
from stages.fetch.settings import Settings as Fetch
from stages.preprocess.settings import Settings as Preprocess

# the sources of vectors that auto takes in place of a network that is trained on pixels
PRETRAINED = ("timm:", "npy:")


def check_pixels(dataset: str, sections: Mapping[str, Section]) -> list[str]:
    """Return what is wrong if a network is to be trained on the pixels of pictures that are not made alike."""
    fetch, preprocess, embed, predict = (sections[n] for n in ("fetch", "preprocess", "embed", "crossval_predict"))
    assert isinstance(fetch, Fetch)
    assert isinstance(preprocess, Preprocess)
    assert isinstance(embed, Embed)
    assert isinstance(predict, SectionSettings)
    if preprocess.image_shape or predict.pred_probs or not any(each.startswith("images:") for each in fetch.sources):
        return []
    trained = {*NETWORKS, *(() if embed.source.startswith(PRETRAINED) else (AUTO,))}
    named = [member.model for member in predict.model if member.model in trained]
    if not named:
        return []
    return [
        f"{PARAMS_FILE}: {dataset}.preprocess.image_shape: {named[0]} is trained on pixels, so pictures in files need "
        "one height and width; give [channels, height, width], for instance [3, 64, 64], or a pretrained network in "
        "embed.source"
    ]


def check_networks(dataset: str, sections: Mapping[str, Section]) -> Iterator[str]:
    """Yield why pretrained networks cannot be trained further: these are no pictures, or something is not here."""
    fetch, preprocess, predict = (sections[name] for name in ("fetch", "preprocess", "crossval_predict"))
    assert isinstance(fetch, Fetch)
    assert isinstance(preprocess, Preprocess)
    assert isinstance(predict, SectionSettings)
    key, prefix = f"{PARAMS_FILE}: {dataset}.crossval_predict.model", FINE_TUNED.rstrip(":")
    pictures = preprocess.image_shape or any(each.startswith("images:") for each in fetch.sources)
    kind: Kind = "picture" if pictures else "text" if preprocess.text else "table"
    lacking = list_lacking(prefix)
    for name in (member.model for member in predict.model if is_fine_tuned(member.model)):
        if kind != "picture":
            yield f"{key}: {name} is for pictures, and these are {PLURALS[kind]}"
        elif lacking:
            yield f"{key}: {name} needs {', '.join(lacking)}, not installed; {INSTALL}"
        elif not REVISION.fullmatch(name.rpartition("@")[2]):
            try:
                check_folder(name.removeprefix(FINE_TUNED), prefix, key)
            except InputError as error:
                yield str(error)
