"""Stage params: compose conf/ into params.yaml, and check it before anything heavy starts.

Under `dvc exp run`, DVC has composed params.yaml itself, with the `-S` overrides: it is only
checked then.
"""

import os

from stages.conf_files import places
from stages.config import CONF, PARAMS, compose_yaml, parse
from stages.plain_yaml import read_text
from stages.runner import run_command


def main() -> None:
    """Write params.yaml, or check the one that DVC wrote."""
    if os.environ.get("DVC_EXP_NAME") and PARAMS.exists():
        parse(read_text(PARAMS), str(PARAMS))
        return
    text = compose_yaml()
    parse(text, str(CONF), places(CONF))
    PARAMS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run_command("params", main)
