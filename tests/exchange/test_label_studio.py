import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from lxml import etree

from exchange.found import Found, transcription_of
from exchange.label_studio import labelling_interface, task
from exchange.read_label_studio import read_label_studio
from stages.errors import UserError
from stages.pages.records import Transcription
from tests.exchange.pages import HEIGHT, READ, WIDTH, expected, page_of, sheet_of
from tests.typed import transcriptions


def submitted(truth: Transcription | None = None) -> dict[str, Any]:
    """A task whose prediction was submitted as it is, as Label Studio exports it."""
    exported = task(sheet_of(page_of(truth)), "/data/local-files/?d=out/images/page.png")
    results = deepcopy(exported["predictions"][0]["result"])
    annotation = {"id": 1, "was_cancelled": False, "ground_truth": False, "result": results}
    return {"id": 7, "annotations": [annotation], **exported}


def read(path: Path, *tasks: dict[str, Any]) -> list[Found]:
    path.write_text(json.dumps(tasks, ensure_ascii=False), encoding="utf-8")
    return read_label_studio(path)


@settings(deadline=None, max_examples=40)
@given(truth=transcriptions())
def test_export_and_import_lose_nothing(
    tmp_path_factory: pytest.TempPathFactory, truth: Transcription
) -> None:
    path = tmp_path_factory.getbasetemp() / "export.json"
    (found,) = read(path, submitted(truth))
    assert found.names == ["page", "page.png"]
    assert transcription_of(found) == expected(page_of(truth))


def test_a_line_typed_where_nothing_was_said_to_be_printed_counts(tmp_path: Path) -> None:
    done = submitted(Transcription(topic="", essay=READ))
    path = tmp_path / "export.json"
    assert transcription_of(*read(path, done)).topic == ""
    results = done["annotations"][0]["result"]
    line = next(result for result in results if result["id"] == "topic-001")
    typed = line | {"type": "textarea", "value": {**line["value"], "text": ["A topic?"]}}
    results.append(typed)
    assert transcription_of(*read(path, done)).topic == "A topic?"


def test_points_are_percent_of_the_image() -> None:
    sheet = sheet_of(page_of())
    results = task(sheet, "x")["predictions"][0]["result"]
    polygons = {r["id"]: r["value"]["points"] for r in results if r["type"] == "polygonlabels"}
    lines = {line.id: line.polygon for region in sheet.regions for line in region.lines}
    assert polygons.keys() == lines.keys()
    for name, points in polygons.items():
        back = [(round(x * WIDTH / 100), round(y * HEIGHT / 100)) for x, y in points]
        assert back == lines[name]


def test_the_interface_has_the_names_that_the_results_use() -> None:
    view = etree.fromstring(labelling_interface())
    tags = {tag.get("name"): tag for tag in view.iter() if tag.get("name")}
    labels = {label.get("value") for label in view.iter("Label")}
    for result in submitted()["annotations"][0]["result"]:
        tag = tags[result["from_name"]]
        assert tag.tag.lower() == result["type"]
        assert tag.get("toName") == result["to_name"] in tags
        assert set(result["value"].get("polygonlabels", [])) <= labels


def test_a_line_that_a_person_added_goes_where_it_stands(tmp_path: Path) -> None:
    done = submitted()
    results = done["annotations"][0]["result"]
    lower, upper = (
        next(r["value"]["points"] for r in results if r["id"] == name)
        for name in ("essay-002", "essay-001")
    )
    middle = [[x, (y + other) / 2] for (x, y), (_, other) in zip(upper, lower, strict=True)]
    added = {"id": "q1", "to_name": "image", "origin": "manual"}
    results += [
        {
            **added,
            "type": "polygonlabels",
            "value": {"points": middle, "polygonlabels": ["essay"]},
        },
        {**added, "type": "textarea", "value": {"points": middle, "text": ["between"]}},
    ]
    (found,) = read(tmp_path / "export.json", done)
    assert found.lines["essay"] == [READ[0], "between", READ[1], "they don't like it"]


def test_only_what_people_submitted_counts(tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    untouched = {"id": 8, "annotations": [], **task(sheet_of(page_of()), "x")}
    assert len(read(path, submitted(), untouched)) == 1
    with pytest.raises(UserError, match="no task is annotated"):
        read(path, untouched)
    with pytest.raises(UserError, match="no task is annotated"):
        read(path, task(sheet_of(page_of()), "x"))
    skipped = submitted()
    skipped["annotations"][0]["was_cancelled"] = True
    with pytest.raises(UserError, match="no task is annotated"):
        read(path, skipped)
    twice = submitted()
    twice["annotations"].append(deepcopy(twice["annotations"][0]))
    with pytest.raises(UserError, match=r"task 7: has several annotations"):
        read(path, twice)
    twice["annotations"][1]["ground_truth"] = True
    assert len(read(path, twice)) == 1


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("/data/local-files/?d=out/images/my%20page.png", "my page.png"),
        ("/data/upload/3/1a2b3c4d-page.png", "page.png"),
        ("https://example.org/scans/page.jpg?x=1", "page.jpg"),
        ("https://[example.org/page.jpg", None),
    ],
)
def test_a_task_is_known_by_its_image(tmp_path: Path, image: str, name: str | None) -> None:
    done = submitted()
    done["data"] = {"image": image}
    assert read(tmp_path / "export.json", done)[0].names == ([name] if name else [])


def test_a_text_that_is_no_list_is_one_text(tmp_path: Path) -> None:
    done = submitted()
    texts = [r["value"] for r in done["annotations"][0]["result"] if r["type"] == "textarea"]
    for value in texts:
        (value["text"],) = value["text"]
    (found,) = read(tmp_path / "export.json", done)
    assert transcription_of(found) == expected(page_of())


def test_what_other_controls_say_is_no_line_and_no_label(tmp_path: Path) -> None:
    done = submitted()
    results = done["annotations"][0]["result"]
    first = next(result for result in results if result["id"] == "topic-001")
    (before,) = read(tmp_path / "export.json", done)
    results += [
        {"id": "a", "from_name": "notes", "type": "textarea", "value": {"text": ["a note"]}},
        {"id": "b", "from_name": "quality", "type": "choices", "value": {"choices": ["poor"]}},
        {"id": "c", "from_name": "stars", "type": "rating", "value": {"rating": 3}},
        {**first, "type": "choices", "value": {**first["value"], "choices": ["poor"]}},
    ]
    (found,) = read(tmp_path / "export.json", done)
    assert found.lines == before.lines


def test_a_line_whose_label_is_no_field_counts_as_handwriting_and_is_told(tmp_path: Path) -> None:
    done = submitted()
    results = done["annotations"][0]["result"]
    (before,) = read(tmp_path / "export.json", done)
    assert list(before.guessed) == []
    for result in results:
        if result["id"] == "topic-001" and "polygonlabels" in result["value"]:
            result["value"]["polygonlabels"] = ["Heading"]
    (found,) = read(tmp_path / "export.json", done)
    assert found.guessed == ["Heading"]
    assert len(found.lines["essay"]) == len(before.lines["essay"]) + 1


def test_a_rectangle_is_a_line_too(tmp_path: Path) -> None:
    shape = {"x": 1, "y": 2, "width": 3, "height": 4}
    done = submitted()
    done["annotations"][0]["result"] = [
        {"id": "a", "type": "rectanglelabels", "value": {**shape, "rectanglelabels": ["topic"]}},
        {"id": "a", "type": "textarea", "value": {"text": ["Print"]}},
    ]
    assert read(tmp_path / "export.json", done)[0].lines["topic"] == ["Print"]


@pytest.mark.parametrize(
    "shape",
    [
        {"points": []},
        {"points": [[1]]},
        {"points": [[1, 10**400]]},
        {"x": 1, "y": 10**400, "height": 1},
        {"x": 1, "y": "2"},
    ],
)
def test_a_region_that_stands_nowhere_is_named_in_one_line(
    tmp_path: Path, shape: dict[str, Any]
) -> None:
    done = submitted()
    done["annotations"][0]["result"].append({"id": "q1", "type": "polygon", "value": shape})
    said = r"export\.json, task 7, region 'q1': .* draw it anew or delete it, then export again$"
    with pytest.raises(UserError, match=said) as caught:
        read(tmp_path / "export.json", done)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no JSON"),
        (f"[{'9' * 5000}]", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("3", "no export of tasks"),
        ('[{"image": "x", "transcription": ["a"]}]', "no export of tasks"),
        ('[{"data": {}, "annotations": [{"result": [{"value": 3}]}]}]', "no export of tasks"),
    ],
)
def test_other_files_are_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "export.json"
    path.write_text(text)
    with pytest.raises(UserError, match=said) as caught:
        read_label_studio(path)
    assert "\n" not in str(caught.value)
