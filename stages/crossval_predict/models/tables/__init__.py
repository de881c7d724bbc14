"""The estimators for tables: a module is a model, and its name is the model's.

A module has ``Classifier``, a scikit-learn class; ``make_defaults(columns, targets)``, which returns the arguments that
``arguments`` in params.yaml may change; and ``make_encoder(columns, arguments)``, which returns the transformer that
comes before the classifier. ``columns`` is what columns.json says of the table's columns. ``targets`` are the classes
of the training rows, from 0 without a gap; there are none while the class is only looked at.
"""

# Three kinds that err differently, averaged: the mean is right where one of them fails. docs/models.md has the figures.
AUTO = ("logistic_regression", "gradient_boosting", "extra_trees")
