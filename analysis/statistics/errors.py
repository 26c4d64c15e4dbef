"""What cannot be computed says which study is in the way, and why."""

from __future__ import annotations


class StatisticsError(ValueError):
    """An input from which nothing honest can be computed.

    Attributes
    ----------
    code : str
        Stable name of the reason (``not_finite``, ``variance_not_positive``, ``no_studies`` …).
    study : int or None
        Position (from 0) of the study in the arrays given, where one study is to blame.
    """

    def __init__(self, code: str, message: str, study: int | None = None) -> None:
        where = "" if study is None else f"study {study} (counting from 0): "
        super().__init__(where + message)
        self.code = code
        self.study = study
