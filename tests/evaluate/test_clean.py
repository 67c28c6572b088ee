"""`make clean` takes out what the stages wrote, and nothing that Git keeps."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_folders_ignore_files_stay(tmp_path: Path) -> None:
    made = ["data/raw/a.json", "metrics/report.html", "metrics/plots/lines.csv"]
    made += ["metrics/plots/overlays/a.jpg", "metrics/details.json"]
    kept = ["data/.gitignore", "metrics/.gitignore", "metrics/plots/.gitignore"]
    kept += ["data/transcriptions/a.yaml", "metrics/scores.json"]
    for name in made + kept:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    command = ["make", "-s", "-f", str(ROOT / "Makefile"), "clean"]
    subprocess.run(command, cwd=tmp_path, check=True)
    found = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()}
    assert found == set(kept)
