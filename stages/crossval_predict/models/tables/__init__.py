"""The estimators for tables: a module is a model, and its name is the model's.

A module has ``Classifier``, a scikit-learn class; ``make_defaults(columns)``, which returns the arguments that
``arguments`` in params.yaml may change; and ``make_encoder(columns, arguments)``, which returns the transformer that
comes before the classifier. ``columns`` is what columns.json says of the table's columns.
"""

DEFAULT = "gradient_boosting"
