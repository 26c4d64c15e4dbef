"""YAML, read by libyaml where it is there: ten times as fast as in Python, and the same."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    Loader = yaml.SafeLoader
else:
    Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Any:
    """What a file holds, plain values only.

    Raises
    ------
    yaml.YAMLError
        Where it is no YAML.
    """
    return yaml.load(path.read_text(encoding="utf-8"), Loader)
