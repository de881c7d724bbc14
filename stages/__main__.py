"""Print the variables that fix how every process rounds: ``env $(python -m stages) python -m dask worker …``."""

from stages.command.processor import VARIABLES

if __name__ == "__main__":
    print(*(f"{name}={value}" for name, value in VARIABLES.items()))
