"""The channel corrector: what stands there more likely, by the recogniser's evidence and English.

A noisy channel (Kernighan, Church and Gale 1990; Brill and Moore 2000) with two steps: a learner
means a word and writes it, perhaps misspelt; the recogniser reads what was written, perhaps wrong.
Only the second step is undone. What was written is therefore every candidate's surface, and a
non-word that is a likely slip of a learner loses little against the word that was meant.
"""
