"""Updates of a deployed stack: what one will do to each endpoint, and whether one has done it."""
