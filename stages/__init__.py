"""The pipeline's stages, each run from the repository root as ``python -m stages.STAGE DATASET``."""
