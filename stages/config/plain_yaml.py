"""YAML that people write: bounded before it is parsed, and plain.

Plain means one document without aliases, tags and keys given twice, nested 20 deep at most: neither
a bomb of aliases nor a tag that asks for an object is ever built.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import shorten
from typing import Any

import yaml
from yaml.constructor import SafeConstructor
from yaml.reader import Reader

from stages.errors import UserError

MAX_BYTES = 100_000
MAX_DEPTH = 20
NULL = "tag:yaml.org,2002:null"
CONTROL = Reader.NON_PRINTABLE
MAX_TOLD = 200
QUOTE = "quote the text, or use a | block"
ALIGN = "indent this key like its neighbours"
KEY = re.compile(r"(?P<indent> *)(?P<name>[A-Za-z_]\w*):(?P<rest> .*)?$", re.ASCII)
BLOCK = re.compile(r"\s*\|[-+\d]*\s*(#.*)?")

Key = tuple[str, ...]


class _PlainLoader(yaml.SafeLoader):
    """Composes nodes, and refuses what is not plain before it is composed."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
            raise _fault(event, f"{sign}{event.anchor} reads as an alias, of which none is taken")
        if event.tag:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            raise _fault(event, f"{tag} reads as a tag, of which none is taken")
        if self.depth == MAX_DEPTH:
            raise _fault(event, f"nested over {MAX_DEPTH} deep")
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _fault(place: Any, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=place.start_mark)


def read_text(path: Path) -> str:
    """A file's text, from UTF-8 with or without a byte order mark.

    Raises:
        UserError: it is no file, cannot be read, is over `MAX_BYTES`, or not UTF-8.
    """
    if not path.is_file():
        raise UserError(f"{path}: no such file, or no plain file; remove it or write it anew")
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); see to its rights") from None
    if len(content) > MAX_BYTES:
        size = path.stat().st_size / 1e6
        raise UserError(f"{path}: {size:.1f} MB, over the limit of {MAX_BYTES / 1e6:g}; shorten it")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UserError(f"{path}: line 1: UTF-16, not UTF-8; save it as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        byte = content[error.start]
        raise UserError(
            f"{path}: line {line}: byte {byte:#04x} is not UTF-8; save it as UTF-8"
        ) from None


def compose(text: str, origin: str) -> yaml.Node | None:
    """The nodes of a YAML text; None where it has none.

    Args:
        origin: what the text is called in an error.

    Raises:
        UserError: it is too long, no YAML or not plain; one line with the line's number.
    """
    if len(text) > MAX_BYTES:
        raise UserError(f"{origin}: over {MAX_BYTES / 1e6:g} MB; shorten it")
    if found := CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise UserError(f"{origin}: line {line}: {_named(found[0])}; delete it")
    loader = _PlainLoader(text)
    try:
        node = loader.get_single_node()
        for key, held in _mapped(node):
            _check(key, held)
    except yaml.MarkedYAMLError as error:
        mark = _mark(error)
        line = mark.line if mark else 0
        told = _indented(error, text.splitlines()) or _told(error)
        raise UserError(f"{origin}: line {line + 1}: {told}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise UserError(f"{origin}: no YAML ({' '.join(str(error).split())}); {QUOTE}") from None
    finally:
        loader.dispose()
    return node


def _check(key: Key, held: yaml.Node) -> None:
    if isinstance(held, yaml.ScalarNode) and (found := CONTROL.search(held.value)):
        raise _fault(held, f"{_named(found[0])}; delete it")
    if isinstance(held, yaml.MappingNode):
        seen = set()
        for name, _ in held.value:
            if not isinstance(name, yaml.ScalarNode) or name.tag == NULL:
                raise _fault(name, "a list, a group or nothing where a key should be")
            if name.value in seen:
                raise _fault(name, f"{'.'.join((*key, name.value))} is given twice; leave one")
            seen.add(name.value)


def _named(sign: str) -> str:
    return f"holds the control character U+{ord(sign):04X}"


def _told(error: yaml.MarkedYAMLError) -> str:
    told = error.problem or error.context or "no YAML"
    problem = shorten("".join(char if char.isprintable() else " " for char in told), MAX_TOLD)
    if problem.startswith("mapping values are not allowed"):
        problem = "a colon in text without quotes"
    elif "'\\t'" in problem:
        return "a tab where only spaces may stand; indent with spaces"
    elif "another document" in problem:
        return "--- begins a second document; indent it, or delete it"
    return problem if "; " in problem else f"{problem}; {QUOTE}"


def _mark(error: yaml.MarkedYAMLError) -> yaml.Mark | None:
    """Where the fault lies: a text that is no key begins before it is found to have no colon."""
    if error.context_mark and error.problem == "could not find expected ':'":
        return error.context_mark
    return error.problem_mark or error.context_mark


def _indented(error: yaml.MarkedYAMLError, rows: Sequence[str]) -> str | None:
    """What is wrong with a line's indentation, and the cure; None where it is something else."""
    problem, mark = error.problem or "", _mark(error)
    if mark is None or "; " in problem or "'\\t'" in problem or "another document" in problem:
        return None
    key = KEY.match(rows[mark.line]) if mark.line < len(rows) else None
    if key and mark.column > key.end("name"):
        return None
    if block := _block_above(rows[: mark.line]):
        also = ", a key like its neighbours" if key else ""
        return (
            f"as it is indented, neither a key nor text of the {block}; indent every line of the"
            f" {block} by the same two spaces{also}"
        )
    if "found '<block mapping start>'" in problem or "found '<block sequence start>'" in problem:
        return f"the indentation does not fit; {ALIGN}"
    if problem.startswith("mapping values") and key:
        return f"a key indented unlike its neighbours, or a colon in text; {ALIGN}, or {QUOTE}"
    return None


def _block_above(rows: Sequence[str]) -> str | None:
    """The key whose `|` block the line after `rows` is in, or ends; None where it is no block's."""
    least = None
    for row in reversed(rows):
        if (key := KEY.match(row)) and (least is None or len(key["indent"]) < least):
            if BLOCK.fullmatch(key["rest"] or ""):
                return key["name"]
            least = len(key["indent"])
    return None


def _mapped(node: yaml.Node | None, path: Key = ()) -> Iterator[tuple[Key, yaml.Node]]:
    """Every node under its path, those above before those in them."""
    if node is None:
        return
    yield path, node
    if isinstance(node, yaml.MappingNode):
        for key, held in node.value:
            yield from _mapped(held, (*path, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for number, held in enumerate(node.value):
            yield from _mapped(held, (*path, str(number)))


def lines(node: yaml.Node | None) -> dict[Key, int]:
    """The line, from 1, on which each value begins, by its path of keys and places in lists."""
    return {path: held.start_mark.line + 1 for path, held in _mapped(node)}


def texts(node: yaml.Node | None) -> Any:
    """The nodes as dict, list and str: what reads as a number or date stays text, null is None."""
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): texts(held) for key, held in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [texts(held) for held in node.value]
    return None if node is None or node.tag == NULL else node.value


def values(node: yaml.Node | None, origin: str) -> Any:
    """The nodes as dict, list, and what YAML takes a scalar for.

    Raises:
        UserError: a scalar is not what it looks like, such as the date 2026-99-99.
    """
    if isinstance(node, yaml.MappingNode):
        return {values(key, origin): values(held, origin) for key, held in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [values(held, origin) for held in node.value]
    try:
        return None if node is None else SafeConstructor().construct_object(node)
    except (ValueError, yaml.YAMLError) as error:
        line = node.start_mark.line + 1 if node else 1
        reason = " ".join(str(error).split())[:80]
        raise UserError(f"{origin}: line {line}: {reason}; quote it if it is text") from None
