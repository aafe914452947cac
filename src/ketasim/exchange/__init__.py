"""Reading and writing what other tools read and write: SBML, LaTeX, frames."""
