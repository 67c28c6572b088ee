import os
import resource
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.config.plain_yaml import ALIGN, MAX_BYTES, compose, lines, read_text, texts, values
from stages.errors import UserError
from stages.pages.transcriptions import read_transcription

MEMORY = 1 << 30

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=20)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.floats(-9, 9) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


class _NoAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


def aliases(first: str, many: str) -> str:
    """Nine to the ninth values, were they ever built."""
    names = "abcdefghi"
    rows = [f"a: &a {first}"]
    for before, name in pairwise(names):
        rows.append(f"{name}: &{name} " + many.format(", ".join([f"*{before}"] * 9)))
    return "\n".join(rows)


BOMBS = {
    "lists": aliases("[x, x, x]", "[{}]"),
    "merges": aliases("{x: 1}", "{{<<: [{}]}}"),
    "depth": "essay: " + "[" * 50_000,
    "dashes": "- " * 40_000,
    "itself": "essay: &a [*a]",
}


@settings(max_examples=50, deadline=None)
@given(PLAIN)
def test_plain_values_are_those_of_safe_load(value: object) -> None:
    text = yaml.dump(value, Dumper=_NoAliases, allow_unicode=True)
    assert values(compose(text, "x"), "x") == yaml.safe_load(text)


@settings(deadline=None)
@given(st.text() | st.text("a:-[]{}&*!|>'\"#?,% \n\t0\ufeff\x00", max_size=60))
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    try:
        node = compose(text, "x.yaml")
        texts(node)
        values(node, "x.yaml")
    except UserError as error:
        assert str(error).startswith("x.yaml: ")
        assert "\n" not in str(error)


@settings(deadline=None)
@given(st.binary(max_size=80))
def test_any_bytes_are_a_transcription_or_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(content)
    try:
        read_transcription(path)
    except UserError as error:
        assert str(error).startswith(f"{path}: ")
        assert "\n" not in str(error)


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_before_it_goes_off(name: str) -> None:
    with pytest.raises(UserError, match=r"^x\.yaml: line [1-9]: .*(alias|deep)"):
        compose(BOMBS[name], "x.yaml")


def test_files_of_any_size_cost_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        os.truncate(file.fileno(), 40 * MEMORY)
    code = "import sys; from pathlib import Path; from stages.config.plain_yaml import read_text\n"
    code += "read_text(Path(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.splitlines()[-1].endswith("over the limit of 0.1; shorten it")


def test_text_up_to_the_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("x" * MAX_BYTES)
    assert len(read_text(path)) == MAX_BYTES
    path.write_text("x" * (MAX_BYTES + 1))
    with pytest.raises(UserError, match=r"x\.yaml: 0\.1 MB, over the limit"):
        read_text(path)


@pytest.mark.parametrize("made", ["folder", "pipe", "nothing", "endless"])
def test_what_is_no_file_is_refused(tmp_path: Path, made: str) -> None:
    path = tmp_path / "x.yaml"
    if made == "folder":
        path.mkdir()
    elif made == "pipe":
        os.mkfifo(path)
    elif made == "endless":
        path.symlink_to("/dev/zero")
    with pytest.raises(UserError, match=r"x\.yaml: no such file, or no plain file"):
        read_text(path)


def test_every_value_has_its_line() -> None:
    node = compose("a: 1\nb:\n  - x\n  - c: |\n      y\n", "x")
    assert lines(node) == {
        (): 1,
        ("a",): 1,
        ("b",): 3,
        ("b", "0"): 3,
        ("b", "1"): 4,
        ("b", "1", "c"): 4,
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1\nb: 2026-99-99", "line 2: month must be in 1..12; quote it"),
        ("a: " + "9" * 5000, "line 1: Exceeds the limit"),
        ("a: 1\n~: 2", "line 2: a list, a group or nothing where a key should be"),
        ("a: 1\n? [b]\n: 2", "line 2: a list, a group or nothing where a key should be"),
        ("a:\n  b: 1\n  b: 2", "line 3: a.b is given twice; leave one"),
        ("a: !!set {b}", "line 1: !!set reads as a tag"),
        ("a: !mine b", "line 1: !mine reads as a tag"),
        ("a:\n  b: 1\n c: 2", f"line 3: the indentation does not fit; {ALIGN}"),
        ("  a: 1\nb: 2", f"line 2: the indentation does not fit; {ALIGN}"),
        ("a:\n  - x\n - y", f"line 3: the indentation does not fit; {ALIGN}"),
        ("a:\n  b: 1\n   c: 2", "line 3: a key indented unlike its neighbours, or a colon in"),
        ("a: |\n  x\nb: c: d", "line 3: a colon in text without quotes; quote the text"),
        ("a: |\n  x\nb: *c", "line 3: *c reads as an alias, of which none is taken; quote the"),
        ("a:\n  b: |\n    x\n  c: 1\n d: 2", f"line 5: the indentation does not fit; {ALIGN}"),
        ("a:\n  b: |\n    x\n   y", "line 4: as it is indented, neither a key nor text of the b;"),
    ],
)
def test_what_is_not_plain_is_told_with_its_line(text: str, told: str) -> None:
    with pytest.raises(UserError) as caught:
        values(compose(text, "x.yaml"), "x.yaml")
    assert str(caught.value).startswith(f"x.yaml: {told}")
