"""The options that every command on the evidence takes."""

from __future__ import annotations

import argparse
from pathlib import Path


def command_parser(command: str, description: str) -> argparse.ArgumentParser:
    """A parser that knows the folder of the tables and the language to answer in."""
    parser = argparse.ArgumentParser(prog=f"python -m analysis {command}", description=description)
    parser.add_argument("--data", type=Path, default=Path("data"), help="folder of the tables / 数据表文件夹")
    parser.add_argument("--lang", choices=("en", "zh", "both"), default="both", help="language / 语言")
    return parser


def languages(options: argparse.Namespace) -> tuple[str, ...]:
    """The languages asked for."""
    return ("en", "zh") if options.lang == "both" else (options.lang,)
