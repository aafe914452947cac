"""Protocols of bench experiments, run on the project's own mechanisms."""
