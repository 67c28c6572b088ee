from pathlib import Path

import cv2
import numpy as np

from bench.stacked import stacked_pages


def line(text: str) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    image = np.full((80, 900), 255, np.uint8)
    cv2.putText(image, text, (20, 50), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 40, 2, cv2.LINE_AA)
    return image


def test_a_writers_lines_stand_below_one_another_with_their_labels(tmp_path: Path) -> None:
    rows = ["image\ttext\twriter"]
    written = ("one man", "b"), ("two men", "a"), ("no owner", "b")
    for number, (text, writer) in enumerate(written):
        cv2.imwrite(str(tmp_path / f"{number}.png"), line(text))
        rows.append(f"{number}.png\t{text}\t{writer}")
    (tmp_path / "lines.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")

    near, far = (list(stacked_pages(tmp_path / "lines.tsv", apart)) for apart in (2.0, 4.0))
    for pages in (near, far):
        assert [(page.name, page.essay) for page in pages] == [
            ("a", ["two men"]),
            ("b", ["one man", "no owner"]),
        ]
    gaps = []
    for page in (near[1], far[1]):
        assert page.labels is not None
        assert np.unique(page.labels).tolist() == [0, 1, 2]
        ink = page.labels > 0
        dark = page.region[..., 0] < 120
        assert ink[dark].mean() > 0.95  # turned, the edges of strokes are soft
        assert dark[ink].mean() > 0.6
        gaps.append(np.diff([np.nonzero(page.labels == number)[0].mean() for number in (1, 2)]))
    assert 1.8 < gaps[1] / gaps[0] < 2.2
