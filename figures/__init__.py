"""Writes the figures in the READMEs from what was measured: no figure is copied by hand."""
