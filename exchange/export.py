"""Sheets written into folders as other tools read them."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import quote

from exchange.alto import alto
from exchange.gather import Scan
from exchange.images import data_url, write_image
from exchange.label_studio import labelling_interface, task
from exchange.page_xml import page_xml
from exchange.sheets import Sheet


def write_page_xml(scans: Iterable[Scan], folder: Path) -> int:
    """`<page>.xml` in PAGE-XML 2019, each beside the image that it names; how many there are."""
    return _write_documents(scans, folder, folder, page_xml)


def write_transkribus(scans: Iterable[Scan], folder: Path) -> int:
    """Images, and `page/<page>.xml` in PAGE-XML 2013, where Transkribus looks for them."""
    documents = folder / "page"
    documents.mkdir()
    return _write_documents(scans, folder, documents, lambda sheet: page_xml(sheet, "2013-07-15"))


def write_alto(scans: Iterable[Scan], folder: Path) -> int:
    """`<page>.xml` in ALTO, each beside the image that it names; how many there are."""
    return _write_documents(scans, folder, folder, alto)


def _write_documents(
    scans: Iterable[Scan], images: Path, documents: Path, document: Callable[[Sheet], bytes]
) -> int:
    pages = 0
    for scan in scans:
        write_image(scan.source, scan.pixels, images)
        (documents / f"{scan.sheet.page}.xml").write_bytes(document(scan.sheet))
        pages += 1
    return pages


def write_label_studio(scans: Iterable[Scan], folder: Path, served_as: str | None) -> int:
    """`labelling.xml`, the project's interface, `tasks.json` and `images/`.

    Args:
        served_as: the folder's path below Label Studio's root of local files; None puts the images
            themselves into the tasks, and writes no images.

    Returns:
        How many tasks there are.
    """
    (folder / "labelling.xml").write_text(labelling_interface(), encoding="utf-8")
    images = folder / "images"
    images.mkdir()
    tasks = []
    for scan in scans:
        image = write_image(scan.source, scan.pixels, images)
        if served_as is None:
            url = data_url(image)
            image.unlink()
        else:
            url = f"/data/local-files/?d={quote(f'{served_as}/images/{image.name}')}"
        tasks.append(task(scan.sheet, url))
    if served_as is None:
        images.rmdir()
    text = json.dumps(tasks, ensure_ascii=False, indent=1)
    (folder / "tasks.json").write_text(text + "\n", encoding="utf-8")
    return len(tasks)
