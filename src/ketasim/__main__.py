"""``python -m ketasim`` is the command line."""

from ketasim.cli import main

main()
