"""Calibration and estimation."""
