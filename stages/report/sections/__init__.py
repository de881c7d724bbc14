"""The sections of the page: ``NAME.py`` says what stands in one, and ``NAME.html.jinja`` how. Nothing lists them.

Each module has

- ``ORDER``: its place on the page, the smallest number first;
- ``TITLE``: its name in the navigation;
- ``describe(results, metrics, settings)``, which returns the template's variables, or None to leave the section out; a
  variable ``title`` takes the place of ``TITLE``;
- ``FIGURES``, if it has any: by name, a function that takes the results and returns a figure, or None for no figure.
"""
