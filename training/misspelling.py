"""Mistakes as learners make them, and words that do not exist."""

import numpy as np

PHONETIC = (
    ("ph", "f"), ("f", "ph"), ("tion", "sion"), ("sion", "tion"), ("tion", "shun"), ("ie", "ei"),
    ("ei", "ie"), ("ence", "ance"), ("ance", "ence"), ("ible", "able"), ("able", "ible"),
    ("ck", "k"), ("k", "ck"), ("c", "s"), ("s", "c"), ("c", "k"), ("wh", "w"), ("th", "d"),
    ("ght", "t"), ("ou", "o"), ("ea", "e"), ("ee", "ea"), ("ai", "ay"), ("y", "i"), ("i", "y"),
    ("er", "ar"), ("or", "er"), ("re", "er"), ("dge", "ge"), ("qu", "cw"), ("x", "ks"),
    ("z", "s"), ("v", "w"), ("w", "v"), ("l", "r"), ("b", "p"), ("g", "j"), ("'", ""),
    ("ful", "full"), ("ss", "s"), ("e", ""), ("ed", "t"), ("ies", "ys"), ("oo", "u"),
)  # fmt: skip
VOWELS = "aeiou"
ONSETS = "b bl br c ch cl cr d dr f fl fr g gl gr h j k kn l m n p ph pl pr qu r s sc sh sl sp st "
ONSETS += "str sw t th tr tw v w wh wr y z"
CODAS = "b ck d f g k l ll lt m mp n nd ng nt p r rd rk rn s sh ss st t th x z zz"


def _edits(word: str, rng: np.random.Generator) -> list[str]:
    """One example of each kind of mistake that this word offers."""
    at = int(rng.integers(1, len(word) - 1))
    edits = [
        word[:at] + word[at] + word[at:],
        word[:at] + word[at + 1 :],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    ]
    doubles = [k for k in range(len(word) - 1) if word[k] == word[k + 1]]
    if doubles:
        k = int(rng.choice(doubles))
        edits += [word[:k] + word[k + 1 :]] * 2
    vowels = [k for k, letter in enumerate(word) if letter in VOWELS]
    if vowels:
        k = int(rng.choice(vowels))
        edits += [word[:k] + VOWELS[rng.integers(5)] + word[k + 1 :] for _ in range(2)]
    sounds = [pair for pair in PHONETIC if pair[0] in word[1:]]
    for k in rng.permutation(len(sounds))[:3]:
        heard, written = sounds[k]
        edits.append(word[0] + word[1:].replace(heard, written, 1))
    return edits


def misspell(word: str, rng: np.random.Generator) -> str:
    """A learner's misspelling of `word`, which differs from it.

    Words without at least four characters, and what is not a word (numbers), come back as they are.
    """
    if len(word) < 4 or not any(letter.isalpha() for letter in word) or word[1:-1].isdigit():
        return word
    edits = [edit for edit in _edits(word, rng) if edit != word]
    return edits[rng.integers(len(edits))] if edits else word


def pseudo_word(rng: np.random.Generator) -> str:
    """A pronounceable word that (very likely) does not exist."""
    onsets, codas = ONSETS.split(), CODAS.split()
    syllables = [
        onsets[rng.integers(len(onsets))]
        + VOWELS[rng.integers(5)]
        + (codas[rng.integers(len(codas))] if rng.random() < 0.6 else "")
        for _ in range(rng.integers(1, 4))
    ]
    return "".join(syllables)
