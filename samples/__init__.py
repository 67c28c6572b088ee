"""The sample answer sheets: texts, printed frame, handwriting, and the page they make."""
