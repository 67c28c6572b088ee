"""The guide's pages as scripts: what a reader types, and the files that a reader writes."""

import re
import shlex
import textwrap
from pathlib import Path

BLOCK = re.compile(
    r"(?:^ *`(?P<path>[^`\n]+)`:\n\n)?"
    r"^(?P<indent> *)```(?P<kind>\w+)\n(?P<body>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
SERVERS = {"make ui": 5000, "mlflow server": 5000, "make transcribe": 8719}
START = """
set -e
group=
trap 'test -z "$group" || kill -- -"$group"' EXIT
started() {
    python - "$1" <<'CODE'
import socket, sys, time
for _ in range(300):
    with socket.socket() as s:
        if s.connect_ex(("127.0.0.1", int(sys.argv[1]))) == 0:
            sys.exit()
    time.sleep(0.2)
sys.exit("the server did not answer")
CODE
}
"""


def commands(page: Path) -> list[str]:
    """The lines of all the page's blocks of commands."""
    blocks = BLOCK.finditer(page.read_text(encoding="utf-8"))
    shown = [textwrap.dedent(block["body"]) for block in blocks if block["kind"] == "sh"]
    return [line for body in shown for line in body.splitlines() if line]


def script(page: Path, only: str = "") -> str:
    """A Bash script that does what the page says: runs, writes files, applies differences.

    Args:
        only: what the commands begin with that are run.
    """
    lines = [START]
    for block in BLOCK.finditer(page.read_text(encoding="utf-8")):
        body = textwrap.dedent(block["body"])
        if block["kind"] == "sh":
            lines += [_shown(line) for line in body.splitlines() if line and line.startswith(only)]
        elif block["kind"] == "diff":
            lines.append(f"git apply <<'PATCH'\n{body}PATCH")
        elif block["path"]:
            lines.append(f"cat > {shlex.quote(block['path'])} <<'FILE'\n{body}FILE")
    return "\n".join(lines) + "\n"


def _shown(line: str) -> str:
    if line.startswith("make test"):  # it runs what runs this
        return ""
    server = next((port for name, port in SERVERS.items() if line.startswith(name)), None)
    shown = f"echo {shlex.quote(f'$ {line}')}\n"
    if server is None:
        return shown + line
    return f"{shown}setsid {line} & group=$!\nstarted {server}"
