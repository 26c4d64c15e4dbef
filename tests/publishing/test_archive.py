"""Zip files are the same bytes whether their parts were packed before or not."""

from __future__ import annotations

import zipfile
from pathlib import Path

from publishing.archive import EPOCH, Entry, write_zip
from store import Store


def test_parts_that_were_packed_before_change_no_byte(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    source = tmp_path / "a.csv"
    source.write_text("1,2\n" * 100, encoding="utf-8")
    entries: list[Entry] = [
        ("r/data/a.csv", source),
        ("r/README.md", b"read me"),
        ("r/data/deep/b.csv", b"3,4\n"),
        ("r/picture.png", b"as it is" * 9),
        ("r/code/c.py", b"print()\n"),
    ]
    first = write_zip(tmp_path / "first.zip", entries, store).read_bytes()
    source.write_text("5,6\n" * 100, encoding="utf-8")
    second = write_zip(tmp_path / "second.zip", entries, store)
    assert second.read_bytes() != first
    assert write_zip(tmp_path / "new.zip", reversed(entries)).read_bytes() == second.read_bytes()
    with zipfile.ZipFile(second) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == sorted(name for name, _ in entries)
        assert archive.read("r/data/a.csv") == source.read_bytes()
        assert archive.read("r/data/deep/b.csv") == b"3,4\n"
        assert {entry.date_time for entry in archive.infolist()} == {EPOCH}
        kinds = {entry.filename: entry.compress_type for entry in archive.infolist()}
    assert kinds["r/picture.png"] == zipfile.ZIP_STORED
    assert kinds["r/data/a.csv"] == zipfile.ZIP_DEFLATED


def test_an_archive_of_nothing_is_one(tmp_path: Path) -> None:
    with zipfile.ZipFile(write_zip(tmp_path / "empty.zip", [])) as archive:
        assert archive.namelist() == []


def test_an_archive_that_stays_is_shared_and_never_written_over(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    entries: list[Entry] = [("data/a.csv", b"1,2\n"), ("data/b.csv", b"3,4\n")]
    old, new = tmp_path / "old.zip", tmp_path / "new.zip"
    whole = write_zip(old, entries, store).read_bytes()
    assert write_zip(new, entries, store, old).samefile(old)
    changed = write_zip(new, [*entries, ("data/c.csv", b"5\n")], store, old)
    assert not changed.samefile(old)
    assert old.read_bytes() == whole != changed.read_bytes()
    old.write_bytes(whole[:-1] + b"!")
    assert write_zip(new, entries, store, old).read_bytes() == whole
    assert not new.samefile(old)
    old.unlink()
    assert write_zip(new, entries, store, old).read_bytes() == whole
