"""The pipeline's stages, each run from the repository root as ``python -m stages.STAGE DATASET``."""

# before anything imports numpy or torch
from stages.command import processor as processor
