"""Looks at data that nobody has described yet: a module for each kind of source, called as `fetch` calls it.

A module has ``look(argument, asked)``, which returns a `Proposal`, and ``hold(argument, settings)``, which returns in
a moment, without the network, what a source holds (`Held`), or raises SourceError. One for what lies in files has
``takes(place)`` as well: whether it is for a path, or a URL, of which nobody said the kind.
"""
