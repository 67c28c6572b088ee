"""A project of a few small pages as the recognize stage leaves it."""

import math
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from stages.pages.records import (
    Alternative,
    Anchor,
    Box,
    Candidate,
    CropReading,
    Hypothesis,
    Layout,
    PageLines,
    RawPage,
    Reading,
    Rejection,
    Token,
    Word,
)
from stages.pages.stored import LINES, RAW, REGIONS, REJECTED, write_jsonl, write_record
from tests.records import make_line

ROOT = Path(__file__).parents[2]
HOSTILE = "<img src=x onerror=pwned=1>&\"'"
TOPIC, COMMENT = "Should cats be free?", "A short answer."
LINES_READ = {
    "one": ["A cat sot", "on the met.", "The end"],
    "two": ["Secand page"],
    HOSTILE: [HOSTILE],
}
UNSURE = {"o": (0.5, "a", "e"), "e": (0.9, "a")}


def make_project(root: Path, pages: dict[str, list[str]] = LINES_READ) -> None:
    """Pages of these lines, and one more, `blank`, that was rejected."""
    (root / "data/pages").mkdir(parents=True)
    (root / "params.yaml").write_text((ROOT / "params.yaml").read_text())
    for page, lines in pages.items():
        make_page(root, page, lines)
    Image.new("RGB", (40, 30), "white").save(root / "data/pages/blank.png")
    rejection = Rejection(page="blank", source="blank.png", stage="crop", reason="is blank")
    write_jsonl(root / RAW / REJECTED, [rejection])


def make_page(root: Path, page: str, lines: Sequence[str]) -> None:
    """A page 400 by 600 with its scan, crops, layout, lines and readings."""
    scan = Image.new("RGB", (400, 600), "white")
    boxes = [
        Box(left=20, top=100 + 50 * n, right=380, bottom=140 + 50 * n) for n in range(len(lines))
    ]
    for box, text in zip(boxes, lines, strict=True):
        ImageDraw.Draw(scan).text((box.left, box.top), text, fill="navy")
    scan.save(root / f"data/pages/{page}.png")
    crops = [f"{page.encode().hex()[:8]}{n:04x}" for n in range(len(lines))]
    made = [make_line(crop, 9, box) for crop, box in zip(crops, boxes, strict=True)]
    for line in made:
        folder = root / LINES / page
        folder.mkdir(parents=True, exist_ok=True)
        scan.crop(line.box.corners).save(folder / f"{line.crop}.png")
    source = f"{page}.png"
    candidate = Candidate(name="only", threshold=0.2, lines=made)
    write_record(
        root / LINES / page / "lines.json",
        PageLines(page=page, source=source, candidates=[candidate]),
    )
    write_record(root / REGIONS / page / "layout.json", make_layout(page))
    raw = RawPage(
        page=page,
        source=source,
        checkpoint="tiny",
        selector="likelihood",
        chosen=0,
        scores=[-0.25],
        lines=made,
        readings=[
            CropReading(crop=crop, hypotheses=[read(text), read(text.replace("sot", "sat"))])
            for crop, text in zip(crops, lines, strict=True)
        ],
    )
    write_record(root / RAW / f"{page}.json", raw)


def make_layout(page: str) -> Layout:
    def anchor(name: str, top: int) -> Anchor:
        box = Box(left=20, top=top, right=300, bottom=top + 15)
        return Anchor.model_validate({"name": name, "box": box, "text": name, "similarity": 1})

    return Layout(
        page=page,
        source=f"{page}.png",
        width=400,
        height=600,
        rotation_degrees=0,
        anchors=[anchor("topic", 10), anchor("band", 60), anchor("comment", 500)],
        region=Box(left=0, top=80, right=400, bottom=490),
        topic=Reading(text=TOPIC, confidence=0.9),
        test=None,
        test_confidence=None,
        band=6.5,
        band_confidence=0.9,
        comment=Reading(text=COMMENT, confidence=0.9),
        words=[word("Should", 30), word("free?", 45), word("short", 550)],
        fallbacks=[],
    )


def word(text: str, top: int) -> Word:
    box = Box(left=30, top=top, right=90, bottom=top + 12)
    return Word(text=text, box=box, confidence=0.9, line=0)


def read(text: str) -> Hypothesis:
    """A reading letter by letter that is unsure of every o and e."""
    tokens = []
    for character in text:
        probability, *others = UNSURE.get(character, (1.0,))
        alternatives = [Alternative(text=str(other), logprob=-2) for other in others]
        logprob = round(math.log(float(probability)), 3)
        tokens.append(Token(text=character, logprob=logprob, alternatives=alternatives))
    end = Token(text="", logprob=-0.1)
    return Hypothesis(text=text, score=-0.1, tokens=[*tokens, end])
