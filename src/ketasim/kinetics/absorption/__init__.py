"""Ways into the blood that are not the vein: one idea a file."""
