"""Looks whether the files at a local source have changed, so that they are fetched again."""
