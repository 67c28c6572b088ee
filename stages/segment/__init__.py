"""Stage segment: candidate divisions of the essay region into line crops."""
