"""As much of the Hugging Face hub, on the loopback, as `hf download` and `hf upload` ask of it."""

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

COMMIT = "0" * 40


@dataclass
class Hub:
    """A hub that has the files of one folder, under any name, and keeps what is uploaded."""

    url: str = ""
    uploaded: dict[str, bytes] = field(default_factory=dict)


@contextmanager
def hub_of(folder: Path) -> Iterator[Hub]:
    """A hub, as long as the block lasts."""
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            files = [file for file in folder.iterdir() if file.is_file()]
            if "/resolve/" in path:
                content = (folder / path.rpartition("/")[2]).read_bytes()
                self._send(content, {"ETag": f'"{_oid(content)}"', "X-Repo-Commit": COMMIT})
            elif "/tree/" in path:
                self._json([_entry(file) for file in files])
            elif "/revision/" in path:
                names = [{"rfilename": file.name} for file in files]
                self._json({"id": "any", "sha": COMMIT, "siblings": names})
            else:
                self._json({}, status=404)

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_POST(self) -> None:
            path = self.path.partition("?")[0]
            body = self._body()
            if path == "/api/repos/create":
                self._json({"url": f"{hub.url}/datasets/me/any"})
            elif path == "/api/validate-yaml":
                self._json({"errors": [], "warnings": []})
            elif "/preupload/" in path:
                asked = [file["path"] for file in json.loads(body)["files"]]
                plain = {"uploadMode": "regular", "shouldIgnore": False}
                self._json({"files": [{"path": name, **plain} for name in asked]})
            elif "/commit/" in path:
                for line in map(json.loads, body.splitlines()):
                    if line["key"] == "file":
                        content = base64.b64decode(line["value"]["content"])
                        hub.uploaded[line["value"]["path"]] = content
                url = f"{hub.url}/datasets/me/any/commit/{COMMIT}"
                self._json({"commitUrl": url, "commitOid": COMMIT, "success": True})
            else:
                self._json({}, status=404)

        def log_message(self, *_: object) -> None:
            pass

        def _body(self) -> bytes:
            if "Content-Length" in self.headers:
                return self.rfile.read(int(self.headers["Content-Length"]))
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def _json(self, answer: Any, status: int = 200) -> None:
            self._send(json.dumps(answer).encode(), {"Content-Type": "application/json"}, status)

        def _send(self, content: bytes, headers: dict[str, str], status: int = 200) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hub.url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield hub
        finally:
            server.shutdown()


def _oid(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def _entry(file: Path) -> dict[str, Any]:
    content = file.read_bytes()
    return {"type": "file", "path": file.name, "size": len(content), "oid": _oid(content)}
