"""All that decides what is predicted, given the rows, the labels, the folds and a model's settings.

The content of every file in this folder is part of the key under which a finished fold is kept, so a change here trains
all folds anew. Where folds are trained, what is printed and how folds are kept is in ``folds``.
"""
