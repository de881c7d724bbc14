"""A released version as a folder that describes itself, or as a data set on the Hugging Face hub."""
