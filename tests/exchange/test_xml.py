import gzip
import resource
from pathlib import Path

import pytest

from exchange import xml
from stages.errors import UserError

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
HOSTILE = {
    "billion laughs": f'<!DOCTYPE a [<!ENTITY l0 "lol">{LAUGHS}]><a>&l9;</a>',
    "laughs in an attribute": f'<!DOCTYPE a [<!ENTITY l0 "lol">{LAUGHS}]><a b="&l9;"/>',
    "quadratic": f'<!DOCTYPE a [<!ENTITY x "{"x" * 50_000}">]><a>{"&x;" * 50_000}</a>',
    "external entity": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "external DTD": '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>',
    "parameter entity": '<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd">%x;]><a/>',
    "depth": "<a>" * 100_000,
    "long text": f"<a>{'x' * 11_000_000}</a>",
    "no XML": "PAGE",
    "empty": "",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_are_refused_in_one_line_and_little_memory(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / "page.xml"
    path.write_text(HOSTILE[name])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UserError) as caught:
        xml.parse(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
    assert "root:" not in str(caught.value)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kB


def test_what_is_no_file_is_one_line(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.xml", tmp_path):
        with pytest.raises(UserError, match="cannot be read"):
            xml.parse(path)


def test_a_file_too_large_for_a_page_is_refused_unparsed(tmp_path: Path) -> None:
    path = tmp_path / "page.xml"
    with path.open("wb") as file:
        file.truncate(xml.MAX_MEGABYTES * 1_000_000 + 1)
    with pytest.raises(UserError, match="over 64 MB"):
        xml.parse(path)


def test_a_packed_file_is_refused_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "page.xml"
    path.write_bytes(gzip.compress(b"<a>" + b"<b/>" * 1_000 + b"</a>"))
    with pytest.raises(UserError, match=r"page\.xml: is no XML") as caught:
        xml.parse(path)
    assert "\n" not in str(caught.value)


def test_comments_and_instructions_do_not_divide_a_text(tmp_path: Path) -> None:
    path = tmp_path / "page.xml"
    path.write_text("<!-- a --><a><b>one<!-- sic --> two<?pb n?> three</b></a>")
    assert xml.parse(path).findtext("b") == "one two three"
