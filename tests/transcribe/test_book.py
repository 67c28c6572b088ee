from tests.transcribe.project import make_layout
from transcribe.book import places


def test_print_is_framed_by_its_words() -> None:
    assert places(make_layout("one")) == {
        "topic": (22, 22, 98, 65),
        "band": (12, 52, 308, 83),
        "examiner_comment": (22, 542, 98, 570),
    }


def test_without_anchors_nothing_is_known() -> None:
    assert places(make_layout("one").model_copy(update={"anchors": []})) == {}
