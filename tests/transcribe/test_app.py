import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from stages.errors import UserError
from tests.transcribe.project import HOSTILE, make_page
from transcribe.__main__ import LAST_PORT, listen
from transcribe.app import make_app
from transcribe.book import Book

PORT, TOKEN = 8123, "right-token"
HOME = f"http://127.0.0.1:{PORT}"


@pytest.fixture
def stranger(project: Path) -> Iterator[TestClient]:
    app = make_app(Book(), PORT, TOKEN)
    with TestClient(app, base_url=HOME, follow_redirects=False) as client:
        yield client


@pytest.fixture
def client(stranger: TestClient) -> TestClient:
    assert stranger.get("/", params={"token": TOKEN}).status_code == 303
    return stranger


def typing(client: TestClient, page: str, **texts: str) -> dict[str, Any]:
    """What a window sends that accepts every row, some with another text."""
    draft = client.get(f"/pages/{page}").json()["draft"]
    rows = [
        {**row, "accepted": True, "text": texts.get(row["field"], row["text"])}
        for row in draft["rows"]
    ]
    return {"version": draft["version"], "base": draft["rows"], "rows": rows}


def test_every_page_is_listed_with_how_far_it_is(client: TestClient, project: Path) -> None:
    make_page(project, "unread", ["x"])
    (project / "data/raw/unread.json").unlink()
    (project / "data/transcriptions").mkdir()
    (project / "data/transcriptions/two.yaml").write_text("nothing")
    app = make_app(Book(), PORT, TOKEN)
    with TestClient(app, base_url=HOME, cookies=client.cookies) as fresh:
        found = {each["page"]: each for each in fresh.get("/pages").json()["pages"]}
    assert {page: each["state"] for page, each in found.items()} == {
        HOSTILE: "new",
        "blank": "rejected",
        "one": "new",
        "two": "faulty",
        "unread": "unread",
    }
    assert "is blank" in found["blank"]["reason"]
    assert "two.yaml" in found["two"]["reason"]
    assert client.get("/pages/blank").json()["draft"] is None


def test_a_page_is_saved_and_done(client: TestClient, project: Path) -> None:
    answer = client.put("/pages/one", json=typing(client, "one", band="7"))
    assert answer.status_code == 200
    assert answer.json()["state"] == "done"
    assert "band: 7.0\n" in (project / "data/transcriptions/one.yaml").read_text()
    states = {each["page"]: each["state"] for each in client.get("/pages").json()["pages"]}
    assert (states["one"], states["two"]) == ("done", "new")


def test_a_window_of_another_project_reads_and_writes_nothing(
    client: TestClient, project: Path
) -> None:
    own = client.get("/pages").json()["project"]
    sent = typing(client, "one")
    for name, status in (("another", 409), (own, 200)):
        headers = {"X-Project": name}
        assert client.get("/pages", headers=headers).status_code == status
        assert client.get("/pages/one", headers=headers).status_code == status
        assert client.put("/pages/one", json=sent, headers=headers).status_code == status
        assert (project / "data/drafts/one.json").exists() == (status == 200)


def test_pictures_are_served(client: TestClient) -> None:
    scan = client.get("/pages/one/scan")
    assert scan.headers["content-type"] == "image/jpeg"
    assert scan.content.startswith(b"\xff\xd8")
    line = client.get("/pages/one").json()["lines"][0]
    crop = client.get(f"/pages/one/crops/{line['crop']}")
    assert crop.content.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "path",
    [
        "/pages/three",
        "/pages/..%2fone",
        "/pages/one/crops/lines",
        "/pages/one/crops/..%2f..%2fraw%2fone",
        "/pages/blank/crops/x",
        "/web/..%2f..%2fparams.yaml",
        "/web/%2e%2e/app.py",
        "/params.yaml",
    ],
)
def test_nothing_else_is_served(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/pages", "/pages/one", "/pages/one/scan", "/web/main.js"])
@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x"])
def test_without_the_token_nothing_is_told(stranger: TestClient, path: str, token: str) -> None:
    assert stranger.get(path, params={"token": token}).status_code == 403
    stranger.cookies.set(f"transcribe-{PORT}", token)
    assert stranger.get(path).status_code == 403
    assert stranger.get("/pages", params={"token": TOKEN}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": f"evil.example:{PORT}"},
        {"Host": "127.0.0.1"},
        {"Host": f"127.0.0.1:{PORT + 1}"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": f"http://127.0.0.1:{PORT + 1}"},
        {"Origin": f"http://localhost:{PORT}"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_sites_requests_are_refused(
    client: TestClient, project: Path, headers: dict[str, str]
) -> None:
    sent = typing(client, "one")
    assert client.get("/", params={"token": TOKEN}, headers=headers).status_code == 403
    assert client.put("/pages/one", json=sent, headers=headers).status_code == 403
    assert not (project / "data/drafts/one.json").exists()
    same = {"Origin": HOME, "Sec-Fetch-Site": "same-origin"}
    assert client.put("/pages/one", json=sent, headers=same).status_code == 200


def test_the_cookie_and_the_headers_close_the_window(stranger: TestClient) -> None:
    cookie = stranger.get("/", params={"token": TOKEN}).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    headers = stranger.get("/").headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": -1}, "version"),
        ({"rows": "x"}, "rows"),
        ({"more": 1}, "more"),
        ({"rows": [{"id": "../x", "field": "essay", "text": ""}]}, "id"),
        ({"rows": [{"id": "a", "field": "esay", "text": ""}]}, "field"),
        ({"rows": [{"id": "a", "field": "topic", "text": ""}] * 2}, "ids repeat"),
        ({"rows": [{"id": "a", "field": "essay", "text": ""}]}, "missing"),
        ({"rows": [{"id": "a", "field": "essay", "text": "x" * 20_001}]}, "text"),
    ],
)
def test_what_is_no_page_is_refused(client: TestClient, change: dict[str, Any], said: str) -> None:
    answer = client.put("/pages/one", json={"version": 0, "base": [], "rows": [], **change})
    assert answer.status_code == 400
    assert said in answer.json()["fault"]
    assert client.put("/pages/one", content=b"[" * 4_000_001).status_code == 413
    assert client.put("/pages/three", json={}).status_code == 404
    assert (
        client.put("/pages/blank", json={"version": 0, "base": [], "rows": []}).status_code == 409
    )


def test_odd_text_is_kept_or_dropped_but_never_breaks_the_file(
    client: TestClient, project: Path
) -> None:
    odd = "a\ud800\u0000\u2028b \U0001f600 \x85: # |"
    sent = typing(client, "two", essay=odd)
    content = json.dumps(sent).encode()
    assert client.put("/pages/two", content=content).status_code in (200, 400)
    sent = typing(client, "two", essay=odd.replace("\ud800", ""))
    assert client.put("/pages/two", json=sent).status_code == 200
    text = (project / "data/transcriptions/two.yaml").read_text()
    assert "  a b \U0001f600 : # |\n" in text


def test_a_disk_that_is_full_is_told(
    client: TestClient, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, **_: bool) -> None:
        raise OSError(28, "No space left on device", str(path))

    sent = typing(client, "one")
    monkeypatch.setattr("transcribe.drafts.replacing", full)
    answer = client.put("/pages/one", json=sent)
    assert answer.status_code == 500
    assert answer.json()["fault"] == "data/drafts/one.json: No space left on device"


def test_before_anything_was_read_one_line_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="dvc repro"):
        Book()


@pytest.mark.parametrize("port", [70_000, -1])
def test_what_is_no_port_is_one_line(port: int) -> None:
    with pytest.raises(UserError, match=rf"^port {port}: .+; give another, or none$"):
        listen(port)


def test_two_servers_that_start_at_once_have_two_ports() -> None:
    with listen(None) as first, listen(None) as second:
        assert first.getsockname() != second.getsockname()
        with pytest.raises(UserError, match=r"give another, or none$"):
            listen(second.getsockname()[1])


def test_a_project_stays_on_the_port_that_it_had(project: Path) -> None:
    with listen(0) as free:
        port = free.getsockname()[1]
    LAST_PORT.parent.mkdir()
    LAST_PORT.write_text(str(port))
    with listen(None) as again, listen(None) as second:
        assert again.getsockname()[1] == port != second.getsockname()[1]
