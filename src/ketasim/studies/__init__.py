"""Published studies as data, simulated as they were run and scored."""
