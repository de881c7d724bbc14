"""How a stage is run: its argument, its section of params.yaml, what its folders offer, how it rounds, its mistakes."""
