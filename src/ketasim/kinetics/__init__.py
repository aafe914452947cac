"""From dose to blood and brain: one published model per file."""
