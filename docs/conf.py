"""Sphinx configuration."""

from importlib.metadata import version as installed

project = "ketasim"
author = "The ketasim authors"
copyright = "2026, The ketasim authors"
release = version = installed("ketasim")

extensions = ["myst_parser", "sphinx.ext.mathjax", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["dollarmath", "deflist", "colon_fence"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "adr/template.md"]
nitpicky = False
autodoc_member_order = "bysource"
autodoc_typehints = "description"

html_theme = "furo"
html_title = "ketasim"
html_show_sphinx = False
