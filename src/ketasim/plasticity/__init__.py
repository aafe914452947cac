"""Rival hypotheses of how a short block becomes a lasting change."""
