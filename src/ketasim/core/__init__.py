"""Ground floor: mathematics and book-keeping that know no biology."""
