"""What is rated or counted: mood, experience, sedation, cognition, pain, dependence, adverse events."""
