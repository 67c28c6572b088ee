"""The text of PAGE-XML files, of any version and as eScriptorium and Transkribus write them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from exchange import xml
from exchange.found import Found, field_of
from exchange.sheets import BLANK, FIELDS, Field
from stages.errors import UserError

FAMILY = "//schema.primaresearch.org/PAGE/gts/pagecontent/"
CUSTOM = re.compile(r"(\w+)\s*\{([^{}]*)\}")
REGION = "{*}TextRegion"


@dataclass
class Region:
    """A text region, or the page, which is in none.

    Attributes:
        place: in reading order, the same for a region and those in it that have none of their own.
        outer: the region that it is in, or the page.
        guessed: neither it nor a region round it says what it is.
        texts: of its lines, or its own where no line or region in it has one.
        filled: it has a text, or a region in it has.
        blank: it says that nothing stands in it.
    """

    field: Field
    place: int
    outer: "Region | None"
    texts: list[str | None]
    name: str = ""
    guessed: bool = False
    filled: bool = False
    blank: bool = False


def read_page_xml(path: Path) -> list[Found]:
    """The page in a file; none for a METS file, which lists pages and lies beside them in exports.

    Regions are taken in reading order, those that it leaves out after them, or after the region
    that they are in; lines as they stand, or by `custom="readingOrder {index:n;}"` where all lines
    of a region have it. A line's text is its `TextEquiv` with the lowest index, else that of its
    words; a region without lines, and without regions with text in it, gives its own text line by
    line. A region's field is its structure type in `custom`, its id, or its type, by the names in
    `exchange.sheets.FIELDS`; others are of the field of the region that they are in, or
    handwriting.

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
    regions = _regions(page)
    for region in regions:
        lines[region.field] += region.texts
    guessed = [region.name for region in regions if region.guessed and any(region.texts)]
    blank = {region.field for region in regions if region.blank}
    names = [page.get("imageFilename", ""), path.name]
    return [Found(str(path), [name for name in names if name], lines, guessed, blank)]


def _regions(page: Any) -> list[Region]:
    """The text regions in reading order; those without a place follow the region they are in."""
    ranks = _ranks(page.find("{*}ReadingOrder"))
    whole = Region("essay", len(ranks), outer=None, texts=[], guessed=True)
    regions: dict[Any, Region] = {}
    for element in page.iter(REGION):
        outer = regions.get(next(element.iterancestors(REGION), None), whole)
        structure, name = _custom(element).get("structure", {}).get("type"), element.get("id", "")
        known = field_of(structure, name, element.get("type"))
        regions[element] = Region(
            field=known or outer.field,
            place=ranks.get(name, outer.place),
            outer=outer,
            texts=_line_texts(element),
            name=name,
            guessed=outer.guessed and known is None,
            blank=element.get("comments") == BLANK,
        )
    for element, region in reversed(regions.items()):
        if not region.texts and not region.filled:
            region.texts += (_text(element) or "").splitlines()
        region.filled |= any(region.texts)
        if region.outer:
            region.outer.filled |= region.filled
    return sorted(regions.values(), key=lambda region: region.place)


def _ranks(order: Any) -> dict[str, int]:
    """The regions' places in reading order, by id; none without a reading order."""
    ranks: dict[str, int] = {}
    for reference in _references(order) if order is not None else ():
        ranks.setdefault(reference, len(ranks))
    return ranks


def _references(group: Any) -> Iterator[str]:
    """Region ids of a group and the groups in it, by their indices where they have some."""
    members = list(group)
    if etree.QName(group).localname != "ReadingOrder":
        members.sort(key=lambda member: _number(member.get("index")))
    for member in members:
        if reference := member.get("regionRef"):
            yield reference
        yield from _references(member)


def _line_texts(region: Any) -> list[str | None]:
    lines = region.findall("{*}TextLine")
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
