"""What a forest plot says in sentences: its foot, its alt text, and itself read aloud."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from analysis.figures.saving import Value
from analysis.synthesis.results import Mark, Pooled, Row, Synthesis
from analysis.wording import facts, numbers
from analysis.wording.catalogue import text

SIGNS: Final = "†‡§¶‖#"


def capital(words: str) -> str:
    """`words` with a capital first letter."""
    return words[:1].upper() + words[1:]


def signs(synthesis: Synthesis) -> dict[Mark, str]:
    """A sign for each distinct thing assumed or derived, in order of appearance."""
    marks = dict.fromkeys(mark for row in synthesis.rows for mark in row.marks)
    return {mark: SIGNS[index % len(SIGNS)] * (1 + index // len(SIGNS)) for index, mark in enumerate(marks)}


def reason_phrase(row: Row, synthesis: Synthesis, lang: str) -> str:
    """Why a row is not pooled; an overlapping study is named by its label."""
    labels = {other.study_id: other.label for other in synthesis.rows}
    detail = labels.get(row.reason_detail, row.reason_detail)
    return facts.reason_text(row.reason or "not_estimable", detail, lang)


def foot(synthesis: Synthesis, lang: str, *, clipped: bool) -> list[str]:
    """The lines beneath the axis."""
    lines = []
    pooled = synthesis.pooled
    if pooled is not None:
        lines.append(model_sentence(pooled, lang))
        lines.append(heterogeneity(pooled, lang))
        if synthesis.null_value is not None and pooled.p_value is not None:
            lines.append(effect_test(pooled, lang))
    test = synthesis.subgroup_test
    if test is not None:
        q = facts.equals("Q", test.q, 2)
        p = numbers.p_value(test.p_value, lang)
        lines.append(text("figure.forest.subgroup_test", lang, q=q, df=test.df, p=p))
    if synthesis.mid is not None:
        lines.append(text("figure.forest.mid", lang, value=numbers.plain(synthesis.mid)))
    if clipped:
        lines.append(text("figure.forest.clipped", lang))
    lines += [f"{sign} {facts.mark_text(mark, lang)}" for mark, sign in signs(synthesis).items()]
    return [line for line in lines if line]


def model_sentence(pooled: Pooled, lang: str) -> str:
    """The model, how it was estimated, and how its intervals were made."""
    params = {
        "model": capital(text(f"model.{pooled.model}", lang)),
        "estimator": text("figure.forest.estimator", lang, name=pooled.tau2_method)
        if pooled.tau2_method and pooled.model != "common"
        else "",
        "interval": text(f"interval.{pooled.interval}", lang),
    }
    if pooled.prediction and pooled.prediction_low is not None:
        params["prediction"] = text(f"prediction.{pooled.prediction}", lang)
        return text("figure.forest.model_prediction", lang, **params)
    return text("figure.forest.model", lang, **params)


def heterogeneity(pooled: Pooled, lang: str) -> str:
    """τ² and I² with their intervals, and Q, as far as the model has them."""
    parts = []
    if pooled.tau2 is not None:
        value = "τ² = 0" if pooled.tau2 == 0 else facts.equals("τ²", pooled.tau2)
        parts.append(_with_interval(value, pooled.tau2_low, pooled.tau2_high, _variance, lang))
    if pooled.i2 is not None:
        value = f"I² = {_percent(pooled.i2)}"
        parts.append(_with_interval(value, pooled.i2_low, pooled.i2_high, _percent, lang))
    if pooled.q is not None and pooled.q_df is not None:
        q = [facts.equals("Q", pooled.q, 2), f"df = {pooled.q_df}"]
        if pooled.q_p is not None:
            q.append(numbers.p_value(pooled.q_p, lang))
        parts.append(text("figure.forest.comma", lang).join(q))
    if not parts:
        return ""
    return text("figure.forest.heterogeneity", lang, parts=numbers.clauses(parts, lang))


def _variance(tau2: float) -> str:
    return "0" if tau2 == 0 else numbers.small(tau2)


def _percent(i2: float) -> str:
    return f"{numbers.decimal(i2, 0)}%"


def _with_interval(
    value: str, low: float | None, high: float | None, shown: Callable[[float], str], lang: str
) -> str:
    if low is None or high is None:
        return value
    span = text("number.span", lang, low=shown(low), high=shown(high))
    return text("figure.forest.with_interval", lang, value=value, span=span)


def effect_test(pooled: Pooled, lang: str) -> str:
    """The test of the pooled effect."""
    assert pooled.p_value is not None
    p = numbers.p_value(pooled.p_value, lang)
    if pooled.statistic is None:
        return text("figure.forest.effect_test_p", lang, p=p)
    statistic = facts.equals("z" if pooled.df is None else "t", pooled.statistic, 2)
    if pooled.df is not None:
        statistic += text("figure.forest.comma", lang) + f"df = {numbers.plain(pooled.df, 1)}"
    return text("figure.forest.effect_test", lang, statistic=statistic, p=p)


def alt_text(synthesis: Synthesis, lang: str) -> str:
    """The plot's message in a paragraph."""
    content = []
    measure = text(f"measure.{synthesis.measure}.name", lang)
    pooled = synthesis.pooled
    used = synthesis.used
    if pooled is not None:
        studies = numbers.counted("study", pooled.k, lang)
        model = text(f"model.{pooled.model}", lang)
        estimate = numbers.estimate(pooled.estimate, pooled.ci_low, pooled.ci_high, synthesis.measure, lang)
        params = {"studies": studies, "model": model, "measure": measure, "estimate": estimate}
        content.append(text("figure.alt.pooled", lang, **params))
        if pooled.prediction_low is not None and pooled.prediction_high is not None:
            span = numbers.span(pooled.prediction_low, pooled.prediction_high, synthesis.measure, lang)
            content.append(text("figure.alt.prediction", lang, span=span))
    elif used and used[0].estimate is not None:
        content.append(
            text(
                "figure.alt.single",
                lang,
                label=used[0].label,
                measure=measure,
                estimate=_row_estimate(used[0], synthesis.measure, lang),
            )
        )
    else:
        content.append(text("figure.forest.nothing", lang))
    rest = len(synthesis.rows) - len(used)
    if rest:
        content.append(text("figure.alt.not_pooled", lang, count=rest))
    joined = ("" if lang == "zh" else " ").join(content)
    return text("figure.alt.forest", lang, title=synthesis.title[lang], content=joined)


def spoken(synthesis: Synthesis, weights: Mapping[int, str], lang: str) -> tuple[str, ...]:
    """The plot read aloud, a sentence for each study and for what was pooled."""
    sentences = [_spoken_row(row, synthesis, weights.get(i), lang) for i, row in enumerate(synthesis.rows)]
    for subgroup in synthesis.subgroups:
        if subgroup.pooled is not None:
            sentences.append(_spoken_pooled(subgroup.label[lang], subgroup.pooled, synthesis, lang))
    if synthesis.pooled is not None:
        name = capital(text(f"model.{synthesis.pooled.model}", lang))
        sentences.append(_spoken_pooled(name, synthesis.pooled, synthesis, lang))
        sentences.append(heterogeneity(synthesis.pooled, lang))
    return tuple(sentence for sentence in sentences if sentence)


def _spoken_row(row: Row, synthesis: Synthesis, weight: str | None, lang: str) -> str:
    if row.estimate is None:
        reason = reason_phrase(row, synthesis, lang)
        words = text("figure.alt.without_estimate", lang, label=row.label, reason=reason)
        return text("figure.alt.sentence", lang, text=words)
    measure = text(f"measure.{synthesis.measure}.name", lang)
    estimate = _row_estimate(row, synthesis.measure, lang)
    words = text("figure.alt.estimate", lang, label=row.label, measure=measure, estimate=estimate)
    if row.status == "not_pooled":
        reason = reason_phrase(row, synthesis, lang)
        words = text("figure.alt.not_pooled_because", lang, text=words, reason=reason)
    else:
        words = _with_favours(words, row.ci_low, row.ci_high, synthesis, lang)
        if weight is not None:
            words = text("figure.alt.weight", lang, text=words, weight=weight)
    return text("figure.alt.sentence", lang, text=words)


def _spoken_pooled(name: str, pooled: Pooled, synthesis: Synthesis, lang: str) -> str:
    measure = text(f"measure.{synthesis.measure}.name", lang)
    estimate = numbers.estimate(pooled.estimate, pooled.ci_low, pooled.ci_high, synthesis.measure, lang)
    words = text("figure.alt.estimate", lang, label=name, measure=measure, estimate=estimate)
    words = _with_favours(words, pooled.ci_low, pooled.ci_high, synthesis, lang)
    return text("figure.alt.sentence", lang, text=words)


def _with_favours(words: str, low: float | None, high: float | None, synthesis: Synthesis, lang: str) -> str:
    null = synthesis.null_value
    if null is None or low is None or high is None:
        return words
    if low <= null <= high:
        favours = text("figure.alt.unclear", lang)
    else:
        favours = (synthesis.favours_low if high < null else synthesis.favours_high)[lang]
    return text("figure.alt.favours", lang, text=words, favours=favours) if favours else words


def _row_estimate(row: Row, measure: str, lang: str) -> str:
    assert row.estimate is not None
    if row.ci_low is None or row.ci_high is None:
        return numbers.measured(row.estimate, measure)
    return numbers.estimate(row.estimate, row.ci_low, row.ci_high, measure, lang)


def records(synthesis: Synthesis, lang: str) -> tuple[dict[str, Value], ...]:
    """The numbers drawn, unrounded, a record for each study and for what was pooled."""
    names = sorted({name for row in synthesis.rows for name in row.data})
    found: list[dict[str, Value]] = []
    for row in synthesis.rows:
        record: dict[str, Value] = {
            "row": "study",
            "study_id": row.study_id,
            "label": row.label,
            "arm": row.arm,
            "timepoint_months": row.timepoint_months,
            "subgroup": row.subgroup,
            "status": row.status,
            "reason": reason_phrase(row, synthesis, lang) if row.reason else None,
            "marks": " ".join(facts.mark_text(mark, lang) for mark in row.marks) or None,
        }
        record |= {name: row.data.get(name) for name in names}
        record |= _effect(row.estimate, row.ci_low, row.ci_high)
        found.append(record | {"weight_percent": row.weight, "tau2": None, "i2_percent": None})
    pools = [(f"subgroup:{group.code}", group.pooled) for group in synthesis.subgroups]
    for name, pooled in [*pools, ("pooled", synthesis.pooled)]:
        if pooled is None:
            continue
        blank: dict[str, Value] = dict.fromkeys(found[0])
        label = text(f"model.{pooled.model}", lang)
        blank |= {"row": name, "label": label, "tau2": pooled.tau2, "i2_percent": pooled.i2}
        found.append(blank | _effect(pooled.estimate, pooled.ci_low, pooled.ci_high))
        if pooled.prediction_low is not None and name == "pooled":
            blank |= {"row": "prediction", "label": text("figure.forest.prediction", lang)}
            found.append(blank | _effect(None, pooled.prediction_low, pooled.prediction_high))
    return tuple(found)


def _effect(estimate: float | None, low: float | None, high: float | None) -> dict[str, Value]:
    return {"estimate": estimate, "ci_low": low, "ci_high": high}
