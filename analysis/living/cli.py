"""The commands of the living review: release, diff."""

from __future__ import annotations

import argparse
import datetime
import sys
from pathlib import Path

from analysis.living.errors import LivingError


def release_main(argv: list[str]) -> int:
    """Store the data as a new version.

    Parameters
    ----------
    argv : list of str
        ``[--reason EN --reason-zh ZH] [--trigger CODE] [--date YYYY-MM-DD] [--seed] [--data DIR]``
    """
    from analysis.living.releasing import TRIGGERS, release, seed_version
    from analysis.living.report import markdown

    parser = _parser("release", "Store the data as a new version. / 将当前数据存为新版本。")
    parser.add_argument("--reason", help="why, in English / 理由（英文）")
    parser.add_argument("--reason-zh", help="why, in Chinese / 理由（中文）")
    parser.add_argument("--trigger", choices=TRIGGERS, help="what triggered it / 缘由")
    parser.add_argument("--date", type=_date, default=datetime.date.today(), help="YYYY-MM-DD")
    parser.add_argument(
        "--seed",
        action="store_true",
        help="store the continued review's printed results / 存储所延续评价的结果",
    )
    options = parser.parse_args(argv)
    if bool(options.reason) != bool(options.reason_zh):
        parser.error("--reason and --reason-zh go together / --reason 与 --reason-zh 须同时给出")
    reason = {"en": options.reason, "zh": options.reason_zh} if options.reason else None
    try:
        if options.seed:
            print(seed_version(options.data).folder)
            return 0
        stored, changes = release(options.data, options.date, reason, options.trigger)
    except LivingError as error:
        print(error, file=sys.stderr)
        return 1
    if changes is not None:
        print("\n".join(markdown(changes, lang) for lang in _languages(options)))
    print(stored.folder)
    return 0


def diff_main(argv: list[str]) -> int:
    """Say what changed between two versions, or folders.

    Parameters
    ----------
    argv : list of str
        ``OLD [NEW] [--json | --markdown] [--data DIR] [--lang en|zh|both]``; NEW is the folder itself
        when left out.
    """
    from analysis.living.changes import diff
    from analysis.living.report import markdown
    from analysis.living.snapshots import open_snapshot

    parser = _parser("diff", "What changed between two versions. / 两个版本之间的变化。")
    parser.add_argument("old", help="version or folder / 版本或文件夹")
    parser.add_argument("new", nargs="?", help="version or folder / 版本或文件夹")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="as JSON / 以 JSON 输出")
    form.add_argument("--markdown", action="store_true", help="as Markdown (the default) / 以 Markdown 输出")
    options = parser.parse_args(argv)
    try:
        before = open_snapshot(options.old, options.data)
        after = open_snapshot(options.new or options.data, options.data)
    except LivingError as error:
        print(error, file=sys.stderr)
        return 1
    changes = diff(before, after)
    if options.json:
        print(changes.to_json(), end="")
    else:
        print("\n".join(markdown(changes, lang) for lang in _languages(options)))
    return 0


def _parser(command: str, description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m analysis {command}", description=description)
    parser.add_argument("--data", type=Path, default=Path("data"), help="folder of the tables / 数据表文件夹")
    parser.add_argument("--lang", choices=("en", "zh", "both"), default="both", help="language / 语言")
    return parser


def _languages(options: argparse.Namespace) -> tuple[str, ...]:
    return ("en", "zh") if options.lang == "both" else (options.lang,)


def _date(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)
