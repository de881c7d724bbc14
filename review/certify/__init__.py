"""Review to certify: drawn rows handed out one by one, checks of the reviewers among them, and what is shown so far."""
