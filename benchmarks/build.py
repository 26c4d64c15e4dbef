"""How long everything takes that an editor waits for, as ratios, in one run on copies of the project.

``make bench`` runs it and writes the table into the README; ``python benchmarks/build.py`` prints it.
The floor is what cannot be saved: drawing every figure once, compiling both PDFs, one call of pandoc a page
and language, over the cores there are.
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from edits import change_any, change_cell, change_one_language, change_prose, change_remark
from serving import Waited, served
from simulated import release, simulate

ROOT = Path(__file__).resolve().parents[1]
MARKS = ("<!-- bench: made by make bench -->", "<!-- /bench -->")
BUILD = ("-m", "publishing", "build", "--engine", "embedded")
FIGURES = " Seconds to draw each figure: "
LARGEST = 300
SIZES = (100, LARGEST)
VERSIONS = 24
"""Of two years, one a month."""
CELLS = 15
"""How many cells, taken by chance, are changed one after another."""


@dataclass(frozen=True, order=True)
class Spent:
    """Seconds by the clock, of all cores, and the largest memory of the whole tree of processes (MB).

    The quicker by the clock is the lesser. Where a process goes on after what is measured, only the clock
    can say.
    """

    wall: float
    cpu: float = math.nan
    memory: float = math.nan


@dataclass(frozen=True)
class Line:
    """One line of the table: what was measured, its ratio to something, and what is allowed."""

    name: str
    spent: Spent
    ratio: float | None = None
    to: str = ""
    most: float | None = None


def run(folder: Path, *arguments: str) -> Spent:
    """Run Python in a folder; it must go well."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("QUARTO_")},
    )
    peak: list[float] = [0.0]
    watcher = threading.Thread(target=_watch, args=(process, peak), daemon=True)
    watcher.start()
    said, _ = process.communicate()
    wall = time.perf_counter() - began
    watcher.join()
    if process.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed in {folder}:\n{said[-3000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Spent(wall, cpu, peak[0])


def _watch(process: subprocess.Popen[str], peak: list[float]) -> None:
    """The proportional memory of a session's processes, so that what they share counts once."""
    while process.poll() is None:
        total = 0
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if os.getsid(int(folder.name)) == process.pid:
                    found = re.search(r"^Pss:\s+(\d+)", (folder / "smaps_rollup").read_text(), re.MULTILINE)
                    total += int(found[1]) if found else 0
            except OSError:
                continue
        peak[0] = max(peak[0], total / 1024)
        time.sleep(0.2)


def copy_project(folder: Path) -> Path:
    """Copy what git tracks, with the fonts linked; of the tests only what pages compare with."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        left_out = name.startswith(("tests/", "benchmarks/")) and not name.startswith("tests/reference/")
        if (ROOT / name).is_file() and not left_out:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target)
    (folder / ".cache").mkdir(exist_ok=True)
    (folder / ".cache" / "fonts").symlink_to(ROOT / ".cache" / "fonts")
    return folder


def clean(folder: Path) -> Spent:
    """Build the whole site from nothing."""
    forget(folder)
    return run(folder, *BUILD)


def forget(folder: Path) -> None:
    """Leave nothing that a build made."""
    for name in ("_site", "_build", ".cache/store"):
        shutil.rmtree(folder / name, ignore_errors=True)


def edited(folder: Path, change: Callable[[Path, int], object]) -> Callable[[int], Spent]:
    """Build after a change, made anew at each step."""

    def measure(step: int) -> Spent:
        change(folder, step)
        return run(folder, *BUILD)

    return measure


def bundled(folder: Path, times: int) -> tuple[list[Line], Spent, list[tuple[str, float]]]:
    """The review that is here: everything that is waited for, and the time of each figure.

    What else the machine does only adds: the quickest of several rounds counts. A round measures everything,
    so that a busy minute does not fall on one line alone.
    """

    def command(name: str) -> Callable[[int], Spent]:
        return lambda step: run(folder, "-m", "analysis", name)

    parts: dict[str, tuple[Callable[[int], Spent], float | None]] = {
        "nothing changed": (lambda step: run(folder, *BUILD), 0.05),
        "one cell changed that a result is made from": (edited(folder, change_cell), 0.20),
        "one cell changed that no result is made from": (edited(folder, change_remark), 0.20),
        "one chapter's prose changed in one language": (edited(folder, change_one_language), 0.10),
        "one chapter's prose changed in both languages": (edited(folder, change_prose), 0.10),
        "make check: the tables": (command("check"), 0.08),
        "make check: the passages": (command("passages"), 0.08),
        "all results from nothing": (command("results"), None),
    }
    wholes: list[Spent] = []
    floors: list[Spent] = []
    rounds: dict[str, list[Spent]] = {name: [] for name in parts}
    by_chance: list[Spent] = []
    for step in range(times):
        wholes.append(clean(folder))
        spent, figures = floor_of(folder)
        floors.append(spent)
        for name, (measure, _) in parts.items():
            rounds[name].append(measure(step))
        by_chance += map(edited(folder, change_any), range(step, CELLS, times))
    whole, floor = min(wholes), min(floors)
    by_chance.sort()

    def part(name: str, spent: Spent, most: float | None) -> Line:
        return Line(name, spent, spent.wall / whole.wall, "the clean build", most)

    lines = [
        Line("clean build: both languages, all of it", whole, whole.wall / floor.wall, "its floor", 2),
        Line("its floor: figures, PDFs, one pandoc call a page", floor),
        *(part(name, min(rounds[name]), most) for name, (_, most) in parts.items()),
        part(f"one cell changed by chance: the median of {CELLS}", by_chance[CELLS // 2], 0.20),
        part("… the slowest of them", by_chance[-1], None),
    ]
    return lines, whole, figures


def serving(folder: Path, times: int, whole: Spent) -> list[Line]:
    """What is waited for while `make serve` runs, on a project that is built."""
    changes = (
        ("one chapter's prose changed in both languages", change_prose, 0.10),
        ("one cell changed that a result is made from", change_cell, 0.20),
        ("one cell changed that no result is made from", change_remark, 0.20),
    )
    lines = []
    with served(folder) as found:
        for name, change, most in changes:

            def after(step: int, change: Callable[[Path, int], None] = change) -> Waited:
                return found.after(lambda: change(folder, 1000 + step))

            waited = [after(step) for step in range(times)]
            for what, seconds, limit in (
                (f"make serve: the page after {name}", min(one.page for one in waited), most),
                ("… the other language, PDFs, search too", min(one.whole for one in waited), None),
            ):
                lines.append(Line(what, Spent(seconds), seconds / whole.wall, "the clean build", limit))
    return lines


def floor_of(folder: Path) -> tuple[Spent, list[tuple[str, float]]]:
    """The three parts of the floor, each over the cores, measured in a process that has imported all."""
    out = folder / "_build" / "floor.txt"
    spent = run(folder, str(ROOT / "benchmarks" / "floor.py"), str(out))
    first, *rest = out.read_text(encoding="utf-8").splitlines()
    wall, cpu = map(float, first.split())
    pairs = [line.rpartition(" ") for line in rest]
    return Spent(wall, cpu, spent.memory), [(name, float(seconds)) for name, _, seconds in pairs]


def with_quarto(folder: Path) -> Spent | None:
    """`quarto render` of both profiles, where there is a Quarto."""
    sys.path.insert(0, str(ROOT))
    from publishing.quarto import find_quarto

    if not (program := find_quarto()):
        return None
    forget(folder)
    code = (
        "import os, subprocess, sys\n"
        "os.environ |= {'QUARTO_PYTHON': sys.executable, 'PYTHONPATH': os.getcwd()}\n"
        "for lang in ('en', 'zh'):\n"
        "    subprocess.run([sys.argv[1], 'render', '--profile', lang], check=True)\n"
    )
    return run(folder, "-c", code, program)


@contextmanager
def workshop() -> Iterator[Path]:
    """A folder for copies, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        yield Path(name)


def measure(times: int, sizes: tuple[int, ...]) -> str:
    """Everything, as Markdown."""
    with workshop() as folder:
        say("the bundled review")
        project = copy_project(folder / "bundled")
        lines, whole, figures = bundled(project, times)
        say("make serve")
        lines += serving(project, times, whole)
        say("Quarto")
        if quarto := with_quarto(project):
            ratio = whole.wall / quarto.wall
            lines.append(
                Line("`quarto render` of both profiles", quarto, ratio, "it is the clean build", 0.2)
            )
        for studies in sizes:
            say(f"{studies} simulated studies")
            project = copy_project(folder / str(studies))
            simulate(project, studies)
            spent = clean(project)
            name, to = f"clean build, {studies} simulated studies × 12 outcomes", "the bundled review"
            time_most, memory_most = (4, 2) if studies == LARGEST else (None, None)
            lines.append(Line(name, spent, spent.wall / whole.wall, to, time_most))
            lines.append(Line("… its memory", spent, spent.memory / whole.memory, to, memory_most))
        if sizes:
            say(f"{VERSIONS} simulated versions")
            lines += aged(copy_project(folder / "versions"), whole)
    return table(lines, figures)


def aged(folder: Path, whole: Spent) -> list[Line]:
    """The review that is here after more versions: a clean build, and what an editor waits for."""
    release(folder, VERSIONS)
    spent, to = clean(folder), "the bundled review's clean build"
    lines = [
        Line(f"clean build, {VERSIONS} simulated versions more", spent, spent.wall / whole.wall, to),
        Line("… its memory", spent, spent.memory / whole.memory, to),
    ]
    for name, change in (
        ("… one cell changed that a result is made from", change_cell),
        ("… one cell changed that no result is made from", change_remark),
        ("… one chapter's prose changed in both languages", change_prose),
    ):
        spent = edited(folder, change)(0)
        lines.append(Line(name, spent, spent.wall / whole.wall, to))
    return lines


def measure_serving(times: int) -> str:
    """What is waited for while `make serve` runs, beside a clean build."""
    with workshop() as folder:
        project = copy_project(folder / "bundled")
        whole = clean(project)
        return table([Line("clean build", whole), *serving(project, times, whole)], [])


def table(lines: list[Line], figures: list[tuple[str, float]]) -> str:
    """The lines as a table, with the machine and the slowest figures beneath."""
    rows = ["| what | s | s of all cores | MB | ratio | at most |", "|---|--:|--:|--:|--:|--:|"]
    for line in lines:
        ratio = "" if line.ratio is None else f"{line.ratio:.2f} of {line.to}"
        most = "" if line.most is None else f"{line.most:g}"
        spent = line.spent
        cpu = "" if math.isnan(spent.cpu) else f"{spent.cpu:.1f}"
        memory = "" if math.isnan(spent.memory) else f"{spent.memory:.0f}"
        numbers = f"{spent.wall:.1f} | {cpu} | {memory}"
        rows.append(f"| {line.name} | {numbers} | {ratio} | {most} |")
    drawn = ", ".join(f"{name} {seconds:.2f}" for name, seconds in figures)
    about = f"{FIGURES}{drawn}." if figures else ""
    return "\n".join([*rows, "", f"{machine()}, {date.today()}.{about}"])


def machine() -> str:
    """What it was measured on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    name = platform.processor() or platform.machine()
    if (info := Path("/proc/cpuinfo")).is_file():
        found = re.search(r"^model name\s*:\s*(.+)$", info.read_text(), re.MULTILINE)
        name = found[1] if found else name
    return f"{cores} cores of {name}, {platform.system()}, Python {platform.python_version()}"


def say(what: str) -> None:
    """Tell on standard error what is measured now."""
    sys.stderr.write(f"measuring {what} …\n")


def write(path: Path, text: str) -> None:
    """Put the table between the marks of a file; the seconds of each figure are only printed."""
    text = text.partition(FIGURES)[0].rstrip()
    content = path.read_text(encoding="utf-8")
    before, rest = content.split(MARKS[0])
    _, after = rest.split(MARKS[1])
    path.write_text(f"{before}{MARKS[0]}\n{text}\n{MARKS[1]}{after}", encoding="utf-8")


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="the file that holds the table between its marks")
    parser.add_argument("--times", type=int, default=2, help="runs of which the quickest counts")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="numbers of simulated studies")
    parser.add_argument("--serving", action="store_true", help="only what make serve lets wait for")
    options = parser.parse_args()
    if options.serving:
        print(measure_serving(options.times))
        return
    text = measure(options.times, tuple(options.sizes))
    print(text)
    if options.write:
        write(options.write, text)


if __name__ == "__main__":
    main()
