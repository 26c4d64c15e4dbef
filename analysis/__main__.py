"""The review's command line: ``python -m analysis COMMAND``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

COMMANDS = {
    "check": "check the evidence tables / 检查证据表格",
    "passages": "which passages of prose no longer hold / 哪些段落的前提已变",
    "results": "compute results.json / 计算结果",
    "import": "add rows from an Excel or CSV file / 从 Excel 或 CSV 导入",
    "template": "write the Excel template for new studies / 生成新研究的 Excel 模板",
    "codebook": "print the codebook / 输出编码手册",
    "diff": "what changed between two versions / 比较两个版本",
    "release": "store a new version / 存储新版本",
    "status": "how the review stands today / 评价当前的状态",
    "feed": "write the Atom feeds / 生成 Atom 订阅源",
    "summary": "what a proposed change does / 拟议更改的影响",
    "notes": "what a version changed / 版本的更新说明",
    "pool": "pool a table of your own / 合并自己的数据表",
}

LIVING = ("diff", "release", "status", "feed", "summary", "notes")


def results_main(argv: list[str]) -> int:
    """Write ``results.json``: ``python -m analysis results [FILE]``."""
    from analysis.evidence import EvidenceError, load
    from analysis.synthesis import ProtocolError, synthesise

    target = Path(argv[0]) if argv else Path("_build/results.json")
    try:
        results = synthesise(load(Path("data")))
    except (EvidenceError, ProtocolError) as error:
        print(error, file=sys.stderr)
        return 1
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(results.to_json(), encoding="utf-8")
    print(target)
    return 0


def command(name: str) -> Callable[[list[str]], int]:
    """The function behind a command; imported only when called, since start-up counts."""
    if name == "results":
        return results_main
    if name == "passages":
        from analysis.showing.passages import main

        return main
    if name == "pool":
        from analysis.pool import main

        return main
    if name in LIVING:
        from analysis.living import cli as living

        return {
            "diff": living.diff_main,
            "release": living.release_main,
            "status": living.status_main,
            "feed": living.feed_main,
            "summary": living.summary_main,
            "notes": living.notes_main,
        }[name]
    from analysis.evidence import cli

    return {
        "check": cli.check_main,
        "import": cli.import_main,
        "template": cli.template_main,
        "codebook": cli.codebook_main,
    }[name]


def main(argv: list[str] | None = None) -> int:
    """Run one command; an unknown one prints what there is."""
    arguments = sys.argv[1:] if argv is None else argv
    if not arguments or arguments[0] not in COMMANDS:
        width = max(map(len, COMMANDS))
        lines = [f"  {name:<{width}}  {help_text}" for name, help_text in COMMANDS.items()]
        print("python -m analysis COMMAND / 命令\n" + "\n".join(lines), file=sys.stderr)
        return 0 if arguments and arguments[0] in ("-h", "--help") else 2
    return command(arguments[0])(arguments[1:])


if __name__ == "__main__":
    raise SystemExit(main())
