"""A few processes that chapters are run in, at once, each with everything imported already."""

from __future__ import annotations

import ast
import gc
import importlib
import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any

from publishing.errors import BookError
from publishing.memory import give_back

# A forked process has what its parent imported; elsewhere than on Linux forking is not safe.
START = "fork" if sys.platform == "linux" else "spawn"

Work = Callable[[Any, Callable[[Any], None]], Any]
"""Does one job; the second argument tells the parent how far it is."""


def run_jobs(
    work: Work, jobs: Sequence[Any], told: Callable[[Any, Any], None], cores: int = 0
) -> Iterator[tuple[Any, Any]]:
    """Do every job in some process; give each with its result as it is done.

    Parameters
    ----------
    work : callable
        A function of a module; it and the jobs go to other processes.
    jobs : sequence
        In the order they are begun.
    told : callable
        Takes a job and what it says on the way.
    cores : int
        How many processes; by default as many as there are cores.

    Raises
    ------
    BookError
        The first of any job, or of a process that ended without a word; the others are stopped.
    """
    waiting = list(enumerate(jobs))
    context: Any = multiprocessing.get_context(START)
    ours: dict[Connection, Any] = {}
    processes = []
    try:
        for _ in range(min(cores or available_cores(), len(jobs))):
            here, there = context.Pipe()
            process = context.Process(target=_serve, args=(work, there, [*ours, here]), daemon=True)
            process.start()
            there.close()
            processes.append(process)
            ours[here] = _send_next(here, waiting)
        while any(job is not None for job in ours.values()):
            for ready in wait([connection for connection, job in ours.items() if job is not None]):
                assert isinstance(ready, Connection)
                kind, content = _receive(ready)
                number = ours[ready]
                if kind == "told":
                    told(jobs[number], content)
                elif kind == "error":
                    raise content
                else:
                    ours[ready] = _send_next(ready, waiting)
                    yield jobs[number], content
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.join()


def available_cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def import_once(codes: Iterable[str]) -> None:
    """Import what cells import, so that every process forked later has it.

    What cannot be imported from here is left to the cell, which will say so.
    """
    statements = set()
    for code in codes:
        with suppress(SyntaxError):
            statements |= {
                ast.unparse(node)
                for node in ast.walk(ast.parse(code))
                if isinstance(node, ast.Import | ast.ImportFrom)
            }
    for statement in sorted(statements):
        for name in _modules(statement):
            with suppress(Exception):
                importlib.import_module(name)


def _modules(statement: str) -> Iterator[str]:
    node = ast.parse(statement).body[0]
    if isinstance(node, ast.ImportFrom):
        yield str(node.module)
        for alias in node.names:
            yield f"{node.module}.{alias.name}"
    elif isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)


def _send_next(connection: Connection, waiting: list[tuple[int, Any]]) -> int | None:
    if not waiting:
        return None
    number, job = waiting.pop(0)
    connection.send(job)
    return number


def _receive(connection: Connection) -> tuple[str, Any]:
    try:
        kind, content = connection.recv()
    except (EOFError, OSError):
        raise BookError(
            "a process that ran cells ended without a word", "运行代码单元的进程意外结束"
        ) from None
    return kind, content


def _serve(work: Work, connection: Connection, inherited: Sequence[Connection]) -> None:
    """Do jobs until the parent has no more, or is gone."""
    # The parent alone answers Ctrl-C, by ending us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What was inherited is no garbage and need not be looked through.
    gc.freeze()
    if START == "fork":
        # While we held the parent's ends of the pipes, no process would notice that it is gone.
        for other in inherited:
            other.close()
    with suppress(EOFError, OSError):
        while True:
            job = connection.recv()
            try:
                answer = ("done", work(job, lambda content: connection.send(("told", content))))
            except BookError as error:
                answer = ("error", error)
            except BaseException:
                text = traceback.format_exc()
                answer = ("error", BookError(text, "程序出错（见上）"))
            connection.send(answer)
            # One large page or picture would otherwise keep its room in every process until the end.
            give_back()
    os._exit(0)
