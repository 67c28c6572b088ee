"""python -m exchange: pages to and from eScriptorium, Transkribus, Label Studio, Hugging Face."""

import argparse
from pathlib import Path

from exchange.export import write_alto, write_label_studio, write_page_xml, write_transkribus
from exchange.gather import gather, rejected_pages
from exchange.hugging_face import write_hugging_face
from exchange.importing import plan, says_what_was_read, write
from exchange.read_label_studio import read_label_studio
from exchange.read_page_xml import read_page_xml
from exchange.sheets import TEXTS
from stages.config.composition import load
from stages.errors import UserError
from stages.folders import new_folder
from stages.pages.scans import list_pages
from stages.pages.stored import TRANSCRIPTIONS
from stages.pages.transcriptions import read_transcription, read_transcriptions, read_typed
from stages.running.runner import run_command

EXPORTS = {
    "page": "PAGE-XML 2019, for eScriptorium, OCR-D and others",
    "transkribus": "a folder for Transkribus, with PAGE-XML 2013",
    "alto": "ALTO 4, for eScriptorium and libraries' viewers",
    "labelstudio": "a Label Studio project with pre-annotations",
    "huggingface": "a dataset folder that load_dataset reads",
}
IMPORTS = {
    "page": "PAGE-XML of any version, from eScriptorium, Transkribus and others",
    "labelstudio": "the JSON export of a Label Studio project",
}
READERS = {"page": read_page_xml, "labelstudio": read_label_studio}


def export(arguments: argparse.Namespace) -> None:
    """Write the pages of the pipeline's last run into a new folder."""
    out: Path = arguments.out
    dataset = arguments.format == "huggingface"
    truths = read_transcriptions(TRANSCRIPTIONS, read_transcription if dataset else read_typed)
    scans = gather(truths, arguments.text, arguments.transcribed, load().crop)
    with new_folder(out) as folder:
        match arguments.format:
            case "page":
                pages = write_page_xml(scans, folder)
            case "transkribus":
                pages = write_transkribus(scans, folder)
            case "alto":
                pages = write_alto(scans, folder)
            case "labelstudio":
                served_as = None if arguments.embed else out.resolve().name
                pages = write_label_studio(scans, folder, served_as)
            case _:
                pages = write_hugging_face(scans, folder, arguments.license)
        if not pages:
            cure = "see data/corrected/rejected.jsonl"
            if arguments.transcribed:
                cure = "transcribe some (`make transcribe`), or leave --transcribed out"
            raise UserError(f"{out}: there is no page to export; {cure}")
    print(f"{pages} pages in {out}")
    for rejection in rejected_pages():
        print(f"  left out: {rejection.source} ({rejection.page}), {rejection.reason}")


def import_files(arguments: argparse.Namespace) -> None:
    """Write what people typed elsewhere into data/transcriptions/."""
    read = READERS[arguments.format]
    found = [page for path in arguments.files for page in read(path)]
    planned = plan(found, list_pages(), TRANSCRIPTIONS, arguments.overwrite)
    write(planned)
    for item in planned:
        untyped = f"; {item.untyped} lines without text left out" if item.untyped else ""
        guessed = ", ".join(dict.fromkeys(map(repr, item.guessed)))
        guessed = f"; taken for handwriting, as no field has the name: {guessed}" if guessed else ""
        print(f"{item.path}{'' if item.changed else ' is so already'}{untyped}{guessed}")
    print(f"{len(planned)} pages in {len(arguments.files)} files")
    if unread := [item.path.stem for item in planned if item.changed and says_what_was_read(item)]:
        print(
            f"warning: {len(unread)} essays say exactly what the machine read. If nobody corrected"
            f" them, take them out again, or the scores are too good: {', '.join(unread)}"
        )


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="python -m exchange", description=__doc__)
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    exporting = commands.add_parser("export", help=export.__doc__).add_subparsers(
        dest="format", metavar="FORMAT", required=True
    )
    for name, about in EXPORTS.items():
        one = exporting.add_parser(name, help=about, description=about)
        one.set_defaults(run=export)
        one.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="a new folder")
        one.add_argument(
            "--text",
            choices=TEXTS,
            default="transcription",
            help="the hand transcription, and the corrected text where there is none (default); the"
            " corrected text; or the recogniser's",
        )
        one.add_argument(
            "--transcribed",
            action="store_true",
            help="only pages whose essay is transcribed; other print stays as it was read",
        )
    exporting.choices["labelstudio"].add_argument(
        "--embed", action="store_true", help="put the images into tasks.json"
    )
    exporting.choices["huggingface"].add_argument(
        "--license", default="unknown", help="the hub's name for it, such as cc-by-4.0"
    )
    importing = commands.add_parser("import", help=import_files.__doc__).add_subparsers(
        dest="format", metavar="FORMAT", required=True
    )
    for name, about in IMPORTS.items():
        one = importing.add_parser(name, help=about, description=about)
        one.set_defaults(run=import_files)
        one.add_argument("files", nargs="+", type=Path, metavar="FILE")
        one.add_argument(
            "--overwrite", action="store_true", help="replace fields that are typed already"
        )
    return top


def main() -> None:
    """Run what the command line asks for."""
    arguments = parser().parse_args()
    run_command("exchange", lambda: arguments.run(arguments))


if __name__ == "__main__":
    main()
