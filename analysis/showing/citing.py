"""How to cite this version, as a block for a page."""

from __future__ import annotations

from analysis.showing.blocks import Shown, downloads
from analysis.showing.session import Session, write
from analysis.wording import catalogue, escape

# Stands for the day of reading in a citation's text.
_READ = "\x1f"


def block(session: Session) -> Shown:
    """The citation in each style, and as files for reference managers."""
    found, lang = session.citation, session.lang
    styles = {"vancouver": found.vancouver(_READ), "gbt7714": found.gbt7714(_READ)}
    bibtex = found.bibtex()
    folder = session.folder("")
    write(folder / "citation.bib", bibtex)
    write(folder / "citation.ris", found.ris())
    names = {style: catalogue.text(f"show.cite_style.{style}", lang) for style in (*styles, "bibtex")}
    html = "\n".join(
        (
            '<div class="review-citation">',
            *(
                f'<p class="cite-style">{escape.html(names[style])}</p>\n'
                f'<blockquote class="copyable"><p>{_html(text, style, lang)}</p></blockquote>'
                for style, text in styles.items()
            ),
            f'<p class="cite-style">{escape.html(names["bibtex"])}</p>',
            f'<pre class="copyable" tabindex="0"><code>{_lines(bibtex)}</code></pre>',
            downloads(
                session,
                {"bib": "citation.bib", "ris": "citation.ris"},
                catalogue.text("show.cite_file", lang),
                cited=True,
            ),
            "</div>",
        )
    )
    read = catalogue.text("show.cite_read", lang)
    typst = "\n\n".join(
        f"#strong({escape.typst(names[style])}) \\\n#{{{escape.typst(text.replace(_READ, read))}}}"
        for style, text in styles.items()
    )
    return Shown(f"{escape.fenced(html, 'html')}\n\n{escape.fenced(typst, 'typst')}\n", "citation")


def _html(text: str, style: str, lang: str) -> str:
    """The page's script writes the day of reading where the words for it stand."""
    read = escape.html(catalogue.text("show.cite_read", lang))
    slot = f'<span class="cite-today" data-style="{style}">{read}</span>'
    return slot.join(escape.html(part) for part in text.split(_READ))


def _lines(text: str) -> str:
    # Escaping takes a line's indent away.
    return "\n".join(" " * (len(line) - len(line.lstrip())) + escape.html(line) for line in text.splitlines())
