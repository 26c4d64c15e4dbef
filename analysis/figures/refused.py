"""A figure that is not drawn, for a reason that readers should see."""

from __future__ import annotations


class Refused(ValueError):
    """Drawing would mislead or is impossible; `reason` is a sentence in the page's language."""

    def __init__(self, figure_id: str, reason: str) -> None:
        self.figure_id = figure_id
        self.reason = reason
        super().__init__(f"{figure_id}: {reason}")
