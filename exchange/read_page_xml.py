"""The text of PAGE-XML files, of any version and as eScriptorium and Transkribus write them."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from exchange import xml
from exchange.found import Found, field_of
from exchange.sheets import FIELDS, Field
from stages.errors import UserError

FAMILY = "//schema.primaresearch.org/PAGE/gts/pagecontent/"
CUSTOM = re.compile(r"(\w+)\s*\{([^{}]*)\}")


def read_page_xml(path: Path) -> list[Found]:
    """The page in a file; none for a METS file, which lists pages and lies beside them in exports.

    Regions are taken in reading order, those that it leaves out after them; lines as they stand, or
    by `custom="readingOrder {index:n;}"` where all lines of a region have it. A line's text is its
    `TextEquiv` with the lowest index, else that of its words; a region without lines gives its own
    text line by line. A region's field is its structure type in `custom`, its id, or its type, by
    the names in `exchange.sheets.FIELDS`; others are handwriting.

    Raises:
        UserError: no XML, XML that is refused (`exchange.xml.parse`), or no PAGE-XML.
    """
    root = xml.parse(path)
    name = etree.QName(root)
    if name.localname == "mets":
        return []
    if name.localname != "PcGts" or FAMILY not in (name.namespace or ""):
        raise UserError(f"{path}: is no PAGE-XML (its first element is {name.localname})")
    pages = root.findall("{*}Page")
    if len(pages) != 1:
        raise UserError(f"{path}: holds {len(pages)} pages; give each page a file of its own")
    page = pages[0]
    lines: dict[Field, list[str | None]] = {field: [] for field in FIELDS}
    for region in _in_reading_order(page):
        structure = _custom(region).get("structure", {}).get("type")
        field = field_of(structure, region.get("id"), region.get("type"))
        lines[field] += _region_texts(region)
    names = [page.get("imageFilename", ""), path.name]
    return [Found(str(path), [name for name in names if name], lines)]


def _in_reading_order(page: Any) -> list[Any]:
    regions = list(page.iter("{*}TextRegion"))
    order = page.find("{*}ReadingOrder")
    rank: dict[str, int] = {}
    for reference in _references(order) if order is not None else ():
        rank.setdefault(reference, len(rank))
    return sorted(regions, key=lambda region: rank.get(region.get("id"), len(rank)))


def _references(group: Any) -> Iterator[str]:
    """Region ids of a group and the groups in it, by their indices where they have some."""
    members = [member for member in group if isinstance(member.tag, str)]
    if etree.QName(group).localname != "ReadingOrder":
        members.sort(key=lambda member: _number(member.get("index")))
    for member in members:
        if reference := member.get("regionRef"):
            yield reference
        yield from _references(member)


def _region_texts(region: Any) -> Iterable[str | None]:
    lines = region.findall("{*}TextLine")
    if not lines:
        return (_text(region) or "").splitlines()
    places = [_custom(line).get("readingOrder", {}).get("index") for line in lines]
    if all(place is not None for place in places):
        order = sorted(range(len(lines)), key=lambda number: _number(places[number]))
        lines = [lines[number] for number in order]
    return [_line_text(line) for line in lines]


def _line_text(line: Any) -> str | None:
    text = _text(line)
    if text:
        return text
    words = [_text(word) for word in line.findall("{*}Word")]
    return " ".join(word for word in words if word) or None


def _text(element: Any) -> str | None:
    """The text with the lowest index; one without an index goes before all."""
    equivalents = element.findall("{*}TextEquiv")
    if not equivalents:
        return None
    first = min(equivalents, key=lambda equivalent: _number(equivalent.get("index")))
    return first.findtext("{*}Unicode") or first.findtext("{*}PlainText") or None


def _custom(element: Any) -> dict[str, dict[str, str]]:
    """`readingOrder {index:0;} structure {type:essay;}` as tags with their properties."""
    found: dict[str, dict[str, str]] = {}
    for tag, properties in CUSTOM.findall(element.get("custom", "")):
        parts = (part.partition(":") for part in properties.split(";") if part.strip())
        found.setdefault(tag, {key.strip(): value.strip() for key, _, value in parts})
    return found


def _number(text: str | None) -> float:
    try:
        return float(text or "-1")
    except ValueError:
        return -1.0
