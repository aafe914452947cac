"""Cortical circuits and what can be read from them: rates, EEG, connectivity."""
