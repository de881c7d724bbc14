"""The estimators for texts, written as those in ``tables``; their ``columns`` are empty."""

AUTO = ("tfidf",)
