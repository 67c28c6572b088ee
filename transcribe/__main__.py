"""python -m transcribe: transcribe the pages in a browser window."""

import argparse
import socket
import sys
import webbrowser
from contextlib import suppress
from secrets import token_urlsafe
from threading import Timer

import uvicorn

from stages.errors import UserError
from stages.files import clear_unfinished, write_text
from stages.pages.stored import TRANSCRIPTIONS
from stages.running.runner import run_command
from stages.store.locks import WHOLE_FILE, Locks
from transcribe.app import make_app
from transcribe.book import Book
from transcribe.drafts import DRAFTS

HOST = "127.0.0.1"
PORT = 8719
LAST_PORT = DRAFTS / ".port"
GRACE_S = 2


def listening(port: int) -> socket.socket:
    """A socket that listens at once: two that are only bound may have the same port."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()
    except BaseException:
        listener.close()
        raise
    return listener


def listen(port: int | None) -> socket.socket:
    """A socket on the loopback address: on `port`, or without one on that of the last time, the
    usual one, or any that is free.

    A browser keeps what it could not send by the port, so the project stays on one if it can.

    Raises:
        UserError: the port that was asked for is taken, or none.
    """
    if port is not None:
        try:
            return listening(port)
        except (OSError, OverflowError) as error:
            told = getattr(error, "strerror", None) or error
            raise UserError(f"port {port}: {told}; give another, or none") from None
    last = LAST_PORT.read_text() if LAST_PORT.is_file() else ""
    for usual in (int(last) if last.isdecimal() else PORT, PORT):
        with suppress(OSError, OverflowError):
            return listening(usual)
    return listening(0)


def serve(port: int | None, browser: bool) -> None:
    """Serve this project's pages until Ctrl-C.

    Raises:
        UserError: nothing was read yet, another server has the drafts, or the port is taken.
    """
    book = Book()
    DRAFTS.mkdir(parents=True, exist_ok=True)
    locks = Locks(DRAFTS / ".lock")
    if not locks.take(WHOLE_FILE, wait=False):
        raise UserError(f"{DRAFTS}: `make transcribe` runs already; end it there with Ctrl-C")
    for folder in (TRANSCRIPTIONS, DRAFTS):
        clear_unfinished(folder)
    listener = listen(port)
    token = token_urlsafe(24)
    port = listener.getsockname()[1]
    write_text(LAST_PORT, str(port))
    address = f"http://{HOST}:{port}/?token={token}"
    print(f"transcribe: {address} (Ctrl-C ends it)", flush=True)
    if browser:
        Timer(0.3, webbrowser.open, [address]).start()
    config = uvicorn.Config(
        make_app(book, port, token),
        log_level="error",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    try:
        uvicorn.Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        pass
    finally:
        print("transcribe: ended; what was typed is kept", file=sys.stderr)


def main() -> None:
    """Open the window."""
    parser = argparse.ArgumentParser(prog="python -m transcribe", description=__doc__)
    parser.add_argument(
        "--port", type=int, help=f"default: that of the last time, {PORT}, or any that is free"
    )
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    given = parser.parse_args()
    run_command("transcribe", lambda: serve(given.port, not given.no_browser))


if __name__ == "__main__":
    main()
