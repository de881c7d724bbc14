"""Where data comes from: the module PREFIX serves the sources written PREFIX:ARGUMENT.

Each has ``fetch(argument, settings)``, which returns `RawData`, `RawPictures` or `RawTable`, or raises `SourceError`.
"""
