"""Published dispositions of ketamine, its enantiomers and midazolam: one paper a file."""
