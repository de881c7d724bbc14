"""How a stage is run: its argument, its section of params.yaml, how it rounds, and one line for a mistake."""
