"""The networks for pictures: a module is a model, and its name is the model's.

A module has ``Network``, a torch module that is built with ``shape``, the pictures' (C, H, W), and ``n_classes``, and
has ``smallest_side``, the least height and width that it takes; and ``LOSS``, the loss that its output is for.
"""

AUTO = ("cnn",)
