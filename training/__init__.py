"""How the embedded recogniser is made: fonts, handwriting renderer, training loop, evaluation."""
