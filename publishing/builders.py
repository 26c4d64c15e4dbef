"""Processes that stay warm between builds, and the order in which what was changed is built.

The pages that are being read come first, by one process; another then makes everything, the site that
``make site`` would make. A newer change ends the second at once, and the first between two chapters' cells.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Protocol

from publishing import site
from publishing.errors import BookError
from publishing.search import left_behind

LOOK_SECONDS = 0.05
MOST_MEMORY = 1.5 * 2**30
"""Bytes; Typst remembers the layouts of its last ten runs, and a process that has had so much is given up."""
PAGES_ONLY = (
    "The pages ({}) are new; what follows them is not (other languages, PDFs, search, downloads):\n"
    "页面（{}）已更新；其后的内容（其他语言、PDF、搜索、下载文件）未能更新：\n"
)


class Superseded(Exception):
    """There is something newer to build."""


class Reader(Protocol):
    """Whoever reads: told what is shown, asked what is open."""

    def reading(self) -> tuple[str, ...]:
        """The languages whose pages come first; never none."""

    def begin(self) -> None:
        """There is something new to be built."""

    def show(self, lang: str) -> None:
        """This language's pages are new."""

    def complete(self) -> None:
        """All is new, and nothing is left to be made."""

    def tell(self, error: str) -> None:
        """Say what is wrong."""


class Worker:
    """A process that does one task after another; modules stay imported, what it remembers stays.

    Parameters
    ----------
    temporary : Path
        A folder of its own for temporary files, gone with it; nobody else's has that name.
    """

    def __init__(self, temporary: Path) -> None:
        self._temporary = temporary
        self._process: BaseProcess | None = None
        self._connection: Connection

    def run(
        self,
        task: Callable[..., object],
        newer: Callable[[], bool] = lambda: False,
        must_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """Do a task; it is given a callable, `keep_on`, that raises `Superseded` when it should end.

        Parameters
        ----------
        task : callable
            It goes to the other process.
        newer : callable
            Whether there is something newer to do; the task is then told so.
        must_stop : callable
            Whether not to wait for its end; it is then killed with everything it has started.

        Raises
        ------
        BookError
            Whatever the task says is wrong.
        Superseded
            When it was told or killed before its end.
        """
        if not self._process:
            self._start()
        told = False
        try:
            self._connection.send(task)
            while not self._connection.poll(LOOK_SECONDS):
                if must_stop():
                    self.stop()
                    raise Superseded
                if not told and newer():
                    self._connection.send(None)
                    told = True
            error, memory = self._connection.recv()
        except (EOFError, OSError):
            self.stop()
            raise BookError("the building process ended without a word", "构建进程意外结束") from None
        if memory > MOST_MEMORY:
            self.stop()
        if error:
            raise error

    def stop(self) -> None:
        """End the process and all it has started; the next task starts another, with the code as it is."""
        if not self._process:
            return
        assert self._process.pid
        # It has no group of its own before it has come to `_work`, and has started nothing then.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.join()
        self._process = None
        self._connection.close()
        for folder in (self._temporary, *left_behind(self._temporary)):
            shutil.rmtree(folder, ignore_errors=True)

    def _start(self) -> None:
        shutil.rmtree(self._temporary, ignore_errors=True)
        self._temporary.mkdir(parents=True)
        context = multiprocessing.get_context("spawn")
        self._connection, there = context.Pipe()
        self._process = context.Process(target=_work, args=(there, self._temporary))
        self._process.start()
        there.close()


def _work(connection: Connection, temporary: Path) -> None:
    """Do tasks until there is nobody to send any."""
    # A group of its own, so that all it starts can be ended with it; Ctrl-C is its parent's to answer.
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["TMPDIR"] = tempfile.tempdir = str(temporary)
    with suppress(EOFError, OSError):
        while True:
            # None came too late for the task it was sent for.
            if (task := connection.recv()) is not None:
                connection.send((_outcome(task, connection), _memory()))


def _outcome(task: Callable[..., object], connection: Connection) -> Exception | None:
    def keep_on() -> None:
        if connection.poll():
            raise Superseded

    try:
        task(keep_on=keep_on)
    except (BookError, Superseded) as error:
        return error
    except Exception:
        return BookError(traceback.format_exc(), "程序出错（见上）")
    return None


def _memory() -> int:
    """The most that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


class Conductor:
    """Has what is newest built, in a thread of its own; used as a context manager, it ends its processes.

    Parameters
    ----------
    build : callable
        `publishing.site.build` with all that it is given for the whole site.
    reader : Reader
        Whoever reads.
    folder : Path
        Where the processes keep their temporary files; its name is nobody else's.
    warm : callable, optional
        Imports what the next build may need; without it nothing is shown before all is there.
    """

    def __init__(
        self,
        build: Callable[..., object],
        reader: Reader,
        folder: Path,
        warm: Callable[..., object] | None = None,
    ) -> None:
        self._build, self._reader, self._warm = build, reader, warm
        self._pages, self._whole = (Worker(folder / f"{folder.name}-{name}") for name in ("pages", "whole"))
        self._is_warm = False
        self._asked = self._taken = 0
        self._code_changed = self._ended = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._conduct)

    def __enter__(self) -> Conductor:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify()
        self._thread.join()

    def change(self, *, code: bool = False) -> None:
        """Something has changed; `code` where a process may have imported it."""
        with self._changed:
            self._asked += 1
            self._code_changed |= code
            self._changed.notify()

    def _conduct(self) -> None:
        try:
            while self._take_up():
                if self._code_changed:
                    self._code_changed = self._is_warm = False
                    self._stop()
                with suppress(Superseded):
                    self._follow(time.monotonic())
        finally:
            self._stop()

    def _stop(self) -> None:
        self._pages.stop()
        self._whole.stop()

    def _take_up(self) -> bool:
        """Wait for something that is not built yet; False when it is over."""
        with self._changed:
            self._changed.wait_for(self._newer)
            self._taken = self._asked
            return not self._ended

    def _newer(self) -> bool:
        return self._ended or self._asked > self._taken

    def _is_over(self) -> bool:
        return self._ended

    def _follow(self, start: float) -> None:
        shown: list[str] = []
        self._reader.begin()
        try:
            for lang in self._reader.reading() if self._warm else ():
                if shown and self._newer():
                    raise Superseded
                self._pages.run(partial(self._build, pages_of=(lang,)), self._newer, self._is_over)
                shown.append(lang)
                self._reader.show(lang)
                _say(f"Pages ({lang}) in", "页面已更新", start)
            # Where nothing is shown before all is there, a newer change waits.
            self._whole.run(self._build, must_stop=self._newer if self._warm else self._is_over)
            self._reader.complete()
            _say("All of it in", "全部完成", start)
        except BookError as error:
            site.report(error)
            names = ", ".join(shown)
            self._reader.tell(f"{PAGES_ONLY.format(names, names) if shown else ''}{error}")
            return
        if self._warm and not self._is_warm:
            self._is_warm = True
            with suppress(BookError):
                self._pages.run(self._warm, self._newer, self._is_over)


def _say(en: str, zh: str, start: float) -> None:
    sys.stdout.write(f"{en} {time.monotonic() - start:.1f} s / {zh}\n")
    sys.stdout.flush()
