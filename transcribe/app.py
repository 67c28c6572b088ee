"""The server: its pages, and what the browser asks it for."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from stages.errors import PageError, UserError
from stages.pages.records import Record
from transcribe.book import Book, as_json
from transcribe.draft import Row
from transcribe.guard import Guard

WEB = Path(__file__).with_name("web")
MAX_BYTES = 4_000_000
KEPT = {"Cache-Control": "private, max-age=3600"}

Rows = Annotated[list[Row], Field(max_length=2000)]


class Typing(Record):
    """What a window has typed: the version and rows that it began from, and its own."""

    version: Annotated[int, Field(ge=0)]
    base: Rows
    rows: Rows


def make_app(book: Book, port: int, token: str) -> Starlette:
    """The application for one project, to be served on that port of the loopback address."""

    def check_project(request: Request) -> None:
        if request.headers.get("X-Project", book.project) != book.project:
            told = "this window is of another project; open the address that was printed last"
            raise HTTPException(409, told)

    def known(request: Request) -> str:
        check_project(request)
        page = str(request.path_params["page"])
        if page not in book.scans:
            raise HTTPException(404, f"there is no page {page!r}")
        return page

    def index(_: Request) -> Response:
        return FileResponse(WEB / "index.html", headers={"Cache-Control": "no-store"})

    def standings(request: Request) -> Response:
        check_project(request)
        pages = [standing._asdict() for standing in book.standings()]
        return JSONResponse({"project": book.project, "pages": pages})

    def view(request: Request) -> Response:
        return JSONResponse(book.view(known(request)))

    async def save(request: Request) -> Response:
        page = known(request)
        if reason := book.reason(page):
            raise HTTPException(409, reason)
        typing = await _typing(request)
        draft = await run_in_threadpool(
            book.drafts.save, page, typing.version, typing.base, typing.rows
        )
        standing = await run_in_threadpool(book.standing, page)
        return JSONResponse({"draft": as_json(draft), "state": standing.state})

    def scan(request: Request) -> Response:
        return Response(book.scan(known(request)), media_type="image/jpeg")

    def crop(request: Request) -> Response:
        path = book.crop(known(request), str(request.path_params["crop"]))
        if path is None:
            raise HTTPException(404, "there is no such line")
        return FileResponse(path, headers=KEPT)

    return Starlette(
        routes=[
            Route("/", index),
            Route("/pages", standings),
            Route("/pages/{page}", view),
            Route("/pages/{page}", save, methods=["PUT"]),
            Route("/pages/{page}/scan", scan),
            Route("/pages/{page}/crops/{crop}", crop),
            Mount("/web", StaticFiles(directory=WEB)),
        ],
        middleware=[Middleware(Guard, port=port, token=token)],
        exception_handlers={
            HTTPException: _told,
            UserError: _fault,
            PageError: _fault,
            OSError: _fault,
        },
    )


async def _typing(request: Request) -> Typing:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_BYTES:
            raise HTTPException(413, "this is more than a page can hold")
    try:
        typing = Typing.model_validate_json(bytes(content))
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, fault["loc"]))
        raise HTTPException(400, f"not a page's rows: {where}: {fault['msg']}") from None
    if not (_is_page(typing.base) and _is_page(typing.rows)):
        raise HTTPException(
            400, "not a page's rows: ids repeat, or topic, band or comment is missing"
        )
    return typing


def _is_page(rows: Sequence[Row]) -> bool:
    print_rows = sorted(row.field for row in rows if row.field != "essay")
    distinct = len({row.id for row in rows}) == len(rows)
    return distinct and print_rows == ["band", "examiner_comment", "topic"]


def _told(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"fault": error.detail}, status_code=error.status_code)


def _fault(_: Request, error: Exception) -> Response:
    if not isinstance(error, OSError):
        return JSONResponse({"fault": str(error)}, status_code=409)
    where = f"{error.filename}: " if error.filename else ""
    return JSONResponse({"fault": f"{where}{error.strerror or error}"}, status_code=500)
