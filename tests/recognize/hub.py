"""A model hub on loopback that answers well or badly, and what comes of it, a JSON line an answer.

`python -m tests.recognize.hub CACHE ANSWER ...` asks once for each answer, with one cache.
"""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

EMBEDDED = Path(__file__).parents[2] / "models/embedded"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
PAGE = b"<!doctype html><title>Log in</title><p>Please log in to this network."


class Hub(BaseHTTPRequestHandler):
    """The files of the embedded checkpoint under any name."""

    answer = "well"

    def do_HEAD(self) -> None:
        self._send(body=False)

    def do_GET(self) -> None:
        self._send(body=True)

    def log_message(self, *_: object) -> None:
        pass

    def _send(self, body: bool) -> None:
        if self.answer == "a page for everything":
            self._head(200, len(PAGE), {"Content-Type": "text/html"})
            self.wfile.write(PAGE if body else b"")
            return
        if self.answer == "an error":
            self._head(500, 0, {})
            return
        file = EMBEDDED / Path(self.path.partition("?")[0]).name
        if "/resolve/" not in self.path or not file.is_file():
            self._head(404, 0, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT})
            return
        content = file.read_bytes()
        cut = len(content) // 2 if self.answer == "files cut off" else len(content)
        if self.answer == "a page for every file":
            content = PAGE
        tag = f"{self.answer}-{file.name}".replace(" ", "-")
        self._head(200, len(content), {"ETag": f'"{tag}"', "X-Repo-Commit": COMMIT})
        if body:
            self.wfile.write(content[:cut])
        self.close_connection = True

    def _head(self, status: int, length: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(length)}.items():
            self.send_header(name, value)
        self.end_headers()


def main(cache: str, *answers: str) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    Thread(target=server.serve_forever, daemon=True).start()
    os.environ |= {
        "HF_HOME": cache,
        "HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}",
        "HF_HUB_OFFLINE": "0",
        "HF_HUB_DISABLE_XET": "1",
    }
    from stages.config.composition import load  # noqa: PLC0415
    from stages.errors import UserError  # noqa: PLC0415
    from stages.recognize.checkpoint import load_checkpoint  # noqa: PLC0415

    settings = load(["recognize=embedded", "recognize.checkpoint=someone/answers"]).recognize
    for Hub.answer in answers:
        try:
            told = load_checkpoint(settings).identity.name
        except UserError as error:
            told = f"refused: {error}"
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
