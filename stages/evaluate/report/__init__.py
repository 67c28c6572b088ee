"""The report: one HTML file that needs no network, and the same bytes for the same input."""
