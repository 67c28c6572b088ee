"""Stage params: compose conf/ into params.yaml, and check it before anything heavy starts.

Under `dvc exp run`, DVC has composed params.yaml itself, with the `-S` overrides: it is only
checked then.
"""

import os

from stages.config.composition import CONF, PARAMS, compose_yaml, parse
from stages.config.conf_files import places
from stages.config.plain_yaml import read_text
from stages.files import write_text
from stages.running.runner import ONWARD, folder_to_itself, run_command


def main() -> None:
    """Write params.yaml, or check the one that DVC wrote."""
    with folder_to_itself("params"):
        if os.environ.get("DVC_EXP_NAME") and PARAMS.exists():
            parse(read_text(PARAMS), str(PARAMS))
            return
        text = compose_yaml()
        parse(text, str(CONF), places(CONF))
        write_text(PARAMS, text)


if __name__ == "__main__":
    run_command("params", main, ONWARD)
