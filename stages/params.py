"""Stage params: compose conf/ into params.yaml, and check it before anything heavy starts.

Under `dvc exp run`, DVC has composed params.yaml itself, with the `-S` overrides: it is only
checked then.
"""

import os

from stages.config import PARAMS, compose_yaml, parse
from stages.files import write_text
from stages.runner import folder_to_itself, run_command


def main() -> None:
    """Write params.yaml, or check the one that DVC wrote."""
    with folder_to_itself("params"):
        if os.environ.get("DVC_EXP_NAME") and PARAMS.exists():
            parse(PARAMS.read_text(encoding="utf-8"), str(PARAMS))
            return
        text = compose_yaml()
        parse(text, "conf")
        write_text(PARAMS, text)


if __name__ == "__main__":
    run_command("params", main)
