"""Where data comes from: the module PREFIX serves the sources written PREFIX:ARGUMENT.

Each has ``fetch(argument)``, which returns `RawData` or raises `SourceError`.
"""
