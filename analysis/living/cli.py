"""The commands of the living review: release, diff, status, feed."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

from analysis.living.errors import LivingError
from analysis.options import command_parser, languages


def release_main(argv: list[str]) -> int:
    """Store the data as a new version.

    Parameters
    ----------
    argv : list of str
        ``[--reason EN --reason-zh ZH] [--trigger CODE] [--date YYYY-MM-DD] [--seed] [--data DIR]``
    """
    from analysis.living.releasing import release, seed_version
    from analysis.living.report import markdown
    from analysis.living.schedule import TRIGGERS

    parser = command_parser("release", "Store the data as a new version. / 将当前数据存为新版本。")
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
        print("\n".join(markdown(changes, lang) for lang in languages(options)))
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

    parser = command_parser("diff", "What changed between two versions. / 两个版本之间的变化。")
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
        print("\n".join(markdown(changes, lang) for lang in languages(options)))
    return 0


def status_main(argv: list[str]) -> int:
    """Say how the review stands on a day; write a reminder where a search is due.

    Parameters
    ----------
    argv : list of str
        ``[--date YYYY-MM-DD] [--reminder FILE] [--data DIR] [--lang en|zh|both]``; FILE is written only
        when a search is due, and removed when none is.
    """
    from analysis.evidence import EvidenceError, load
    from analysis.living.schedule import state
    from analysis.living.status import reminder, told
    from analysis.living.versions import read_versions
    from analysis.wording import catalogue

    parser = command_parser("status", "How the review stands. / 评价的状态。")
    parser.add_argument("--date", type=_date, default=datetime.date.today(), help="YYYY-MM-DD")
    parser.add_argument(
        "--reminder", type=Path, help="Markdown for an issue, when a search is due / 检索提醒"
    )
    options = parser.parse_args(argv)
    try:
        evidence = load(options.data)
        searches = evidence.rows("searches")
        now = state(evidence.protocol, searches, read_versions(options.data), options.date)
    except (EvidenceError, LivingError) as error:
        print(error, file=sys.stderr)
        return 1
    chosen = languages(options)
    print("\n\n".join("\n".join(told(now, lang)) for lang in chosen))
    if options.reminder:
        options.reminder.unlink(missing_ok=True)
        if now.due:
            options.reminder.parent.mkdir(parents=True, exist_ok=True)
            text = "\n\n".join(reminder(now, lang) for lang in chosen)
            options.reminder.write_text(text + "\n", encoding="utf-8")
        else:
            print("\n" + "\n".join(catalogue.text("living.reminder.not_due", lang) for lang in chosen))
    return 0


def feed_main(argv: list[str]) -> int:
    """Write the feeds of the stored versions.

    Parameters
    ----------
    argv : list of str
        ``DIR [--url URL] [--page PAGE] [--data DIR] [--lang en|zh|both]``: ``DIR/en/feed.xml`` and
        ``DIR/zh/feed.xml``.
    """
    from analysis.living.archive import Archive
    from analysis.living.feed import feed
    from analysis.living.versions import read_versions

    parser = command_parser("feed", "Write the Atom feeds. / 生成 Atom 订阅源。")
    parser.add_argument("folder", type=Path, help="folder of the languages' folders / 各语言文件夹所在目录")
    parser.add_argument("--url", default="", help="the site's address / 网站地址")
    parser.add_argument(
        "--page", default="index.html", help="the page that tells what changed / 更新内容页面"
    )
    options = parser.parse_args(argv)
    try:
        archive = Archive(read_versions(options.data))
        for lang in languages(options):
            target = options.folder / lang / "feed.xml"
            text = feed(archive, lang, options.url.rstrip("/"), options.page)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
            print(target)
    except LivingError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def summary_main(argv: list[str]) -> int:
    """Write what a proposed change does, for the summary of a pull request.

    Parameters
    ----------
    argv : list of str
        ``BASE FILE [--data DIR]``: BASE is the data package on the target branch. The exit code is 0
        also when the data have errors: the text tells them, and ``check`` fails on them.
    """
    from analysis.living.pull_request import pull_request

    parser = command_parser("summary", "What a proposed change does. / 拟议更改的影响。")
    parser.add_argument("base", type=Path, help="data package of the target branch / 目标分支的数据包")
    parser.add_argument("file", type=Path, help="Markdown to write / 要写入的 Markdown 文件")
    options = parser.parse_args(argv)
    options.file.parent.mkdir(parents=True, exist_ok=True)
    options.file.write_text(pull_request(options.base, options.data), encoding="utf-8")
    print(options.file)
    return 0


def notes_main(argv: list[str]) -> int:
    """Print what a stored version changed, for the notes of its release.

    Parameters
    ----------
    argv : list of str
        ``VERSION [--data DIR]``; the exit code is 1 when it is not the last version stored, or when a
        stored version was edited after its release.
    """
    from analysis.living.changes import diff
    from analysis.living.report import markdown
    from analysis.living.snapshots import of_version
    from analysis.living.versions import read_versions

    parser = command_parser("notes", "What a version changed. / 版本的更新说明。")
    parser.add_argument("version", help="YEAR.MINOR.PATCH")
    options = parser.parse_args(argv)
    try:
        versions = read_versions(options.data)
        if not versions or versions[-1].meta.version != options.version:
            last = versions[-1].meta.version if versions else "–"
            raise LivingError(
                f"{options.version} is not the last version stored ({last}): run release first",
                f"{options.version} 不是最近存储的版本（{last}）：请先运行 release",
            )
        for version in versions:
            if altered := ", ".join(version.altered()):
                raise LivingError(
                    f"version {version.meta.version} was edited after its release: {altered}",
                    f"版本 {version.meta.version} 发布后被改动：{altered}",
                )
        stored, before = versions[-1], versions[-2] if len(versions) > 1 else None
        for lang in languages(options):
            print(stored.meta.reason[lang] + "\n")
            if before is not None:
                print(markdown(diff(of_version(before), of_version(stored)), lang))
    except LivingError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _date(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)
