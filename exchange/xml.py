"""Writing XML, and reading XML that anybody may have written."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lxml import etree

from stages.errors import UserError
from stages.pages.records import Point

SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
MAX_MEGABYTES = 64


def root(name: str, namespace: str, schema: str, attributes: Mapping[str, str]) -> Any:
    """A document's first element, with its namespace as the default one and its schema's place."""
    element = etree.Element(
        f"{{{namespace}}}{name}", nsmap={None: namespace, "xsi": SCHEMA_INSTANCE}
    )
    element.set(f"{{{SCHEMA_INSTANCE}}}schemaLocation", f"{namespace} {schema}")
    for key, value in attributes.items():
        element.set(key, value)
    return element


def child(parent: Any, name: str, text: str | None = None, /, **attributes: str | int) -> Any:
    """A new last element of `parent`, in its namespace."""
    namespace = etree.QName(parent).namespace
    values = {key: str(value) for key, value in attributes.items()}
    element = etree.SubElement(parent, f"{{{namespace}}}{name}", values)
    element.text = text
    return element


def to_bytes(element: Any) -> bytes:
    """The document in UTF-8, indented."""
    return bytes(etree.tostring(element, encoding="UTF-8", xml_declaration=True, pretty_print=True))


def pairs(points: Sequence[Point], between: str) -> str:
    """Points as `x,y x,y` or, with a space between, `x y x y`."""
    return " ".join(f"{x}{between}{y}" for x, y in points)


def parse(path: Path) -> Any:
    """The root element of a document that is not trusted, names kept with their namespaces.

    Nothing is expanded, fetched, looked up or unpacked: documents with a DTD, which alone could ask
    for it, are refused, as is what goes past libxml2's limits on depth and on the length of a text.
    Comments and processing instructions are left out, so a text is one text.

    Raises:
        UserError: no such file, no XML, too large, or with a DTD.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        first = etree.fromstring(_content(path), parser)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror or error})") from None
    except etree.XMLSyntaxError as error:
        raise UserError(f"{path}: is no XML ({error.msg}); export the page again") from None
    if first.getroottree().docinfo.doctype:
        raise UserError(f"{path}: has a document type declaration, which no page needs; refused")
    return first


def _content(path: Path) -> bytes:
    limit = MAX_MEGABYTES * 1_000_000
    with path.open("rb") as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise UserError(f"{path}: over {MAX_MEGABYTES} MB, which is no page; leave it out")
    return content
