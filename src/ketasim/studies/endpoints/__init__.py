"""Analyses of trials, each for many replicates at once."""
