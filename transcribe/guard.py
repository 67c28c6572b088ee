"""Who may talk to the server: the browser window that it opened, and nothing else.

Any web page that the user visits can send requests to this machine. It cannot read the token from
the address that the command opened (nor the cookie made from it), its own address stands in
`Origin`, and a name of its own that it points at this machine stands in `Host` (DNS rebinding).
"""

from http.cookies import CookieError, SimpleCookie
from secrets import compare_digest
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self' data:; style-src 'self'; "
    "script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
OWN_SITE = {"same-origin", "none"}


class Guard:
    """Middleware that refuses what is not the user's own window.

    Args:
        port: the port of the loopback address that the server listens on.
        token: what the opened address carries as `?token=`; a cookie keeps it from then on.
    """

    def __init__(self, app: ASGIApp, port: int, token: str) -> None:
        self._app = app
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._token = token
        self._cookie = f"transcribe-{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it with 403."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        headers = Headers(scope=scope)
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if not self._is_own(headers):
            await _refused("this request came from another site")(scope, receive, sealed)
        elif scope["path"] == "/" and self._is_token(given):
            opened = RedirectResponse("/", status_code=303)
            opened.set_cookie(self._cookie, self._token, httponly=True, samesite="strict")
            await opened(scope, receive, sealed)
        elif not self._is_token(self._kept(headers)):
            told = "open the address that `make transcribe` printed when it was last started"
            await _refused(told)(scope, receive, sealed)
        else:
            await self._app(scope, receive, sealed)

    def _is_own(self, headers: Headers) -> bool:
        host = headers.get("host", "")
        own_origin = headers.get("origin", f"http://{host}") == f"http://{host}"
        own_site = headers.get("sec-fetch-site", "none") in OWN_SITE
        return host in self._hosts and own_origin and own_site

    def _kept(self, headers: Headers) -> str:
        try:
            kept = SimpleCookie(headers.get("cookie", "")).get(self._cookie)
        except CookieError:
            return ""
        return kept.value if kept else ""

    def _is_token(self, given: str) -> bool:
        return compare_digest(given.encode(), self._token.encode())


def _refused(reason: str) -> PlainTextResponse:
    return PlainTextResponse(f"refused: {reason}\n", status_code=403)
