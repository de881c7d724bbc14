"""The cleaned labels: who or what decided on each."""


def is_person(by: str) -> bool:
    """Say whether a row was decided on by people: not by nobody, nor by the rule for undecided rows."""
    return by != "" and not by.startswith("undecided: ")
