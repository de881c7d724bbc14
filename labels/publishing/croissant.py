"""Describes a version in the Croissant format, version 1.0, of MLCommons: https://docs.mlcommons.org/croissant/docs/croissant-spec.html."""

from pathlib import PurePosixPath
from typing import Any

from labels.loading.data import Data
from labels.publishing.files import File, name_simply

CROISSANT = "croissant.json"
CONFORMS_TO = "http://mlcommons.org/croissant/1.0"
CR = "cr:"
OWN = (
    "citeAs", "column", "equivalentProperty", "extract", "field", "fileProperty", "fileObject", "fileSet", "format",
    "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex",
    "repeated", "replace", "samplingRate", "separator", "source", "subField", "transform",
)  # fmt: skip
CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{name: f"{CR}{name}" for name in OWN},
}
FORMATS = {".csv": "text/csv", ".zip": "application/zip", ".npz": "application/octet-stream"}
ABOUT = {
    "id": "the row's id, the same in all versions",
    "label": "the cleaned label",
    "given_label": "the label before cleaning",
    "status": "kept or relabelled; labelled where none was given",
    "split": "the split that the row belongs to",
    "file": "the archive that holds the row's picture, and its path in there",
}


def describe(data: Data, version: str, files: list[File], description: str, published: str) -> dict[str, Any]:
    """Return the description of a version as JSON-LD.

    Parameters
    ----------
    data : Data
        Its rows.
    version : str
        A semantic version.
    files : list of File
        What lies beside the description.
    description : str
        What the data set is, in a sentence or two.
    published : str
        The day of its release, in ISO 8601.
    """
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": data.name,
        "description": description,
        "conformsTo": CONFORMS_TO,
        "version": version,
        "datePublished": published,
        "distribution": [describe_file(file) for file in files] + [s for file in files for s in list_pictures(file)],
        "recordSet": [describe_records(file) for file in files if file.columns],
    }


def describe_file(file: File) -> dict[str, Any]:
    """Return a file's entry."""
    return {
        "@type": f"{CR}FileObject",
        "@id": file.path,
        "name": file.path,
        "contentUrl": file.path,
        "contentSize": f"{file.size} B",
        "encodingFormat": FORMATS[PurePosixPath(file.path).suffix],
        "sha256": file.sha256,
    }


def list_pictures(file: File) -> list[dict[str, Any]]:
    """Return the entry of the pictures in an archive; none for any other file."""
    if not file.path.endswith(".zip"):
        return []
    return [
        {
            "@type": f"{CR}FileSet",
            "@id": f"pictures-{file.split}",
            "name": f"pictures-{file.split}",
            "containedIn": {"@id": file.path},
            "encodingFormat": "image/*",
            # a folder for each class
            "includes": "*/*",
        }
    ]


def describe_records(file: File) -> dict[str, Any]:
    """Return the entry of a table's rows."""
    name = f"rows-{file.split}" if file.split else "labels"
    ids = {column: f"{name}/{simple}" for column, simple in name_simply(file.columns).items()}
    return {
        "@type": f"{CR}RecordSet",
        "@id": name,
        "name": name,
        "key": {"@id": ids["id"]},
        "field": [describe_field(ids[column], column, file.path) for column in file.columns],
    }


def describe_field(field_id: str, column: str, path: str) -> dict[str, Any]:
    """Return the entry of a column; all are text, for a code such as 007 is no number."""
    return {
        "@type": f"{CR}Field",
        "@id": field_id,
        "name": column,
        "description": ABOUT.get(column, "as it was found"),
        "dataType": "sc:Text",
        "source": {"fileObject": {"@id": path}, "extract": {"column": column}},
    }
