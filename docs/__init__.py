"""Pages that people read. ``parameters.py`` prints one of them."""
