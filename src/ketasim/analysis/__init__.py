"""Non-compartmental analysis, visual predictive checks, sensitivity and search."""
