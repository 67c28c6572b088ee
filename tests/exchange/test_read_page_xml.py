from pathlib import Path

import pytest

from exchange.found import Found, transcription_of
from exchange.read_page_xml import read_page_xml
from stages.errors import UserError

NAMESPACE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/"

# In the form of Transkribus's exports: namespace of 2013, its own metadata, custom tags, region
# order in ReadingOrder, words beside the line's text, and the region's text repeated.
TRANSKRIBUS = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<PcGts xmlns="{NAMESPACE}2013-07-15">
  <Metadata>
    <Creator>prov=READ-COOP:name=PyLaia@TranskribusPlatform:version=2.0</Creator>
    <Created>2024-03-01T10:00:00.000+01:00</Created>
    <LastChange>2024-03-02T10:00:00.000+01:00</LastChange>
    <TranskribusMetadata docId="1" pageId="2" pageNr="1" tsid="3" status="GT" userId="4"/>
  </Metadata>
  <Page imageFilename="0007_my page.jpg" imageWidth="1000" imageHeight="1400">
    <ReadingOrder>
      <OrderedGroup id="ro_1" caption="Regions reading order">
        <RegionRefIndexed index="1" regionRef="r1"/>
        <RegionRefIndexed index="0" regionRef="r2"/>
      </OrderedGroup>
    </ReadingOrder>
    <TextRegion id="r1" custom="readingOrder {{index:1;}}">
      <Coords points="0,300 999,300 999,900 0,900"/>
      <TextLine id="r1l2" custom="readingOrder {{index:1;}}">
        <Coords points="0,400 9,400 9,450"/><Baseline points="0,440 9,440"/>
        <TextEquiv><Unicode>lives in a city</Unicode></TextEquiv>
      </TextLine>
      <TextLine id="r1l1" custom="readingOrder {{index:0;}} unclear {{offset:4; length:1;}}">
        <Coords points="0,300 9,300 9,350"/><Baseline points="0,340 9,340"/>
        <Word id="w1"><Coords points="0,300 9,300 9,350"/>
          <TextEquiv><Unicode>Now</Unicode></TextEquiv></Word>
        <TextEquiv><Unicode>Now a days &amp; many</Unicode></TextEquiv>
      </TextLine>
      <TextEquiv><Unicode>Now a days &amp; many
lives in a city</Unicode></TextEquiv>
    </TextRegion>
    <TextRegion type="heading" id="r2" custom="readingOrder {{index:0;}} structure {{type:topic;}}">
      <Coords points="0,0 999,0 999,200"/>
      <TextLine id="r2l1" custom="readingOrder {{index:0;}}">
        <Coords points="0,0 9,0 9,50"/>
        <TextEquiv><Unicode>Some people think that this develop-</Unicode></TextEquiv>
      </TextLine>
      <TextLine id="r2l2" custom="readingOrder {{index:1;}}">
        <Coords points="0,50 9,50 9,90"/>
        <TextEquiv><Unicode>ment is good.</Unicode></TextEquiv>
      </TextLine>
    </TextRegion>
  </Page>
</PcGts>
"""

# In the form of eScriptorium's export template: no reading order, types in custom, lines without a
# region in a dummy one, untyped lines with an empty text.
ESCRIPTORIUM = f"""<?xml version="1.0" encoding="UTF-8"  standalone="yes"?>
<PcGts xmlns="{NAMESPACE}2019-07-15">
  <Metadata><Creator>escriptorium</Creator><Created>2024-01-01T00:00:00+00:00</Created>
  <LastChange>2024-01-01T00:00:00+00:00</LastChange></Metadata>
  <Page imageFilename="page.png" imageWidth="1000" imageHeight="1400">
    <TextRegion id="band"  custom="structure {{type:caption;}}">
      <Coords points="0,0 9,0 9,9"/>
      <TextLine id="band-001" ><Coords points="0,0 9,0 9,9"/><Baseline points="0,9 9,9"/>
        <TextEquiv><Unicode>... who achieved a Band 7,5 score.</Unicode></TextEquiv></TextLine>
    </TextRegion>
    <TextRegion id="eSc_textblock_1a2b"  custom="structure {{type:Main;}}">
      <Coords points="0,0 9,0 9,9"/>
      <TextLine id="eSc_line_1" ><Coords points="0,0 9,0 9,9"/>
        <TextEquiv conf="0.9"><Unicode>first</Unicode></TextEquiv></TextLine>
      <TextLine id="eSc_line_2" ><Coords points="0,0 9,0 9,9"/>
        <TextEquiv><Unicode></Unicode></TextEquiv></TextLine>
    </TextRegion>
    <TextRegion id="eSc_textblock_2"  custom="structure {{type:comment;}}">
      <Coords points="0,0 9,0 9,9"/>
      <TextLine id="eSc_line_4" ><Coords points="0,0 9,0 9,9"/>
        <TextEquiv><Unicode>Relevant.</Unicode></TextEquiv></TextLine>
    </TextRegion>
    <TextRegion id="eSc_dummyblock_">
      <Coords points="0,0 0,0"/>
      <TextLine id="eSc_line_3" ><Coords points="0,0 9,0 9,9"/>
        <TextEquiv><Unicode>second</Unicode></TextEquiv></TextLine>
    </TextRegion>
  </Page>
</PcGts>
"""


def read(tmp_path: Path, text: str) -> Found:
    path = tmp_path / "file.xml"
    path.write_text(text, encoding="utf-8")
    (found,) = read_page_xml(path)
    return found


def page(regions: str, order: str = "") -> str:
    return (
        f'<PcGts xmlns="{NAMESPACE}2019-07-15"><Metadata/><Page imageFilename="page.png">'
        f"{order}{regions}</Page></PcGts>"
    )


def line(*equivalents: str) -> str:
    return f"<TextLine>{''.join(equivalents)}</TextLine>"


def equivalent(text: str, **attributes: str) -> str:
    given = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<TextEquiv{given}><Unicode>{text}</Unicode></TextEquiv>"


def test_transkribus_lines_follow_their_order_and_structure(tmp_path: Path) -> None:
    found = read(tmp_path, TRANSKRIBUS)
    assert found.names == ["0007_my page.jpg", "file.xml"]
    typed = transcription_of(found)
    assert typed.essay == ["Now a days & many", "lives in a city"]
    assert typed.topic == "Some people think that this development is good."
    assert typed.band is None
    assert typed.examiner_comment is None


def test_escriptorium_regions_are_known_by_name_or_taken_for_handwriting(tmp_path: Path) -> None:
    found = read(tmp_path, ESCRIPTORIUM)
    assert found.untyped == 1
    typed = transcription_of(found)
    assert typed.essay == ["first", "second"]
    assert found.guessed == ["eSc_textblock_1a2b", "eSc_dummyblock_"]
    assert typed.band == 7.5
    assert typed.examiner_comment == "Relevant."


def test_of_several_texts_the_lowest_index_counts(tmp_path: Path) -> None:
    lines = (
        line(equivalent("second best", index="1"), equivalent("best", index="0"))
        + line(equivalent("old", index="5"), equivalent("no index"))
        + line(equivalent("", index="0"), equivalent("rejected", index="1"))
    )
    found = read(tmp_path, page(f'<TextRegion id="r">{lines}</TextRegion>'))
    assert found.lines["essay"] == ["best", "no index", None]


def test_words_and_regions_without_lines_give_their_text(tmp_path: Path) -> None:
    words = "".join(f"<Word>{equivalent(word)}</Word>" for word in ("one", "two"))
    regions = (
        f'<TextRegion id="a">{line(words)}</TextRegion>'
        f'<TextRegion id="b">{equivalent("three&#10;four")}</TextRegion>'
    )
    assert read(tmp_path, page(regions)).lines["essay"] == ["one two", "three", "four"]


def test_nested_reading_order_and_regions_left_out_of_it(tmp_path: Path) -> None:
    regions = "".join(
        f'<TextRegion id="{name}">{line(equivalent(name))}</TextRegion>' for name in "abcd"
    )
    order = (
        '<ReadingOrder><OrderedGroup id="g"><RegionRefIndexed index="1" regionRef="b"/>'
        '<UnorderedGroupIndexed index="0" id="h"><RegionRef regionRef="d"/></UnorderedGroupIndexed>'
        '<RegionRefIndexed index="2" regionRef="a"/></OrderedGroup></ReadingOrder>'
    )
    assert read(tmp_path, page(regions, order)).lines["essay"] == ["d", "b", "a", "c"]


def region(name: str, content: str, **attributes: str) -> str:
    given = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f'<TextRegion id="{name}"{given}>{content}</TextRegion>'


def reading_order(*names: str) -> str:
    references = "".join(
        f'<RegionRefIndexed index="{index}" regionRef="{name}"/>'
        for index, name in enumerate(names)
    )
    return f'<ReadingOrder><OrderedGroup id="g">{references}</OrderedGroup></ReadingOrder>'


def test_a_region_in_another_follows_it_and_is_of_its_field(tmp_path: Path) -> None:
    part = region("part", line(equivalent("of its print")))
    inner = region("inner", part + line(equivalent("more")), type="paragraph")
    answer = region("answer", line(equivalent("an answer")), type="essay")
    regions = region("top", inner + answer + line(equivalent("Print")), type="topic")
    regions += region("last", line(equivalent("the end")))
    found = read(tmp_path, page(regions, reading_order("last", "top")))
    assert found.lines["topic"] == ["Print", "more", "of its print"]
    assert found.lines["essay"] == ["the end", "an answer"]


def test_a_region_in_another_may_have_a_place_of_its_own(tmp_path: Path) -> None:
    inner = "".join(region(name, line(equivalent(name))) for name in "abc")
    regions = region("outer", inner) + region("d", line(equivalent("d")))
    found = read(tmp_path, page(regions, reading_order("c", "outer", "b", "d")))
    assert found.lines["essay"] == ["c", "a", "b", "d"]


def test_a_region_repeats_no_text_of_those_in_it(tmp_path: Path) -> None:
    full = region("full", line(equivalent("one")) + line(equivalent("two")))
    own = region("own", equivalent("three"))
    outer = region("outer", full + own + equivalent("one two three"))
    empty = region("empty", line(equivalent("")))
    alone = region("alone", empty + equivalent("four&#10;five"))
    found = read(tmp_path, page(outer + alone))
    assert found.lines["essay"] == ["one", "two", "three", "four", "five", None]


def test_a_comment_in_a_text_cuts_nothing_off(tmp_path: Path) -> None:
    order = "<ReadingOrder><!-- none --></ReadingOrder>"
    text = equivalent("Now a<!-- sic --> days<?pb n?> many")
    found = read(tmp_path, page(region("r", line(text)), order))
    assert found.lines["essay"] == ["Now a days many"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<alto xmlns='http://www.loc.gov/standards/alto/ns-v4#'/>", "no PAGE-XML"),
        ("<PcGts/>", "no PAGE-XML"),
        (f"<PcGts xmlns='{NAMESPACE}2019-07-15'/>", "holds 0 pages"),
    ],
)
def test_other_documents_are_told_apart(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UserError, match=said) as caught:
        read(tmp_path, text)
    assert "\n" not in str(caught.value)


def test_the_list_of_pages_that_lies_beside_them_is_no_page(tmp_path: Path) -> None:
    path = tmp_path / "METS.xml"
    path.write_text('<mets:mets xmlns:mets="http://www.loc.gov/METS/"/>')
    assert read_page_xml(path) == []


def test_a_band_that_is_none_is_one_line(tmp_path: Path) -> None:
    for text, said in ("Band 6.3 score", "6.3 score"), ("Band six", "no number"):
        found = read(tmp_path, page(f'<TextRegion id="band">{line(equivalent(text))}</TextRegion>'))
        with pytest.raises(UserError, match=said) as caught:
            transcription_of(found)
        assert "\n" not in str(caught.value)
