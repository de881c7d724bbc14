"""From a folder or a file to a block of params.yaml: ``python -m dataset add|check|list|remove|rename|show``."""
