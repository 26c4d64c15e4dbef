"""The comparison that the Validation page prints."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from analysis.validation import SECTIONS, Agreement, agreements

RECORDS = agreements(Path(__file__).resolve().parents[1] / "reference")


def test_everything_agrees() -> None:
    assert [record for record in RECORDS if not record.agrees] == []
    assert sum(record.figures for record in RECORDS) > 8_000


def test_every_section_is_there_and_in_order() -> None:
    assert list(dict.fromkeys(record.section for record in RECORDS)) == list(SECTIONS)


def test_where_the_reference_is_wrong_is_told() -> None:
    wrong = {record.dataset: record for record in RECORDS if record.section == "reference_wrong"}
    first = wrong["reml_bimodal_metafor_stops_at_0"]
    assert first.ours == pytest.approx(0.13649247, abs=1e-8)
    assert first.note is not None
    assert "tau² = 0" in first.note["en"]
    assert wrong["reml_bimodal_metafor_takes_lower_peak"].ours == pytest.approx(0.04152634, abs=1e-8)
    assert wrong["reml_bimodal_metafor_finds_global"].note is None


def test_both_languages_and_json() -> None:
    for record in RECORDS:
        for text in (record.quantity, record.note):
            assert text is None or (set(text) == {"en", "zh"} and all(text.values()))
    assert json.loads(json.dumps([record.to_dict() for record in RECORDS], allow_nan=False))


def test_a_difference_would_be_seen() -> None:
    record = next(record for record in RECORDS if record.section == "pooling")
    worse = dataclasses.replace(record, ours=record.ours + 1)
    assert isinstance(worse, Agreement)
    assert record.difference == record.ours - record.reference
    with pytest.raises(dataclasses.FrozenInstanceError):
        record.ours = 0.0  # type: ignore[misc]
