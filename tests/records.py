"""Records for tests that do not care for all of their fields."""

from stages.pages.records import Box, Layout, Line

BOX = Box(left=0, top=0, right=9, bottom=9)


def make_line(crop: str, ink: int, box: Box = BOX) -> Line:
    """A level line that fills its box."""
    left, top, right, bottom = box.corners
    return Line(
        box=box,
        crop=crop,
        ink=ink,
        polygon=[(left, top), (right, top), (right, bottom), (left, bottom)],
        baseline=[(left, bottom), (right, bottom)],
        slope=0.0,
        height=box.height,
        flags=[],
    )


def make_layout(page: str, region: Box) -> Layout:
    """A page of which nothing printed was found."""
    return Layout(
        page=page,
        source=f"{page}.png",
        width=region.right,
        height=region.bottom,
        rotation_degrees=0,
        anchors=[],
        region=region,
        topic=None,
        test=None,
        test_confidence=None,
        band=None,
        band_confidence=None,
        comment=None,
        words=[],
        fallbacks=[],
    )
