"""The local web page on which scans are transcribed, prefilled with what was read."""
