"""Screening, protocols, sessions and their log."""
