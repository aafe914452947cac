"""Pages about results of studies: a trial, a search, rival explanations. Each a self-contained HTML file."""
