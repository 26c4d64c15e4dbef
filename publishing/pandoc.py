"""Pandoc, from the package `pypandoc_binary`."""

from __future__ import annotations

import subprocess
from functools import cache

READER = "markdown"
"""What every chapter is read as: pandoc's Markdown, as in Quarto."""


class PandocError(Exception):
    """Pandoc stopped; the message is what it said."""


@cache
def pandoc_path() -> str:
    """Where the program is."""
    # A build that finds everything kept needs no pandoc.
    import pypandoc

    return str(pypandoc.get_pandoc_path())


def pandoc(text: str, reader: str, writer: str, *options: str) -> str:
    """Convert text. Warnings that matter are made errors by our filter; the others are not shown.

    Raises
    ------
    PandocError
        With pandoc's message.
    """
    command = [pandoc_path(), "--from", reader, "--to", writer, *options]
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    if done.returncode:
        raise PandocError(done.stderr.decode(errors="replace").strip())
    return done.stdout.decode()
