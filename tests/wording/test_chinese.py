import pytest

from analysis.wording.chinese import spaced


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("鞘内注射MSC后", "鞘内注射 MSC 后"),
        ("共7人", "共 7 人"),
        ("比例为45.5%的患者", "比例为 45.5% 的患者"),
        ("差值为−0.50分", "差值为 −0.50 分"),
        ("一 项 研究", "一项研究"),
        ("试验 ，结果 。", "试验，结果。"),
        ("（ n = 20 ）", "（n = 20）"),
        ("“ EDSS 改善 ”", "“EDSS 改善”"),
        ("P < 0.001", "P < 0.001"),
        ("I²为45%", "I² 为 45%"),
        ("Petrou 2020、Llufriu 2014", "Petrou 2020、Llufriu 2014"),
    ],
)
def test_one_rule_for_spaces(text, expected):
    assert spaced(text) == expected
    assert spaced(expected) == expected
