"""Coverage-guided fuzzing: `python -m tests.fuzz TARGET [libFuzzer options] [folders]`.

Wants atheris, which nothing else here needs: `pip install atheris==3.0.0`. Findings are written as
`crash-*` where it is run; put them into `tests/fuzz/corpus/TARGET/` once they are mended.
"""

import sys

import atheris

INSTRUMENTED = [
    "stages.pages.scans",
    "stages.pages.transcriptions",
    "stages.config.plain_yaml",
    "stages.crop",
    "stages.pages.records",
    "PIL",
    "yaml",
]

if __name__ == "__main__":
    with atheris.instrument_imports(include=INSTRUMENTED):
        from tests.fuzz.targets import TARGETS
    name = sys.argv.pop(1) if len(sys.argv) > 1 else ""
    if name not in TARGETS:
        sys.exit(f"fuzz: name a target: {', '.join(TARGETS)}")
    atheris.Setup(sys.argv, TARGETS[name])
    atheris.Fuzz()
