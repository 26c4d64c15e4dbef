"""What is kept is found by its content alone, heals itself, stays within its limit, and can be left out."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from store import OFF, VARIABLE, Store, digest, digest_of, key_of, readings


def entries(store: Store) -> list[Path]:
    assert store.folder is not None
    return [path for path in store.folder.rglob("*") if path.is_file()]


def test_made_once_and_found_again(tmp_path: Path) -> None:
    store, made = Store(tmp_path), []

    def make() -> bytes:
        made.append(1)
        return "证据 evidence".encode()

    key = key_of("step", "input")
    assert store.memo(key, make) == store.memo(key, make) == make()
    assert len(made) == 2
    assert store.memo_json(key_of("json"), lambda: {"a": (1, "二")}) == {"a": [1, "二"]}


def test_every_input_counts_and_so_does_where_it_ends() -> None:
    keys = [("a",), ("a", "b"), ("ab",), ("a", ""), ("", "a"), ("b", "a"), ("a", b"\xff")]
    assert len({key_of("step", *inputs) for inputs in keys} | {key_of("other", "a")}) == len(keys) + 1


@pytest.mark.parametrize("damage", [b"", b"x", b"x" * 100])
def test_a_damaged_entry_is_made_again(tmp_path: Path, damage: bytes) -> None:
    store, key = Store(tmp_path), key_of("step")
    store.put(key, b"good")
    (path,) = entries(store)
    path.write_bytes(damage)
    assert store.get(key) is None
    assert store.memo(key, lambda: b"good") == store.get(key) == b"good"
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    assert store.get(key) is None


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    store = Store(tmp_path, limit=250)
    keys = [key_of("step", str(number)) for number in range(4)]
    for age, key in enumerate(keys):
        store.put(key, bytes(50))
        path = store._path(key)
        os.utime(path, (time.time() - 1000 + age, time.time() - 1000 + age))
    assert store.get(keys[0])
    left = Path(store._path(keys[0])).with_name("killed.1.2")
    left.write_bytes(b"half")
    os.utime(left, (0, 0))
    store.prune()
    assert [store.get(key) is not None for key in keys] == [True, False, True, True]
    assert not left.exists()


def test_switched_off_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store.of(tmp_path).put(key_of("step"), b"kept")
    monkeypatch.setenv(VARIABLE, OFF)
    store = Store.of(tmp_path)
    assert store.memo(key_of("step"), lambda: b"made") == b"made"
    store.put(key_of("other"), b"x")
    monkeypatch.delenv(VARIABLE)
    assert Store.of(tmp_path).get(key_of("step")) == b"kept"
    assert Store.of(tmp_path).get(key_of("other")) is None


def test_a_disk_that_takes_nothing_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert Store(tmp_path / "file").memo(key_of("step"), lambda: b"made") == b"made"


def test_a_digest_holds_names_and_contents(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_bytes(b"1")
    digests = {digest_of([first], tmp_path)}
    first.write_bytes(b"22")
    digests.add(digest_of([first], tmp_path))
    first.rename(second)
    digests.add(digest_of([second], tmp_path))
    assert len(digests) == 3


def test_a_digest_is_of_names_seen_from_the_root(tmp_path: Path) -> None:
    found = []
    for name in ("one", "other"):
        root = tmp_path / name
        (root / "a").mkdir(parents=True)
        for file in ("a/b", "a-b", "../outside"):
            (root / file).write_bytes(file.encode())
        files = [root / "a-b", root / "a" / "b", root / ".." / "outside"]
        found.append((digest_of(files, root), digest_of(reversed(files), root), digest_of(files, tmp_path)))
    assert found[0][0] == found[0][1] == found[1][0]
    assert found[0][2] != found[1][2]


def test_a_file_changed_under_one_name_has_changed_under_all(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "folder" / "a"
    second.parent.mkdir()
    first.write_bytes(b"1")
    second.hardlink_to(first)
    assert digest(first) == digest(second)
    second.write_bytes(b"22")
    assert digest(first) == digest(second) == hashlib.sha256(b"22").hexdigest()


def test_lines_that_match_are_all_that_is_depended_on(tmp_path: Path) -> None:
    path = tmp_path / "chapter.qmd"
    path.write_text("# Title {#sec-a}\n\nprose\n", encoding="utf-8")
    assert readings.lines(path, "#") == ["# Title {#sec-a}"]
    reading = (str(path), "#")
    assert reading in readings.followed()
    before = readings.digest_reading(reading), readings.digest_reading((str(path), ""))
    path.write_text("# Title {#sec-a}\n\nother prose\n", encoding="utf-8")
    assert readings.digest_reading(reading) == before[0]
    assert readings.digest_reading((str(path), "")) != before[1]
    path.unlink()
    assert readings.digest_reading(reading) == ""
