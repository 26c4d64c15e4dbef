"""The second review in a folder of its own, built by the code that is here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BCG = Path(__file__).parent / "bcg"


def copy_bcg(folder: Path) -> Path:
    """The review's project, copied, with the fonts of this one."""
    shutil.copytree(BCG, folder)
    (folder / ".cache").mkdir()
    (folder / ".cache" / "fonts").symlink_to(ROOT / ".cache" / "fonts")
    return folder


def build(project: Path, *options: str) -> Path:
    """Build the site as told, without a Quarto; its folder."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("QUARTO_")}
    command = [sys.executable, "-m", "publishing", "build", "--engine", "embedded"]
    done = subprocess.run(
        [*command, "--project", str(project), *options],
        cwd=ROOT,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return project / "_site"
