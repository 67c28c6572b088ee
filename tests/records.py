"""Records for tests that do not care for all of their fields."""

from stages.pages.records import Box, Line

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
