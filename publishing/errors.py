"""What is told when a book cannot be built: always the file, always in both languages."""

from __future__ import annotations


class BookError(Exception):
    """Something in the book's files keeps it from being built.

    Parameters
    ----------
    en, zh : str
        What is wrong and what to do, one sentence in each language.
    file : str
        The file, relative to the project folder.
    where : int or str or None
        The line in a chapter, or the field in a YAML file.
    """

    def __init__(self, en: str, zh: str, *, file: str = "", where: int | str | None = None) -> None:
        self.en, self.zh, self.file, self.where = en, zh, file, where
        place = file if where is None else f"{file}:{where}"
        super().__init__(f"{place}: {en}\n{place}: {zh}" if place else f"{en}\n{zh}")

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self.en, self.zh, self.file, self.where)


def _rebuild(en: str, zh: str, file: str, where: int | str | None) -> BookError:
    return BookError(en, zh, file=file, where=where)
