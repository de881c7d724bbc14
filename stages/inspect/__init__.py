"""Looks at the examples themselves: which are the same, nearly the same, unlike all others, or badly taken pictures."""
