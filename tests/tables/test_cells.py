"""What a single cell of a table says."""

import pytest

from analysis.tables import adverse_events, characteristics, trials, validation, values


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (1e-16, "< 0.000000001"), (2e-9, "0.000000002"), (-48.7020856, "−48.702085600")],
)
def test_how_a_compared_number_is_shown(value, text):
    assert validation.shown(value) == text


def simulated_event(**values):
    return {"n_people": None, "n_events": None, "n_at_risk": None, "percent": None} | values


@pytest.mark.parametrize(
    ("row", "en", "zh"),
    [
        (simulated_event(n_people=0, n_at_risk=24), "0/24", "0/24"),
        (simulated_event(n_people=2, n_at_risk=18), "2/18", "2/18"),
        (simulated_event(n_at_risk=25), "occurred, number unknown (of 25)", "有发生，人数未知（共 25 人）"),
        (simulated_event(), "occurred, number unknown", "有发生，人数未知"),
        (simulated_event(n_people=0), "0 of an unknown number", "0（总人数未知）"),
        (simulated_event(n_events=3), "3 events", "3 次事件"),
        (simulated_event(percent=8.3), "8.3%", "8.3%"),
    ],
)
def test_an_unknown_number_of_people_is_not_zero(row, en, zh):
    assert (adverse_events.people(row, "en"), adverse_events.people(row, "zh")) == (en, zh)


@pytest.mark.parametrize(
    ("row", "en", "zh"),
    [
        ({"statistic": "count", "events": 7.0, "n": 22.0}, "7/22", "7/22"),
        ({"statistic": "count", "events": 7.0}, "7 of an unknown number", "7（总人数未知）"),
        (
            {"statistic": "mean", "mean": 6.1, "sd": 0.6, "n": 22.0},
            "6.1 (SD 0.6), n = 22",
            "6.1（SD 0.6），n = 22",
        ),
        (
            {"statistic": "mean_change", "mean": -0.2, "sd": 0.3, "median": 0.0, "q1": -0.5, "q3": 0.0},
            "−0.2 (SD 0.3), median 0 (IQR −0.5 to 0)",
            "−0.2（SD 0.3），中位数 0（IQR −0.5 至 0）",
        ),
        (
            {"statistic": "mean", "mean": 3.1, "ci_low": 1.1, "ci_high": 8.8},
            "3.1, 95% CI 1.1 to 8.8",
            "3.1，95% CI 1.1 至 8.8",
        ),
        ({"statistic": "percent", "percent": 40.6}, "40.6%", "40.6%"),
        ({"statistic": "p_only", "p_text": "P < 0.0001"}, "p < 0.0001", "P < 0.0001"),
        ({"statistic": "p_only", "p_text": "<0.0001", "p_value": 0.0001}, "p < 0.0001", "P < 0.0001"),
        ({"statistic": "p_only", "p_value": 0.028}, "p = 0.028", "P = 0.028"),
        ({"statistic": "text"}, "reported in words", "仅有文字描述"),
        ({"statistic": "event_count", "events": 3.0}, "3 events", "3 次事件"),
    ],
)
def test_one_extracted_value(row, en, zh):
    assert (values.shown(row, "en"), values.shown(row, "zh")) == (en, zh)


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (
            {"estimate": 0.94, "ci_low": 0.58, "ci_high": 1.5, "p_value": 0.78},
            "0.94 (95% CI 0.58 to 1.50); p = 0.78",
        ),
        ({"estimate": -1.0}, "−1"),
        ({"estimate": 0.5, "ci_low": 0.25}, "0.50"),
        ({"p_text": "<0.0001"}, "p < 0.0001"),
        ({}, ""),
    ],
)
def test_one_published_difference(row, text):
    assert values.published(row, "en") == text


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("PHASE1/PHASE2", "1/2"),
        ("EARLY_PHASE1", "1"),
        ("Therapeutic exploratory (Phase II)", "2"),
        ("Human Pharmacology (Phase I)- First administration to humans", "1"),
        (None, ""),
    ],
)
def test_phases(printed, expected):
    assert trials.phase(printed) == expected


def test_types_of_ms():
    assert characteristics.phenotype({"n_rrms": 10.0, "n_spms": 6.0, "n_ppms": 0.0}) == "RRMS 10, SPMS 6"
    assert characteristics.phenotype({"pct_spms": 80.0}) == "SPMS 80%"
    assert characteristics.phenotype({"phenotype": "SPMS and PPMS; SPMS mostly"}) == "SPMS, PPMS"
    assert characteristics.phenotype({}) == ""
