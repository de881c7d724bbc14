"""The estimators for vectors, written as those in ``tables``; their ``columns`` are empty.

`AUTO` takes them where the vectors are pretrained. For texts, and for pictures that are prepared as pixels, it averages
them with what it takes else: the two err differently.
"""

AUTO = ("embedding",)
