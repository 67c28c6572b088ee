"""Sheets as a Label Studio project: its labelling interface, and tasks with pre-annotations."""

from typing import Any

from lxml import etree

from exchange.sheets import BLANK, FIELDS, Region, Sheet, TextLine

IMAGE = "image"
POLYGON = "line"
TEXT = "transcription"
COLOURS = ("#b35806", "#1b7837", "#2166ac", "#762a83")


def labelling_interface() -> str:
    """The project's XML configuration: polygons labelled by field, with a text field each."""
    view = etree.Element("View")
    etree.SubElement(view, "Image", name=IMAGE, value="$image", zoom="true", zoomControl="true")
    labels = etree.SubElement(
        view, "PolygonLabels", name=POLYGON, toName=IMAGE, strokeWidth="2", opacity="0.1"
    )
    for field, colour in zip(FIELDS, COLOURS, strict=True):
        etree.SubElement(labels, "Label", value=field, background=colour)
    etree.SubElement(
        view,
        "TextArea",
        name=TEXT,
        toName=IMAGE,
        perRegion="true",
        editable="true",
        maxSubmissions="1",
        rows="1",
        placeholder="What is written on this line",
        displayMode="region-list",
    )
    return str(etree.tostring(view, pretty_print=True, encoding="unicode"))


def task(sheet: Sheet, image_url: str) -> dict[str, Any]:
    """A page as a task; its lines and their texts are a prediction, to be corrected."""
    results = [
        result
        for region in sheet.regions
        for line in region.lines
        for result in _results(sheet, region, line)
    ]
    sure = [
        line.confidence
        for region in sheet.regions
        for line in region.lines
        if line.confidence is not None
    ]
    prediction: dict[str, Any] = {"model_version": sheet.provenance, "result": results}
    if sure:
        prediction["score"] = round(sum(sure) / len(sure), 3)
    return {
        "data": {IMAGE: image_url, "page": sheet.page, "source": sheet.source},
        "predictions": [prediction],
    }


def _results(sheet: Sheet, region: Region, line: TextLine) -> list[dict[str, Any]]:
    """The line's polygon, in percent of the image's sides, and its text under the same id."""
    shape = {
        "points": [
            [round(100 * x / sheet.width, 4), round(100 * y / sheet.height, 4)]
            for x, y in line.polygon
        ],
        "closed": True,
    }
    common = {
        "id": line.id,
        "to_name": IMAGE,
        "original_width": sheet.width,
        "original_height": sheet.height,
        "image_rotation": 0,
    }
    polygon = {
        **common,
        "from_name": POLYGON,
        "type": "polygonlabels",
        "value": {**shape, "polygonlabels": [region.field]},
    }
    if region.blank:
        polygon["meta"] = {"text": [BLANK]}
    if line.text is None:
        return [polygon]
    text = {
        **common,
        "from_name": TEXT,
        "type": "textarea",
        "value": {**shape, "text": [line.text]},
    }
    return [polygon, text]
