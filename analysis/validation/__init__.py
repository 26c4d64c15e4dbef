"""Our figures beside the reference's: what the site's *Validation* page prints.

`agreements` computes everything anew from the fixtures that the tests compare (``tests/reference``), so the
page cannot claim what the tests do not check. Where the reference is wrong (it stops at a lower peak, fits
another model) the record says so, and the reference is then a value found independently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from .mean_effects import mixed, pooling
from .models import multilevel, regression, small_study
from .record import SECTIONS, Agreement, Fixtures
from .reference_wrong import reference_wrong

__all__ = ["SECTIONS", "Agreement", "agreements"]


def agreements(fixtures: Path) -> tuple[Agreement, ...]:
    """Every comparison, by section.

    Parameters
    ----------
    fixtures : Path
        The folder ``tests/reference``.
    """
    parts: tuple[Callable[[Fixtures], Iterable[Agreement]], ...] = (
        pooling,
        mixed,
        regression,
        multilevel,
        small_study,
        reference_wrong,
    )
    source = Fixtures(fixtures)
    return tuple(record for part in parts for record in part(source))
