"""The answer to one question of the protocol: a `Synthesis` and its parts, as the results record holds them.

Estimates are on the *natural* scale (a share between 0 and 1, a mean difference in EDSS points, a
risk ratio) unless a name says otherwise; ``yi``, ``vi``, ``beta`` and ``se`` are on the analysis
scale (logit, log or identity).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Text = Mapping[str, str]
"""One text in each language: ``{"en": …, "zh": …}``."""


@dataclass(frozen=True)
class Mark:
    """Something assumed or derived, shown with a dagger wherever the value shows.

    Attributes
    ----------
    code : str
        What was done; the wording catalogue has a sentence for it (``mark.<code>``), such as
        ``assumed_n``, ``assumed_correlation``, ``assumed_sd_label``, ``derived_value``,
        ``split_control``, ``pooled_cycles``, ``secondary_source``.
    value : float or None
        The number assumed, where there is one.
    """

    code: str
    value: float | None = None


@dataclass(frozen=True)
class Row:
    """One study (or arm) of a question, pooled or not.

    Attributes
    ----------
    status : str
        ``pooled``; ``single`` (the only usable row, shown and not pooled); ``not_pooled``.
    reason : str or None
        For ``not_pooled``: a code with a sentence in the catalogue (``reason.<code>``):
        ``overlap``, ``missing_n``, ``missing_sd``, ``no_numbers``, ``secondary_unchecked``,
        ``other_definition``, ``excluded_study``, ``not_estimable`` …
    reason_detail : str
        What the reason needs to be understood: an overlapping study's id, a missing column.
    data : mapping
        The numbers that went in, by name (``events``, ``n``; ``mean1``, ``sd1``, ``n1``, ``mean2`` …).
    weight : float or None
        Percent of the pooled estimate, by the weights the primary model used.
    value_ids : tuple of str
        The evidence rows (``value_id``) that the numbers stand in.
    attributes : mapping of str to Text
        What a figure may print beside the study, readable in each language (``route``,
        ``cell_source``, ``donor``, ``design``, ``follow_up``).
    """

    study_id: str
    label: str
    arm: str
    timepoint_months: float | None
    subgroup: str | None
    status: str
    reason: str | None = None
    reason_detail: str = ""
    data: Mapping[str, float | None] = field(default_factory=dict)
    yi: float | None = None
    vi: float | None = None
    estimate: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    weight: float | None = None
    marks: tuple[Mark, ...] = ()
    value_ids: tuple[str, ...] = ()
    attributes: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True)
class Pooled:
    """A pooled estimate with everything needed to describe it.

    ``model`` is ``random``, ``common`` or ``glmm``; ``interval`` is ``wald``, ``hksj``,
    ``hksj_adhoc`` or ``t``; ``prediction`` names the prediction interval's method
    (``hts``, ``t_k1``, ``normal``).
    """

    model: str
    tau2_method: str | None
    interval: str
    prediction: str | None
    k: int
    participants: int | None
    estimate: float
    ci_low: float
    ci_high: float
    prediction_low: float | None
    prediction_high: float | None
    beta: float | None
    se: float | None
    statistic: float | None
    df: float | None
    p_value: float | None
    tau2: float | None = None
    tau2_low: float | None = None
    tau2_high: float | None = None
    i2: float | None = None
    i2_low: float | None = None
    i2_high: float | None = None
    h2: float | None = None
    q: float | None = None
    q_df: int | None = None
    q_p: float | None = None


@dataclass(frozen=True)
class Alternative:
    """The same question under another defensible choice.

    ``kind`` is ``model`` (another estimator, interval or transformation), ``assumption`` (another
    value for something assumed) or ``inclusion`` (another rule for what counts). ``code`` names the
    choice for the catalogue (``alternative.<code>``), ``params`` fills its placeholders.
    ``estimate`` is None with a ``reason`` code where the choice cannot be computed.
    """

    kind: str
    code: str
    params: Mapping[str, str | float]
    k: int
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    p_value: float | None = None
    tau2: float | None = None
    i2: float | None = None
    reason: str | None = None


@dataclass(frozen=True)
class LeftOut:
    """The pooled estimate without one study."""

    study_id: str
    label: str
    estimate: float
    ci_low: float
    ci_high: float
    tau2: float | None
    i2: float | None


@dataclass(frozen=True)
class Subgroup:
    """One subgroup of a question; ``pooled`` is None below two studies."""

    code: str
    label: Text
    k: int
    participants: int | None
    pooled: Pooled | None


@dataclass(frozen=True)
class SubgroupTest:
    """Test of difference between subgroups (Q between)."""

    by: str
    q: float
    df: int
    p_value: float


@dataclass(frozen=True)
class SmallStudy:
    """Small-study effects: done, or why not (``reason`` code, ``small_study.<code>``)."""

    done: bool
    reason: str | None
    k: int
    minimum_k: int
    tests: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Coefficient:
    """One coefficient of a meta-regression, on the analysis scale, per unit of the moderator.

    ``name`` is a column of the studies, or ``intercept``.
    """

    name: str
    label: Text
    beta: float
    se: float
    ci_low: float
    ci_high: float
    p_value: float | None


@dataclass(frozen=True)
class MetaRegression:
    """Effects explained by the studies' numbers: done, or why not (``reason`` code, ``regression.<code>``).

    Attributes
    ----------
    k : int
        Studies in it; `left_out` more have no number for a moderator.
    minimum_k : int
        Studies it needs.
    tau2, i2, r2 : float or None
        Variance between studies that is left, its I², and the percent of it that is explained.
    q_model, q_model_df, df, q_model_p
        Test of all moderators: F with both degrees of freedom, χ² where `df` is None.
    """

    done: bool
    reason: str | None
    k: int
    minimum_k: int
    left_out: int
    coefficients: tuple[Coefficient, ...] = ()
    tau2: float | None = None
    i2: float | None = None
    r2: float | None = None
    q_model: float | None = None
    q_model_df: int | None = None
    df: float | None = None
    q_model_p: float | None = None


@dataclass(frozen=True)
class Absolute:
    """What a relative effect means in people: shares between 0 and 1.

    ``control`` is the share without treatment in the comparison groups of the studies, taken as
    known; ``treated`` (with its limits) is what the effect and its interval make of it, kept
    between 0 and 1.
    """

    control: float
    treated: float
    treated_low: float
    treated_high: float

    @property
    def difference(self) -> tuple[float, float, float]:
        """Share with treatment less share without it, with its limits."""
        return (
            self.treated - self.control,
            self.treated_low - self.control,
            self.treated_high - self.control,
        )


@dataclass(frozen=True)
class Synthesis:
    """The answer to one question of the protocol.

    Attributes
    ----------
    kind : str
        ``proportion`` (single-arm share), ``before_after``, ``two_arm`` or ``generic``.
    measure : str
        ``PR``, ``MC``, ``MD``, ``SMD``, ``RR``, ``OR``, ``RD``, ``IRR``, ``GEN``.
    scale : str
        Analysis scale of ``yi``: ``logit``, ``log``, ``identity``, ``double_arcsine``.
    better : str
        ``lower`` or ``higher``: which direction is good for the patient.
    null_value : float or None
        The natural-scale value of no effect (0, 1); None for shares.
    mid : float or None
        Minimal important difference on the natural scale, where the protocol names one.
    certainty : str
        ``high``, ``moderate``, ``low``, ``very_low`` or ``not_assessed``.
    absolute : Absolute or None
        For effects on shares (RR, OR, RD) with a comparison group.
    cumulative : tuple of LeftOut
        The estimate after each study in order of publication; the study named is the one added.
    regression : MetaRegression or None
        Where the protocol names moderators.
    outcome_code : str
        The outcome as the tables code it (``edss``), to find the same outcome elsewhere.
    """

    id: str
    kind: str
    measure: str
    scale: str
    better: str
    null_value: float | None
    mid: float | None
    unit: str
    title: Text
    outcome: Text
    description: Text
    favours_low: Text
    favours_high: Text
    columns: tuple[str, ...]
    k: int
    participants: int | None
    rows: tuple[Row, ...]
    pooled: Pooled | None
    subgroup_by: str | None = None
    subgroups: tuple[Subgroup, ...] = ()
    subgroup_test: SubgroupTest | None = None
    alternatives: tuple[Alternative, ...] = ()
    leave_one_out: tuple[LeftOut, ...] = ()
    small_study: SmallStudy | None = None
    certainty: str = "not_assessed"
    absolute: Absolute | None = None
    outcome_code: str = ""
    cumulative: tuple[LeftOut, ...] = ()
    regression: MetaRegression | None = None

    @property
    def used(self) -> tuple[Row, ...]:
        """The rows that carry the answer: pooled ones, or the single one."""
        return tuple(row for row in self.rows if row.status in ("pooled", "single"))

    @property
    def headline(self) -> Pooled | Row | None:
        """What a sentence quotes: the pooled estimate, else the single study, else nothing."""
        if self.pooled is not None:
            return self.pooled
        single = [row for row in self.rows if row.status == "single"]
        return single[0] if single else None
