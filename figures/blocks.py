"""The parts of a Markdown text that are written by a command.

A block stands between two comments on lines of their own, which no reader of the page sees:

    <!-- figures: NAME -->
    ...
    <!-- end -->
"""

import re
from collections.abc import Mapping

from stages.errors import UserError

START = "<!-- figures: "
BLOCK = re.compile(rf"^({START}(\S+) -->\n)(.*?)^(<!-- end -->)$", re.M | re.S)


def fill(text: str, blocks: Mapping[str, str]) -> str:
    """`text` with each of its blocks holding what `blocks` has under its name.

    Raises:
        UserError: a block has no end, or a name that `blocks` lacks.
    """
    names = [found[2] for found in BLOCK.finditer(text)]
    if len(names) != text.count(START):
        raise UserError(f"a block `{START}NAME -->` does not end with `<!-- end -->`")
    if unknown := [name for name in names if name not in blocks]:
        raise UserError(f"no figures are named {unknown[0]}; there are {', '.join(blocks)}")
    return BLOCK.sub(lambda found: f"{found[1]}{blocks[found[2]]}\n{found[4]}", text)
