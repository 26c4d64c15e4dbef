"""Run by Quarto after a render (`post-render` in _quarto.yml): PDF, language links, search, checks."""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> int:
    """Finish what Quarto rendered."""
    # A script's own folder comes first on the path, and html.py would hide Python's html there.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    from publishing.errors import BookError
    from publishing.site import after_quarto

    try:
        after_quarto()
    except BookError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
