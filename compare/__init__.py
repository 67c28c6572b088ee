"""Whether one reading of the pages is better than another, as far as so many pages can tell."""
