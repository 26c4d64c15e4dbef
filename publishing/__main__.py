"""`python -m publishing build | serve | pdf | new | reproduce`."""

from __future__ import annotations

import argparse
import datetime
import sys
from functools import partial
from pathlib import Path

from publishing import pdf, site
from publishing.errors import BookError
from publishing.markdown import load_book
from publishing.new import create
from publishing.progress import Progress
from publishing.reproduce import write_reproduce


def main(arguments: list[str] | None = None) -> int:
    """Run a command; 0 when all went well, 1 when the book is wrong, 130 when interrupted."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "build":
            folder = site.build(
                options.project,
                engine=options.engine,
                languages=options.lang,
                with_pdf=not options.no_pdf,
                cached=not options.no_cache,
            )
            print(f"{folder}/index.html")
        elif options.command == "serve":
            # What listens and watches is nothing that a build needs.
            from publishing.serve import serve

            serve(
                options.project,
                port=options.port,
                engine=options.engine,
                languages=options.lang,
                with_pdf=not options.no_pdf,
            )
        elif options.command == "new":
            print(create(options.folder, datetime.date.today()))
        elif options.command == "reproduce":
            print(write_reproduce(options.project, options.project / "_build" / "results.json", options.file))
        else:
            _pdf(options.project, options.lang)
    except BookError as error:
        site.report(error)
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted; the site is as it was. / 已中断，网站未改动。\n")
        return 130
    return 0


def _pdf(project_dir: Path, languages: list[str]) -> None:
    """Only the PDFs, into the site as it is."""
    books = [book for book in site.all_books(project_dir) if not languages or book.lang in languages]
    with Progress() as progress:
        for book in books:
            text = load_book(project_dir, book.lang, partial(progress.update, book.lang))
            out = book.project_dir / book.output_dir / f"{book.output_file}.pdf"
            pdf.build(text, out)
            print(out)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m publishing", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, about in (
        ("build", "pages, PDFs, search: the whole site"),
        ("serve", "build, show at a local address, rebuild on change"),
        ("pdf", "only the PDFs"),
    ):
        command = commands.add_parser(name, help=about)
        command.add_argument("--project", type=Path, default=Path(), help="the folder of _quarto.yml")
        command.add_argument(
            "--lang", action="append", default=[], help="only this language (may be repeated)"
        )
        if name != "pdf":
            # Who writes waits for every page; Quarto takes seconds for each.
            engine = "embedded" if name == "serve" else "auto"
            command.add_argument("--engine", choices=site.ENGINES, default=engine)
            command.add_argument("--no-pdf", action="store_true")
        if name == "build":
            command.add_argument(
                "--no-cache", action="store_true", help="use nothing made before, keep nothing"
            )
        if name == "serve":
            command.add_argument("--port", type=int, default=8000)
    new = commands.add_parser("new", help="an empty review in a folder of its own")
    new.add_argument("folder", type=Path, help="a folder that does not exist yet, or is empty")
    archive = commands.add_parser("reproduce", help="reproduce.zip: data, code, lock, results, how-to")
    archive.add_argument("file", type=Path, help="the zip file to write")
    archive.add_argument("--project", type=Path, default=Path(), help="the folder of _quarto.yml")
    return parser


if __name__ == "__main__":
    sys.exit(main())
