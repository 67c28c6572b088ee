"""The handwriting fonts: which, under which licence, and where they lie.

The held-out families are the sample pages' and lie in Git with them; `python -m training.fonts`
downloads every other family of `fonts.yaml` that is not yet in the cache.
"""

import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from fontTools.ttLib import TTFont
from tqdm import tqdm

from stages.errors import UserError

Split = Literal["train", "held_out"]

FONT_LIST = Path(__file__).with_name("fonts.yaml")
CACHE = Path(".cache/fonts")
HELD_OUT = Path("samples/fonts")

LICENSE_MARKS = {
    "OFL-1.1": ("SIL Open Font License, Version 1.1", "SIL OPEN FONT LICENSE Version 1.1"),
    "Apache-2.0": ("Apache License",),
}

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
ESSENTIAL = LETTERS + ".,;:!?'\"()-"
PRINTABLE = "".join(chr(code) for code in range(32, 127))


@dataclass(frozen=True)
class Family:
    """One font family of the list: its npm package is `@fontsource/<family>`."""

    family: str
    version: str
    license: str
    weight: int
    split: Split

    @property
    def path(self) -> Path:
        """The font file (woff2, latin subset), relative to the repository root."""
        if self.split == "held_out":
            return HELD_OUT / self.family / f"{self.family}-latin-{self.weight}-normal.woff2"
        return CACHE / f"{self.family}-{self.weight}.woff2"


def families(split: Split | None = None) -> list[Family]:
    """The families of `fonts.yaml`, all of them or those of one split, in file order."""
    listed = yaml.safe_load(FONT_LIST.read_text())
    return [
        Family(**entry, split=name)
        for name in ("held_out", "train")
        if split in (None, name)
        for entry in listed[name]
    ]


def font_paths(split: Split) -> list[Path]:
    """The font files of one split.

    Raises:
        UserError: a file is not there yet.
    """
    paths = [family.path for family in families(split)]
    missing = [path.name for path in paths if not path.exists()]
    if missing:
        raise UserError(
            f"{paths[0].parent}: {len(missing)} fonts are missing ({missing[0]}, ...): "
            "run `python -m training.fonts`"
        )
    return paths


@cache
def characters(path: Path) -> frozenset[str]:
    """The printable ASCII characters that a font can draw."""
    with TTFont(path) as font:
        return frozenset(chr(code) for code in font.getBestCmap() if chr(code) in PRINTABLE)


def check_license(family: Family, text: str) -> None:
    """Raise UserError unless `text`, the package's LICENSE, is the licence that the list states."""
    marks = LICENSE_MARKS.get(family.license, ())
    if not any(mark in text for mark in marks):
        raise UserError(
            f"@fontsource/{family.family}: its LICENSE is not {family.license}: "
            f"correct or drop it in {FONT_LIST.name}"
        )


def check_characters(path: Path) -> None:
    """Raise UserError unless the font draws the letters, digits and common punctuation."""
    lacking = sorted(set(ESSENTIAL) - characters(path))
    if lacking:
        raise UserError(f"{path}: lacks {''.join(lacking)}: drop it from {FONT_LIST.name}")


def download(family: Family) -> None:
    """Fetch one family's package with npm and keep its font file and its LICENSE in the cache.

    Raises:
        UserError: npm fails, the licence is another one, or characters are missing.
    """
    member = f"package/files/{family.family}-latin-{family.weight}-normal.woff2"
    with tempfile.TemporaryDirectory() as folder:
        spec = f"@fontsource/{family.family}@{family.version}"
        command = ["npm", "pack", spec, "--silent"]
        try:
            packed = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, check=False
            )
        except FileNotFoundError:
            raise UserError(f"{spec}: npm is not installed; install it (nodejs.org)") from None
        archives = list(Path(folder).glob("*.tgz"))
        if packed.returncode or not archives:
            raise UserError(f"{spec}: npm pack failed: {packed.stderr.strip()[-200:]}")
        with tarfile.open(archives[0]) as archive:
            license_text = _content(archive, "package/LICENSE", spec).decode()
            font_bytes = _content(archive, member, spec)
    check_license(family, license_text)
    CACHE.mkdir(parents=True, exist_ok=True)
    (CACHE / f"{family.family}.LICENSE").write_text(license_text)
    partial = family.path.with_suffix(".part")
    partial.write_bytes(font_bytes)
    check_characters(partial)
    partial.replace(family.path)


def _content(archive: tarfile.TarFile, member: str, spec: str) -> bytes:
    file = archive.extractfile(member) if member in archive.getnames() else None
    if file is None:
        raise UserError(f"{spec}: has no {member}")
    return file.read()


def main() -> None:
    """Download what is missing; name every family that failed and exit 1 if there is one."""
    failures = []
    for family in tqdm([f for f in families() if not f.path.exists()], desc="fonts"):
        try:
            download(family)
        except UserError as error:
            failures.append(str(error))
    if failures:
        sys.exit("\n".join(failures))


if __name__ == "__main__":
    main()
