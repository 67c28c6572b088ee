from io import BytesIO
from pathlib import Path

import pytest
from htrvx.schemas import Validator
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from exchange.alto import alto
from exchange.found import transcription_of
from exchange.page_xml import page_xml
from exchange.read_page_xml import read_page_xml
from stages.pages.records import Transcription
from tests.exchange.pages import READ, expected, page_of, sheet_of
from tests.typed import transcriptions

PAGE, ALTO = Validator("page"), Validator("alto")


def check(validator: Validator, document: bytes) -> etree._ElementTree:
    tree = etree.parse(BytesIO(document))
    assert validator.validate(tree), validator.xmlschema.error_log
    return tree


@settings(deadline=None, max_examples=60)
@given(
    truth=transcriptions(),
    printed=st.booleans(),
    read=st.lists(st.sampled_from([*READ, "x", ""]), max_size=5),
)
def test_export_and_import_lose_nothing(
    tmp_path_factory: pytest.TempPathFactory, truth: Transcription, printed: bool, read: list[str]
) -> None:
    page = page_of(truth, printed, [text for text in read if text])
    document = page_xml(sheet_of(page))
    check(PAGE, document)
    path = tmp_path_factory.getbasetemp() / "page.xml"
    path.write_bytes(document)
    (found,) = read_page_xml(path)
    assert found.names == ["page.png", "page.xml"]
    assert transcription_of(found) == expected(page)


@settings(deadline=None, max_examples=30)
@given(truth=transcriptions(), printed=st.booleans())
def test_alto_is_valid_and_holds_every_line(truth: Transcription, printed: bool) -> None:
    sheet = sheet_of(page_of(truth, printed))
    tree = check(ALTO, alto(sheet))
    contents = [string.get("CONTENT") for string in tree.iter("{*}String")]
    lines = [line for region in sheet.regions for line in region.lines]
    assert contents == [line.text or "" for line in lines]
    labels = {tag.get("ID"): tag.get("LABEL") for tag in tree.iter("{*}OtherTag")}
    blocks = [labels[block.get("TAGREFS")] for block in tree.iter("{*}TextBlock")]
    assert blocks == [region.field for region in sheet.regions]
    points = [polygon.get("POINTS") for polygon in tree.findall(".//{*}TextLine//{*}Polygon")]
    assert points == [" ".join(f"{x} {y}" for x, y in line.polygon) for line in lines]
    assert tree.findtext(".//{*}fileName") == "page.png"
    assert tree.findtext(".//{*}MeasurementUnit") == "pixel"


def test_page_xml_is_as_escriptorium_reads_it() -> None:
    """Its parser joins all TextEquiv of a line, believes a region's `type` before its `custom`, and
    wants the structure's type last there."""
    tree = check(PAGE, page_xml(sheet_of(page_of(), "raw")))
    lines = tree.findall(".//{*}TextLine")
    assert all(len(line.findall("{*}TextEquiv")) == 1 for line in lines)
    assert all(line.find("{*}Baseline") is not None for line in lines)
    for region in tree.iter("{*}TextRegion"):
        assert region.get("custom").endswith(f"structure {{type:{region.get('id')};}}")
        assert region.get("type") is None
    essay = tree.find(".//{*}TextRegion[@id='essay']")
    assert essay.find("{*}TextLine/{*}TextEquiv").get("conf") == "0.779"
    assert "raw" in tree.findtext(".//{*}Comments")
    order = [reference.get("regionRef") for reference in tree.iter("{*}RegionRefIndexed")]
    assert order == ["topic", "band", "essay", "examiner_comment"]


def test_an_estimated_line_says_so(tmp_path: Path) -> None:
    document = page_xml(sheet_of(page_of(Transcription(essay=[*READ, "one more"]))))
    estimated = check(PAGE, document).findall(".//{*}TextLine[@comments]")
    assert [line.get("id") for line in estimated] == ["essay-004"]


def test_a_line_typed_where_nothing_was_said_to_be_printed_counts(tmp_path: Path) -> None:
    document = page_xml(sheet_of(page_of(Transcription(topic="", essay=READ)))).decode()
    path = tmp_path / "page.xml"
    path.write_text(document)
    assert transcription_of(*read_page_xml(path)).topic == ""
    place = document.index("</TextLine>", document.index('id="topic-001"'))
    typed = "<TextEquiv><Unicode>A topic?</Unicode></TextEquiv>"
    path.write_text(document[:place] + typed + document[place:])
    assert transcription_of(*read_page_xml(path)).topic == "A topic?"


def test_the_edition_for_transkribus_differs_in_name_and_metadata_alone(tmp_path: Path) -> None:
    sheet = sheet_of(page_of())
    old = page_xml(sheet, "2013-07-15")
    lines = page_xml(sheet).decode().replace("2019-07-15", "2013-07-15").splitlines()
    assert old.decode().splitlines() == [line for line in lines if "<MetadataItem" not in line]
    (tmp_path / "page.xml").write_bytes(old)
    (found,) = read_page_xml(tmp_path / "page.xml")
    assert transcription_of(found) == expected(page_of())
