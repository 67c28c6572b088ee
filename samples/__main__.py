"""Make the committed sample pages, or N further varied ones with label maps.

`python -m samples` writes data/pages/ and data/transcriptions/.
`python -m samples --count 40 --out DIR --seed 1` writes DIR/pages, DIR/transcriptions and
DIR/labels (PNG label maps: 0 = none, k = ink of handwritten line k).
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from samples.answers import read_answers
from samples.compose import SamplePage, compose
from samples.style import STYLES, random_style
from samples.vary import recombine
from stages.errors import UserError
from stages.pages.transcriptions import write_transcription
from stages.running.runner import run_command

SEED = 20_240
JPEG_QUALITY = 82
ROOM_FOR_INSERTIONS = 2.8
DATA = Path("data")
PARTS = ("pages", "transcriptions", "labels")
VARIED = "varied-"


def sample_pages() -> Iterator[tuple[str, SamplePage]]:
    """The committed pages by file name, in order."""
    for number, answer in enumerate(read_answers()):
        style = STYLES[answer.page]
        suffix = "jpg" if style.jpeg else "png"
        page = compose(answer, style, np.random.default_rng((SEED, number)))
        yield f"{answer.page}.{suffix}", page


def varied_pages(count: int, seed: int) -> Iterator[tuple[str, SamplePage]]:
    """`count` further pages of all styles by file name; page n depends on `seed` and n alone."""
    answers = read_answers()
    for number in range(1, count + 1):
        rng = np.random.default_rng((seed, number))
        style = random_style(rng)
        answer = recombine(answers, rng, insertions=style.pitch > ROOM_FOR_INSERTIONS)
        yield f"{VARIED}{number:04d}.png", compose(answer, style, rng)


def save_image(page: SamplePage, path: Path) -> None:
    """Write the scan in the format that the path's suffix names."""
    image = Image.fromarray(page.pixels)
    if path.suffix == ".jpg":
        image.save(path, quality=JPEG_QUALITY, dpi=(200, 200))
    else:
        image.save(path, dpi=(200, 200))


def save(name: str, page: SamplePage, out: Path, with_labels: bool) -> None:
    """Write a page below `out`: pages/, transcriptions/ and, if asked, labels/."""
    folders = [out / "pages", out / "transcriptions"] + [out / "labels"] * with_labels
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    stem = Path(name).stem
    save_image(page, out / "pages" / name)
    write_transcription(out / "transcriptions" / f"{stem}.yaml", page.transcription)
    if with_labels:
        Image.fromarray(page.label_map).save(out / "labels" / f"{stem}.png")


def make(count: int | None, seed: int, out: Path, with_labels: bool) -> None:
    """Write `count` varied pages, or the committed ones for None.

    Raises:
        UserError: a file lies where a folder should, or something cannot be written.
    """
    for place in (out, *(out / part for part in PARTS)):
        if place.exists() and not place.is_dir():
            raise UserError(f"{place}: is a file; name another folder with --out")
    pages = sample_pages() if count is None else varied_pages(count, seed)
    total = len(STYLES) if count is None else count
    for name, page in tqdm(pages, total=total, desc="pages", unit="page", disable=None):
        save(name, page, out, with_labels or count is not None)
    if count is not None:
        remove_beyond(count, out)


def remove_beyond(count: int, out: Path) -> None:
    """Remove the varied pages that an earlier call with a larger count left in `out`."""
    names = {f"{VARIED}{number:04d}" for number in range(1, count + 1)}
    for folder in PARTS:
        for path in (out / folder).glob(f"{VARIED}*"):
            if path.stem not in names and path.stem.removeprefix(VARIED).isdecimal():
                path.unlink()


def main() -> None:
    """Parse the command line and write the pages it asks for."""
    parser = argparse.ArgumentParser(prog="python -m samples", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--count", type=int, help="make this many varied pages instead")
    parser.add_argument("--out", type=Path, default=DATA, help="folder (default: %(default)s)")
    parser.add_argument("--seed", type=int, help="of the varied pages (default: 0)")
    parser.add_argument("--labels", action="store_true", help="also for the sample pages")
    given = parser.parse_args()
    if given.count is not None and given.out == DATA:
        parser.error("--count needs --out: data/ holds the committed pages")
    if given.count is not None and given.count < 1:
        parser.error("--count: give a number of pages, at least 1")
    if given.seed is not None and given.count is None:
        parser.error("--seed needs --count: the committed pages have a seed of their own")
    if given.seed is not None and given.seed < 0:
        parser.error("--seed: at least 0")
    run_command("samples", lambda: make(given.count, given.seed or 0, given.out, given.labels))


if __name__ == "__main__":
    main()
