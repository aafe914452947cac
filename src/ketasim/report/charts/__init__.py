"""Charts of our own: a Chart is laid out once into marks, which are written as SVG or painted as PNG."""
