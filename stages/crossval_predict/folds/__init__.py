"""Where folds are trained, what is printed meanwhile, and how finished ones are kept.

Nothing here decides what is predicted: that is in ``models``, which imports nothing from here.
"""
