"""Heart, breath, bladder, liver and gut."""
