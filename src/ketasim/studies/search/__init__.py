"""Search for regimens: goals and limits over a population, doubt and rival explanations."""
