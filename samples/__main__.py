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
from stages.pages.transcriptions import write_transcription

SEED = 20_240
JPEG_QUALITY = 82
ROOM_FOR_INSERTIONS = 2.8
DATA = Path("data")


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
        yield f"varied-{number:04d}.png", compose(answer, style, rng)


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


def main() -> None:
    """Parse the command line and write the pages it asks for."""
    parser = argparse.ArgumentParser(prog="python -m samples", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--count", type=int, help="make this many varied pages instead")
    parser.add_argument("--out", type=Path, default=DATA, help="folder (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the varied pages")
    parser.add_argument("--labels", action="store_true", help="also for the sample pages")
    given = parser.parse_args()
    if given.count is not None and given.out == DATA:
        parser.error("--count needs --out: data/ holds the committed pages")
    if given.count is not None and given.count < 1:
        parser.error("--count: give a number of pages, at least 1")
    varied = given.count is not None
    pages = varied_pages(given.count, given.seed) if varied else sample_pages()
    total = given.count if varied else len(STYLES)
    for name, page in tqdm(pages, total=total, desc="pages", unit="page", disable=None):
        save(name, page, given.out, varied or given.labels)


if __name__ == "__main__":
    main()
