"""What the drug binds to, one target per file."""
