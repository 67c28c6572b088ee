"""A sheet as PAGE-XML (PRImA), in the dialect that eScriptorium and Transkribus share.

eScriptorium joins all `TextEquiv` of a line, believes a region's `type` before its `custom`, and
takes all up to the last `;` there for the type: so there is one `TextEquiv` a line, no `type`, and
`structure` comes last. Transkribus's published reader knows the edition of 2013 alone.
"""

from typing import Any, Literal

from exchange import xml
from exchange.sheets import BLANK, Region, Sheet, TextLine

Edition = Literal["2013-07-15", "2019-07-15"]

FAMILY = "http://schema.primaresearch.org/PAGE/gts/pagecontent"
CREATOR = "answer-sheets"
# The same pages give the same bytes: the schema wants a time, and no clock is asked for it.
NO_TIME = "1970-01-01T00:00:00Z"
ESTIMATED = "no line was found here: its place is worked out from the lines round it"


def page_xml(sheet: Sheet, edition: Edition = "2019-07-15") -> bytes:
    """The sheet as a PAGE-XML document."""
    namespace = f"{FAMILY}/{edition}"
    root = xml.root("PcGts", namespace, f"{namespace}/pagecontent.xsd", {})
    metadata = xml.child(root, "Metadata")
    xml.child(metadata, "Creator", CREATOR)
    xml.child(metadata, "Created", NO_TIME)
    xml.child(metadata, "LastChange", NO_TIME)
    xml.child(metadata, "Comments", sheet.provenance)
    for region in sheet.regions if edition == "2019-07-15" else ():
        xml.child(
            metadata,
            "MetadataItem",
            type="other",
            name=f"text of {region.field}",
            value=region.text_from,
        )
    page = xml.child(
        root, "Page", imageFilename=sheet.image, imageWidth=sheet.width, imageHeight=sheet.height
    )
    if sheet.regions:
        order = xml.child(xml.child(page, "ReadingOrder"), "OrderedGroup", id="reading-order")
        for index, region in enumerate(sheet.regions):
            xml.child(order, "RegionRefIndexed", index=index, regionRef=region.field)
    for index, region in enumerate(sheet.regions):
        _region(page, region, index)
    return xml.to_bytes(root)


def _region(page: Any, region: Region, index: int) -> None:
    element = xml.child(
        page,
        "TextRegion",
        id=region.field,
        custom=f"readingOrder {{index:{index};}} structure {{type:{region.field};}}",
    )
    if region.blank:
        element.set("comments", BLANK)
    xml.child(element, "Coords", points=xml.pairs(region.polygon, ","))
    for number, line in enumerate(region.lines):
        _line(element, line, number)
    if region.texts:
        _text(element, "\n".join(region.texts), None)


def _line(region: Any, line: TextLine, index: int) -> None:
    element = xml.child(region, "TextLine", id=line.id, custom=f"readingOrder {{index:{index};}}")
    if line.estimated:
        element.set("comments", ESTIMATED)
    xml.child(element, "Coords", points=xml.pairs(line.polygon, ","))
    xml.child(element, "Baseline", points=xml.pairs(line.baseline, ","))
    if line.text is not None:
        _text(element, line.text, line.confidence)


def _text(element: Any, text: str, confidence: float | None) -> None:
    equivalent = xml.child(element, "TextEquiv")
    if confidence is not None:
        equivalent.set("conf", str(confidence))
    xml.child(equivalent, "Unicode", text)
