"""Stage recognize: TrOCR over the distinct line crops, and the choice of a candidate."""
