"""Reading never fails and never drops a row in silence, whatever the file holds."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.evidence import check
from analysis.evidence.findings import describe, to_json
from analysis.evidence.reading import Reading, parse_table, read_table
from analysis.evidence.schema import SchemaError, read_schema

DATA = Path(__file__).parents[2] / "data"
SCHEMA = read_schema(DATA / "datapackage.json")
ARMS, OUTCOMES, FLOW = SCHEMA.tables["arms"], SCHEMA.tables["outcomes"], SCHEMA.tables["flow"]

NASTY = st.sampled_from(
    ["", " ", "0", "-1", "1.5", "1e400", "９", "1_000", "nan", "inf", "=1+1", "<script>", "'", "count",
     "true", "2024-02-30", "2024-05-31", "\u00a0", "–5", "<0.001", "x" * 5000,
     "\x00", "msc", "llufriu2014", "a\nb"]
)  # fmt: skip
CELL = NASTY | st.text(max_size=12)


def csv_bytes(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8", errors="surrogatepass")


def assert_nothing_is_silent(reading: Reading) -> None:
    assert reading.total == len(reading.rows) + len(reading.refused)
    described = {found.row for found in reading.findings if found.severity == "error"}
    if reading.refused:
        assert described, "rows were refused without a word"
    for found in reading.findings:
        assert found.message["en"]
        assert found.message["zh"]
    describe(reading.findings)
    to_json(reading.findings)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for table in (ARMS, FLOW):
        assert_nothing_is_silent(parse_table(table, content, table.path))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_below_a_good_header_are_read_or_refused(tail: bytes) -> None:
    header = csv_bytes([list(FLOW.names)])
    assert_nothing_is_silent(parse_table(FLOW, header + tail, "flow.csv"))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(CELL, min_size=len(ARMS.names), max_size=len(ARMS.names)), max_size=8))
def test_rows_read_and_refused_are_the_rows_in_the_file(rows: list[list[str]]) -> None:
    reading = parse_table(ARMS, csv_bytes([list(ARMS.names), *rows]), "arms.csv")
    assert_nothing_is_silent(reading)
    assert reading.total == sum(any(cell.strip() for cell in row) for row in rows)
    for row in reading.refused:
        assert any(found.row == row.number and found.severity == "error" for found in reading.findings)
    for row in reading.rows:
        assert row["study_id"]
        assert row["role"] in ("intervention", "control", "both")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(CELL, max_size=40), max_size=6))
def test_rows_of_any_length_are_counted(rows: list[list[str]]) -> None:
    reading = parse_table(FLOW, csv_bytes([list(FLOW.names), *rows]), "flow.csv")
    assert_nothing_is_silent(reading)
    assert reading.total == sum(any(cell.strip() for cell in row) for row in rows)


@settings(max_examples=100, deadline=None)
@given(st.lists(CELL, min_size=1, max_size=14), st.lists(CELL, max_size=14))
def test_any_header_is_read_or_refused(header: list[str], row: list[str]) -> None:
    reading = parse_table(ARMS, csv_bytes([header, row]), "arms.csv")
    assert_nothing_is_silent(reading)
    assert errors_in(reading)


def errors_in(reading: Reading) -> list[str]:
    return [found.code for found in reading.findings if found.severity == "error"]


@settings(max_examples=40, deadline=None)
@given(
    table=st.sampled_from(sorted(SCHEMA.tables)),
    place=st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)),
    text=CELL,
)
def test_any_cell_of_the_package_may_be_spoilt(
    tmp_path_factory: pytest.TempPathFactory, table: str, place: tuple[int, int], text: str
) -> None:
    folder = tmp_path_factory.mktemp("data")
    for path in filter(Path.is_file, DATA.iterdir()):
        (folder / path.name).write_bytes(path.read_bytes())
    target = folder / f"{table}.csv"
    rows = list(csv.reader(io.StringIO(target.read_text(encoding="utf-8"), newline="")))
    row = rows[1 + place[0] % (len(rows) - 1)]
    row[place[1] % len(row)] = text
    target.write_bytes(csv_bytes(rows))
    describe(check(folder))
    assert read_table(SCHEMA.tables[table], folder).total == sum(any(map(str.strip, row)) for row in rows[1:])


def test_a_quote_that_is_never_closed_swallows_nothing_in_silence() -> None:
    good = "msc,x,MSC,MSC,intervention,arm,,,,,,,,\n"
    content = (",".join(ARMS.names) + "\n" + good + '"' + good + good).encode()
    reading = parse_table(ARMS, content, "arms.csv")
    assert [row.number for row in reading.rows] == [2]
    assert len(reading.refused) == 2
    assert errors_in(reading) == ["not_csv"]
    assert reading.findings[0].row == 3


def test_a_file_with_a_mark_and_windows_line_ends_is_read(data_dir: Path) -> None:
    plain = (data_dir / "arms.csv").read_bytes()
    marked = b"\xef\xbb\xbf" + plain.replace(b"\n", b"\r\n")
    assert [dict(row) for row in parse_table(ARMS, marked, "arms.csv").rows] == [
        dict(row) for row in parse_table(ARMS, plain, "arms.csv").rows
    ]


def test_a_cell_in_another_encoding_is_named_with_its_place(data_dir: Path) -> None:
    gbk = (data_dir / "arms.csv").read_text(encoding="utf-8").encode("gbk", errors="ignore")
    reading = parse_table(ARMS, gbk, "arms.csv")
    assert set(errors_in(reading)) == {"not_utf8"}
    assert {found.column for found in reading.findings} == {"label_zh"}


def test_a_missing_table_is_a_finding(copy: Path) -> None:
    (copy / "arms.csv").unlink()
    assert ("file_missing", "arms.csv") in {(found.code, found.file) for found in check(copy)}


@pytest.mark.parametrize("content", ["", "{", "[]", '{"resources": [{"name": "x"}]}', '{"resources": [1]}'])
def test_a_broken_schema_is_a_finding(copy: Path, content: str) -> None:
    (copy / "datapackage.json").write_text(content, encoding="utf-8")
    assert [found.code for found in check(copy)] == ["schema_unreadable"]
    with pytest.raises(SchemaError):
        read_schema(copy / "datapackage.json")


@pytest.mark.parametrize("content", ["a: [", "- 1", "\x07: 1", "5"])
def test_a_broken_protocol_is_a_finding(copy: Path, content: str) -> None:
    (copy / "review.yml").write_text(content, encoding="utf-8")
    assert "protocol_unreadable" in {found.code for found in check(copy)}
