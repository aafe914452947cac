"""Self-contained reports with their figures and sources."""
