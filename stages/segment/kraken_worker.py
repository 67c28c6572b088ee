"""python -I kraken_worker.py IMAGE LINES: kraken's baseline model on one image, run by the
interpreter of the environment that `make kraken` makes; nothing of this project is imported.

LINES is written as a JSON list, one object a line in kraken's reading order: `baseline`, points
(x, y) in pixels of IMAGE from left to right under the letters, and `boundary`, the corners of the
polygon round them. The exit code is 3 where kraken cannot be imported.
"""

import json
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")
try:
    from kraken.configs import SegmentationInferenceConfig
    from kraken.tasks import SegmentationTaskModel
    from PIL import Image
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(3)


def main(image: Path, lines: Path) -> None:
    """Read `image`, write `lines`."""
    model = SegmentationTaskModel.load_model()
    with Image.open(image) as page:
        found = model.predict(page.convert("RGB"), SegmentationInferenceConfig(accelerator="cpu"))
    outlines = [
        {"baseline": line.baseline, "boundary": line.boundary}
        for line in found.lines
        if line.baseline and line.boundary
    ]
    lines.write_text(json.dumps(outlines), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
