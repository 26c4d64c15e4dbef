"""What cannot be done with a version, said in both languages."""

from __future__ import annotations


class LivingError(ValueError):
    """A version cannot be read, compared or released; the message is in both languages."""

    def __init__(self, en: str, zh: str) -> None:
        self.text = {"en": en, "zh": zh}
        super().__init__(f"{en}\n{zh}")
