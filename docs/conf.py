"""Sphinx configuration."""

import sys
from importlib.metadata import version as installed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "extensions"))

project = "ketasim"
author = "The ketasim authors"
copyright = "2026, The ketasim authors"
release = version = installed("ketasim")

extensions = ["myst_parser", "mathml", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["dollarmath", "deflist", "colon_fence"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "adr/template.md"]
nitpicky = False
autodoc_member_order = "bysource"
autodoc_typehints = "description"

html_theme = "furo"
html_math_renderer = "mathml"
html_static_path = ["assets"]
html_css_files = ["pages.css"]
html_title = "ketasim"
html_show_sphinx = False
