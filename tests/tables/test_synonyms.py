"""Names of one thing from glossary rows."""

import pytest

from analysis.tables.synonyms import synonyms


@pytest.mark.parametrize(
    ("row", "groups"),
    [
        ({"en": "relapse", "zh": "复发"}, [["relapse", "复发"]]),
        ({"en": "risk ratio", "zh": "相对危险度（风险比）"}, [["risk ratio", "相对危险度", "风险比"]]),
        ({"en": "review", "zh": "评价（亦作：综述）"}, [["review", "评价", "综述"]]),
        ({"en": "relapsing MS (RRMS)", "zh": "复发型"}, [["relapsing MS", "RRMS", "复发型"]]),
        ({"en": "interval (a remark on it)", "zh": "区间"}, [["interval", "区间"]]),
        ({"en": "own / foreign", "zh": "自体 / 异体"}, [["own", "自体"], ["foreign", "异体"]]),
        ({"en": "living", "zh": "活 / 动态系统"}, [["living", "动态系统"]]),
        ({"en": "answers Y/PY", "zh": "是 / 可能是"}, [["PY", "可能是"]]),
        ({"en": "event", "zh": "事件", "also": "AE; 反应 ;;"}, [["event", "事件", "AE", "反应"]]),
        ({"en": "event", "zh": "事件", "also": "Event; 事件"}, [["event", "事件"]]),
    ],
)
def test_a_row_gives_its_names(row, groups):
    assert synonyms([row]) == groups


def test_rows_that_share_a_name_are_one_group():
    rows = [
        {"en": "adverse event", "zh": "不良事件", "also": "不良反应"},
        {"en": "placebo", "zh": "安慰剂"},
        {"en": "adverse reaction", "zh": "不良反应"},
    ]
    groups = {frozenset(group) for group in synonyms(rows)}
    assert groups == {
        frozenset({"adverse event", "不良事件", "不良反应", "adverse reaction"}),
        frozenset({"placebo", "安慰剂"}),
    }
