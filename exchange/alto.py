"""A sheet as ALTO 4.2 (Library of Congress), the newest version that eScriptorium knows by name.

A line is one `String`, as eScriptorium writes it, so that no space in its text is lost.
"""

from collections.abc import Sequence
from typing import Any

from exchange import xml
from exchange.page_xml import CREATOR
from exchange.sheets import Region, Sheet, TextLine
from stages.pages.records import Point

NAMESPACE = "http://www.loc.gov/standards/alto/ns-v4#"
SCHEMA = "http://www.loc.gov/standards/alto/v4/alto-4-2.xsd"


def alto(sheet: Sheet) -> bytes:
    """The sheet as an ALTO document."""
    root = xml.root("alto", NAMESPACE, SCHEMA, {"SCHEMAVERSION": "4.2"})
    description = xml.child(root, "Description")
    xml.child(description, "MeasurementUnit", "pixel")
    information = xml.child(description, "sourceImageInformation")
    xml.child(information, "fileName", sheet.image)
    processing = xml.child(description, "Processing", ID="text")
    xml.child(processing, "processingStepDescription", sheet.provenance)
    software = xml.child(processing, "processingSoftware")
    xml.child(software, "softwareName", CREATOR)
    tags = xml.child(root, "Tags")
    for region in sheet.regions:
        xml.child(tags, "OtherTag", ID=f"type-{region.field}", LABEL=region.field, TYPE="region")
    size = {"HPOS": 0, "VPOS": 0, "WIDTH": sheet.width, "HEIGHT": sheet.height}
    page = xml.child(
        xml.child(root, "Layout"),
        "Page",
        ID="page",
        PHYSICAL_IMG_NR=1,
        WIDTH=sheet.width,
        HEIGHT=sheet.height,
    )
    space = xml.child(page, "PrintSpace", **size)
    for region in sheet.regions:
        _block(space, region)
    return xml.to_bytes(root)


def _block(space: Any, region: Region) -> None:
    block = xml.child(
        space,
        "TextBlock",
        ID=region.field,
        TAGREFS=f"type-{region.field}",
        **_extent(region.polygon),
    )
    _shape(block, region.polygon)
    for line in region.lines:
        _line(block, line)


def _line(block: Any, line: TextLine) -> None:
    extent = _extent(line.polygon)
    baseline = xml.pairs(line.baseline, " ")
    element = xml.child(block, "TextLine", ID=line.id, BASELINE=baseline, **extent)
    _shape(element, line.polygon)
    string = xml.child(element, "String", CONTENT=line.text or "", **extent)
    if line.confidence is not None:
        string.set("WC", str(line.confidence))


def _shape(element: Any, polygon: Sequence[Point]) -> None:
    xml.child(xml.child(element, "Shape"), "Polygon", POINTS=xml.pairs(polygon, " "))


def _extent(polygon: Sequence[Point]) -> dict[str, int]:
    xs, ys = [x for x, _ in polygon], [y for _, y in polygon]
    return {
        "HPOS": min(xs),
        "VPOS": min(ys),
        "WIDTH": max(xs) - min(xs) + 1,
        "HEIGHT": max(ys) - min(ys) + 1,
    }
