"""Stage assemble: the dataset, its provenance and the rejected pages."""
