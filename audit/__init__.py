"""The pinned packages, checked against published advisories."""
