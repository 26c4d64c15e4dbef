"""Quarto: where it is, how to get it, and a render of one language."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from publishing.errors import BookError
from publishing.project import Book

INSTALL_SECONDS = 180
TRY_AGAIN_SECONDS = 24 * 3600
OURS = "REVIEW_FINISHES_LATER"
"""Set while we drive Quarto: its post-render script then leaves the finishing to us."""


def find_quarto() -> str | None:
    """A `quarto` that runs: on the PATH, or beside this Python."""
    beside = Path(sys.executable).with_name("quarto")
    for candidate in (shutil.which("quarto"), str(beside) if beside.is_file() else None):
        if candidate and _version(candidate):
            return candidate
    return None


def get_quarto(
    project_dir: Path, progress: Callable[[str], None] = lambda what: None, *, again: bool = False
) -> tuple[str | None, str]:
    """Find Quarto, or install it from PyPI where that works.

    A failed installation is remembered for a day, so that not every build waits for it.

    Parameters
    ----------
    project_dir : Path
        The project; its ``.cache`` remembers.
    progress : callable
        Told when an installation begins, which may take minutes.
    again : bool
        Try to install even when that failed lately.

    Returns
    -------
    (path or None, why not)
    """
    if found := find_quarto():
        return found, ""
    memory = project_dir / ".cache" / "quarto-unavailable"
    if not again and memory.is_file() and time.time() - memory.stat().st_mtime < TRY_AGAIN_SECONDS:
        return None, memory.read_text(encoding="utf-8")
    progress("pip install quarto-cli")
    why = _install()
    if not why and (found := find_quarto()):
        memory.unlink(missing_ok=True)
        return found, ""
    why = why or "pip install quarto-cli: the program does not run"
    memory.parent.mkdir(parents=True, exist_ok=True)
    memory.write_text(why, encoding="utf-8")
    return None, why


def missing_quarto(why: str) -> BookError:
    """What is told where Quarto was asked for and cannot be had."""
    return BookError(
        f"Quarto cannot be had here ({why}). Install it from https://quarto.org/docs/get-started/ "
        "so that `quarto` is on the PATH, or build with ENGINE=embedded.",
        f"此处无法获得 Quarto（{why}）。请从 https://quarto.org/docs/get-started/ 安装，"
        "使 `quarto` 命令可用，或改用 ENGINE=embedded 构建。",
    )


def render(quarto: str, book: Book, out_dir: Path, progress: Callable[[str], None]) -> None:
    """Render one language into a folder.

    Raises
    ------
    BookError
        With the end of Quarto's own words.
    """
    environment = {
        **os.environ,
        OURS: "1",
        "NO_COLOR": "1",
        "QUARTO_PYTHON": sys.executable,
        # Quarto's kernels find the programs and packages of this environment, and the project's own packages.
        "PATH": _first(str(Path(sys.executable).parent), "PATH"),
        "PYTHONPATH": _first(str(book.project_dir), "PYTHONPATH"),
    }
    command = [quarto, "render", str(book.project_dir), "--profile", book.lang, "--output-dir", str(out_dir)]
    process = subprocess.Popen(
        command,
        cwd=book.project_dir,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    said: list[str] = []
    try:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line.rstrip())
            if match := re.search(r"\[\s*(\d+/\d+)\]\s+([\w./-]+)", line):
                progress(f"Quarto {match[2]} ({match[1]})")
        failed = process.wait() != 0
    finally:
        process.kill()
    if failed or not (out_dir / "index.html").is_file():
        end = "\n".join(said[-30:])
        raise BookError(f"Quarto stopped:\n{end}", "Quarto 出错停止（见上）", file=f"_quarto-{book.lang}.yml")


def _first(folder: str, variable: str) -> str:
    """A folder before those that the variable names already."""
    return os.pathsep.join(filter(None, (folder, os.environ.get(variable))))


def _version(quarto: str) -> str:
    try:
        done = subprocess.run([quarto, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _install() -> str:
    """Install `quarto-cli` beside this Python, quietly; why not, or ``""``."""
    # Without its dependencies: they would change the locked ones, and what Quarto needs of them is there.
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command.append("quarto-cli")
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return f"pip install quarto-cli: no answer in {INSTALL_SECONDS} s"
    if done.returncode == 0:
        return ""
    causes = re.findall(r"^\s*((?:\w+\.)*\w*(?:Error|ERROR)\b.*)$", done.stderr, re.MULTILINE)
    cause = causes[0].strip() if causes else "it failed"
    return f"pip install quarto-cli: {cause[:120]}"
