"""Named lists of parts: the only place that knows their order."""
