"""Lets timm be imported where torchvision is a build for CUDA and torch is one for the CPU.

Python imports this file at its start where its folder is on PYTHONPATH. timm uses none of the operators.
"""

import sys
from typing import Any


class Operators:
    """Declares torchvision's operators before it is imported."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name == "torchvision":
            sys.meta_path.remove(self)
            declare()


def declare() -> None:
    """Declare the operators whose absence ends the import."""
    import torch

    library: Any = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for operator in ("nms", "qnms"):
        library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    KEPT.append(library)


# a library that is collected takes its operators along
KEPT: list[Any] = []
sys.meta_path.insert(0, Operators())
