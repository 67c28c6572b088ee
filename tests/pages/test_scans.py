import errno
import re
import resource
import struct
import zlib
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import Mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from stages.errors import PageError, UserError
from stages.pages import scans
from stages.pages.scans import list_pages, read_page, read_rgb
from tests.crop.bad_pages import png_with_size
from tests.pages.pictures import GRAY, only_page, save, tiff


@pytest.mark.parametrize("suffix", ["png", "PNG", "tif", "tiff"])
def test_lossless_scans_keep_their_pixels(tmp_path: Path, suffix: str) -> None:
    save(tmp_path / f"scan.{suffix}", Image.fromarray(GRAY))
    pixels = only_page(tmp_path)
    assert pixels.shape == (*GRAY.shape, 3)
    assert (pixels == GRAY[..., None]).all()


def test_jpeg_scans_are_read(tmp_path: Path) -> None:
    save(tmp_path / "scan.jpg", Image.fromarray(GRAY), quality=95)
    assert np.abs(only_page(tmp_path).mean(axis=2) - GRAY).mean() < 3


def test_pdf_scans_are_rendered_page_by_page(tmp_path: Path) -> None:
    pages = [Image.new("L", (850, 1100), value) for value in (10, 200)]
    pages[0].save(tmp_path / "scan.pdf", save_all=True, append_images=pages[1:], resolution=100)
    sources = list_pages(tmp_path)
    assert [source.page for source in sources] == ["scan-001", "scan-002"]
    first, second = (read_page(source, max_megapixels=10) for source in sources)
    assert first.shape == (2200, 1700, 3)
    assert abs(first.mean() - 10) < 3
    assert abs(second.mean() - 200) < 3


def test_tiff_frames_are_pages_of_their_own(tmp_path: Path) -> None:
    frames = [Image.new("L", (20, 30), value) for value in (10, 200)]
    frames[0].save(tmp_path / "scan.tif", save_all=True, append_images=frames[1:])
    sources = list_pages(tmp_path)
    assert [(s.page, s.source) for s in sources] == [
        ("scan-001", "scan.tif"),
        ("scan-002", "scan.tif"),
    ]
    assert [int(read_page(s, 1).mean()) for s in sources] == [10, 200]


def test_exif_orientation_is_applied(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    save(tmp_path / "scan.jpg", Image.fromarray(GRAY), exif=exif)
    assert only_page(tmp_path).shape == (GRAY.shape[1], GRAY.shape[0], 3)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("compression", [None, "tiff_lzw"])
def test_a_tiff_that_lies_on_its_side_is_set_upright(
    tmp_path: Path, mode: str, compression: str | None
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    gray = np.random.default_rng(0).integers(0, 255, (30, 50), np.uint8)
    lying = Image.fromarray(np.ascontiguousarray(np.rot90(gray))).convert("RGB").convert(mode)
    save(tmp_path / "scan.tif", lying, exif=exif, compression=compression)
    assert (only_page(tmp_path)[..., 0] == gray).all()


def test_a_kind_that_cannot_be_read_has_its_cure(tmp_path: Path) -> None:
    (tmp_path / "scan.tif").write_bytes(tiff((GRAY.astype(np.float64), {})))
    with pytest.raises(PageError, match="of a kind that cannot be read; save it as 8-bit"):
        only_page(tmp_path)


SMALL = (GRAY[::4, ::4].copy(), {254: 1})


def test_smaller_copies_in_a_tiff_are_no_pages(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(tiff(SMALL, (GRAY, {254: 0}), SMALL))
    (tmp_path / "b.tif").write_bytes(tiff((GRAY, {}), SMALL, (255 - GRAY, {254: 2}), SMALL))
    (tmp_path / "c.tif").write_bytes(tiff(SMALL))
    listed = [(page.page, page.frame) for page in list_pages(tmp_path)]
    assert listed == [("a", 1), ("b-001", 0), ("b-003", 2), ("c", 0)]
    pages = [read_page(page, 1)[..., 0] for page in list_pages(tmp_path)]
    assert (pages[0] == GRAY).all() and (pages[2] == 255 - GRAY).all()


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.pdf"])
def test_a_scan_that_may_not_be_read_has_its_cure(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path / name, Image.fromarray(GRAY))
    refused = PermissionError(errno.EACCES, "Permission denied")
    monkeypatch.setattr(Path, "open", Mock(side_effect=refused))
    (page,) = list_pages(tmp_path)
    assert page.fault == "you may not read it; make it readable (`chmod u+r`)"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.png", b"", "empty"),
        ("text.png", b"not an image", "no PNG, JPEG or TIFF image"),
        ("text.pdf", b"not a PDF", "cannot be opened as PDF"),
        ("notes.docx", b"x", "not a scan"),
        ("nosuffix", b"x", "not a scan"),
    ],
)
def test_what_is_no_scan_is_a_fault_of_that_page(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    (tmp_path / name).write_bytes(content)
    (source,) = list_pages(tmp_path)
    with pytest.raises(PageError, match=reason):
        read_page(source, max_megapixels=1)


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif"])
def test_a_truncated_scan_is_broken(tmp_path: Path, suffix: str) -> None:
    rng = np.random.default_rng(0)
    noise = Image.fromarray(rng.integers(0, 255, (200, 200), np.uint8))
    path = save(tmp_path / f"scan.{suffix}", noise)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(PageError):
        only_page(tmp_path)


def test_a_folder_among_the_scans_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "scan.png").mkdir()
    with pytest.raises(PageError, match="folder"):
        only_page(tmp_path)


def test_a_huge_image_is_refused_by_its_header(tmp_path: Path) -> None:
    save(tmp_path / "scan.png", Image.new("1", (2000, 1000)))
    with pytest.raises(PageError, match=r"2000 x 1000 is 2 megapixels.*max_megapixels"):
        only_page(tmp_path)


def test_two_files_of_one_stem_are_both_faults(tmp_path: Path) -> None:
    save(tmp_path / "a.png", Image.fromarray(GRAY))
    save(tmp_path / "a.tif", Image.fromarray(GRAY))
    save(tmp_path / "b.png", Image.fromarray(GRAY))
    first, second, third = list_pages(tmp_path)
    assert first.fault and second.fault and not third.fault
    assert len({first.page, second.page, third.page}) == 3


def named(folder: Path) -> dict[str, tuple[str, str | None]]:
    """The page and its fault by file; no two pages have one name."""
    listed = list_pages(folder)
    assert len({page.page for page in listed}) == len(listed)
    return {page.path.name: (page.page, page.fault) for page in listed}


def test_a_contested_name_is_never_that_of_a_good_scan(tmp_path: Path) -> None:
    for name in ("a.png", "a.tif", "a (a.png).png"):
        save(tmp_path / name, Image.fromarray(GRAY))
    found = named(tmp_path)
    assert found["a (a.png).png"] == ("a (a.png)", None)
    assert found["a.png"][1] and found["a.tif"][1]


@pytest.mark.parametrize("bad", ["01.txt", "01", "01.jpg"])
def test_what_is_no_scan_does_not_cost_a_scan_of_its_name(tmp_path: Path, bad: str) -> None:
    save(tmp_path / "01.png", Image.fromarray(GRAY))
    if bad == "01":
        (tmp_path / bad).mkdir()
    else:
        (tmp_path / bad).write_bytes(b"")
    found = named(tmp_path)
    assert found["01.png"] == ("01", None)
    page, fault = found[bad]
    assert page == f"01 ({bad})"
    assert fault and "same name" not in fault


STEMS = ("a", "b", "a (a.png)", "a (a.png) 2", "b (b)", "b\\n", "b\n")


@settings(max_examples=40, deadline=None)
@given(
    st.sets(
        st.sampled_from([f"{stem}{end}" for stem in STEMS for end in (".png", ".tif", ".txt", "")]),
        min_size=1,
    )
)
def test_every_file_is_a_page_of_its_own_name(files: set[str]) -> None:
    with TemporaryDirectory() as folder:
        for name in files:
            image = Image.new("L", (4, 4))
            suffix = Path(name).suffix
            if suffix in (".png", ".tif"):
                image.save(Path(folder) / name)
            else:
                (Path(folder) / name).touch()
        found = named(Path(folder))
    scans = [name for name in files if name.endswith((".png", ".tif")) and "\n" not in name]
    stems = Counter(Path(name).stem for name in scans)
    for name, (page, fault) in found.items():
        good = name in scans and stems[Path(name).stem] == 1
        assert (fault is None) == good
        assert not good or page == Path(name).stem


def endless_tiff(frames: int) -> bytes:
    """A TIFF of this many frames that all show the same pixel."""
    tags = [(256, 3, 1), (257, 3, 1), (258, 3, 8), (262, 3, 1), (273, 4, 8), (279, 4, 1)]
    size = 2 + 12 * len(tags) + 4
    body = bytearray(struct.pack("<2sHIB3x", b"II", 42, 12, 0))
    for frame in range(frames):
        body += struct.pack("<H", len(tags))
        for tag, kind, value in tags:
            body += struct.pack("<HHII", tag, kind, 1, value)
        body += struct.pack("<I", 12 + (frame + 1) * size if frame + 1 < frames else 0)
    return bytes(body)


def test_frames_are_not_counted_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scans, "MAX_FRAMES", 30)
    (tmp_path / "a.tif").write_bytes(endless_tiff(30))
    assert [page.fault for page in list_pages(tmp_path)] == [None] * 30
    (tmp_path / "a.tif").write_bytes(endless_tiff(31))
    (page,) = list_pages(tmp_path)
    assert page.fault == "says it has more than 30 pages; split it, or scan it again"


def test_an_empty_or_missing_folder_is_one_error(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").touch()
    with pytest.raises(UserError, match="holds no page"):
        list_pages(tmp_path)
    with pytest.raises(UserError, match="no such folder"):
        list_pages(tmp_path / "missing")


@pytest.mark.parametrize(("suffix", "kind"), [("jpg", "MPO"), ("png", "PNG")])
def test_only_tiff_and_pdf_hold_several_pages(tmp_path: Path, suffix: str, kind: str) -> None:
    """A phone's JPEG may hold a second picture for its screen, a PNG an animation."""
    frames = [Image.new("L", (20, 30), value) for value in (10, 200)]
    save(tmp_path / f"a.{suffix}", frames[0], format=kind, save_all=True, append_images=frames[1:])
    assert [page.page for page in list_pages(tmp_path)] == ["a"]
    assert only_page(tmp_path).mean() == pytest.approx(10, abs=2)


def test_what_a_png_holds_beyond_its_size_is_not_inflated(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png_with_size(100, 100, inflated=100_000_000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert only_page(tmp_path).shape == (100, 100, 3)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


@pytest.mark.parametrize("size", [(30_000, 30_000), (30_000, 3)])
def test_a_jpeg_that_says_two_sizes_is_never_decoded_at_the_larger(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    path = save(tmp_path / "a.jpg", Image.new("L", (100, 100)))
    jpeg = path.read_bytes()
    frame = jpeg.index(b"\xff\xc0")
    stop = frame + 2 + int.from_bytes(jpeg[frame + 2 : frame + 4])
    small = jpeg[frame:stop]
    large = small[:5] + size[1].to_bytes(2) + size[0].to_bytes(2) + small[9:]
    path.write_bytes(jpeg[:frame] + large + small + jpeg[stop:])
    with pytest.raises(PageError):
        only_page(tmp_path)


def test_a_tile_larger_than_the_limit_is_refused(tmp_path: Path) -> None:
    tags = {256: 100, 257: 100, 258: 8, 259: 8, 262: 1, 277: 1, 322: 5000, 323: 5000, 324: 200}
    tags[325] = len(data := zlib.compress(b"\0" * 25_000_000))
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    head = b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4)
    (tmp_path / "a.tif").write_bytes(head.ljust(200, b"\0") + data)
    with pytest.raises(PageError, match="5000 x 5000 is 25 megapixels"):
        only_page(tmp_path)


def test_a_huge_picture_on_a_small_pdf_page_is_refused(tmp_path: Path) -> None:
    Image.new("1", (3000, 3000)).save(tmp_path / "a.pdf", resolution=3000)
    with pytest.raises(PageError, match="3000 x 3000 is 9 megapixels"):
        only_page(tmp_path)


@pytest.mark.parametrize("count", [0, 2_000_000_000])
def test_a_pdf_that_lies_about_its_pages_is_one_fault_or_its_pages(
    tmp_path: Path, count: int
) -> None:
    path = save(tmp_path / "a.pdf", Image.new("L", (20, 30)))
    path.write_bytes(re.sub(rb"/Count +1", b"/Count %d" % count, path.read_bytes()))
    assert len(list_pages(tmp_path)) == 1


def test_five_thousand_pages_are_listed_at_once(tmp_path: Path) -> None:
    one = save(tmp_path / "page-0000.png", Image.new("L", (1, 1)))
    for number in range(1, 5000):
        (tmp_path / f"page-{number:04}.png").hardlink_to(one)
    pages = list_pages(tmp_path)
    assert [page.page for page in pages] == [f"page-{number:04}" for number in range(5000)]
    assert not any(page.fault for page in pages)


def test_a_stages_image_that_is_gone_or_cut_short_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "crop.png"
    with pytest.raises(UserError, match=r"crop\.png: No such file.*`dvc repro --force`"):
        read_rgb(path)
    Image.new("RGB", (90, 90), "red").save(path)
    whole = path.read_bytes()
    assert read_rgb(path).shape == (90, 90, 3)
    for length in (0, 40, len(whole) - 30):
        path.write_bytes(whole[:length])
        with pytest.raises(UserError, match=r"crop\.png: it is cut short, or no image"):
            read_rgb(path)
