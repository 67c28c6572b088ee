"""Stage crop: anchors, printed fields and the essay region of every page."""
