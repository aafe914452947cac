"""What the drug binds in the brain: one target per file."""
