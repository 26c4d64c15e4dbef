"""Simulated evidence: the review's tables changed so that the answers differ. No changed row is evidence."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import yaml

from tests.chapters.reading import ROOT

Rows = list[dict[str, str]]

SINGLE_ARM = {"edss_improved", "edss_worsened"}
COMPARED = {("edss", "mean_change"), ("relapse_free", "count")}
DOMAINS = ("risk_of_bias", "inconsistency", "indirectness", "imprecision", "publication_bias")
SIMULATED = {
    "source_url": "https://example.org/simulated",
    "source_kind": "abstract",
    "quote": "simulated for a test: no serious adverse event, nobody",
    "confidence": "primary",
}


class Data:
    """A copy of the review's data that can be changed table by table."""

    def __init__(self, project: Path) -> None:
        project.mkdir(exist_ok=True)
        self.project = project
        self.folder = project / "data"
        shutil.copytree(ROOT / "data", self.folder)
        (project / "_quarto.yml").write_text("project: {type: book}\n", encoding="utf-8")

    def table(self, name: str, change: Callable[[Rows], Rows | None]) -> None:
        """Change a table's rows in place, or give back new ones."""
        path = self.folder / f"{name}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            columns, rows = list(reader.fieldnames or ()), list(reader)
        rows = change(rows) or rows
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def each(self, name: str, change: Callable[[dict[str, str]], object]) -> None:
        """Change every row of a table."""
        self.table(name, lambda rows: [change(row) for row in rows] and None)

    def add(self, name: str, *rows: dict[str, str]) -> None:
        """Add rows to a table."""
        self.table(name, lambda there: there + list(rows))

    def protocol(self, change: Callable[[dict], object]) -> None:
        """Change ``review.yml``."""
        path = self.folder / "review.yml"
        protocol = yaml.safe_load(path.read_text(encoding="utf-8"))
        change(protocol)
        path.write_text(yaml.safe_dump(protocol, allow_unicode=True, sort_keys=False), encoding="utf-8")

    def trial(self, name: str, route: str, difference: float, relapse_free: tuple[int, int] | None) -> None:
        """Add a simulated randomised trial with two groups of 40."""
        study = {
            "study_id": name,
            "label": f"Simulated {name[-4:]}",
            "first_author": "Simulated S",
            "year": name[-4:],
            "title": "A simulated trial",
            "design": "randomised_parallel",
            "n_enrolled": "80",
            "cell_source": "bone_marrow",
            "donor": "autologous",
            "route": route,
            "stream": "controlled",
            "inclusion": "included",
            "inclusion_reason": "eligible",
            "cohort": name,
        }
        self.add("studies", study | SIMULATED)
        arms = (("msc", "MSC", "intervention", route), ("sham", "sham", "control", ""))
        for arm, label, role, way in arms:
            self.add(
                "arms",
                {"study_id": name, "arm_id": arm, "label": label, "label_zh": label, "role": role}
                | {"unit": "arm", "route": way},
            )
            if difference == difference:
                change = difference if arm == "msc" else 0.0
                value = {"outcome": "edss", "statistic": "mean_change", "mean": f"{change}", "sd": "0.5"}
                self.add("outcomes", self._value(name, arm, 1 + 2 * (arm == "sham"), value))
            if relapse_free:
                events = relapse_free[0 if arm == "msc" else 1]
                value = {"outcome": "relapse_free", "statistic": "count", "events": str(events)}
                self.add("outcomes", self._value(name, arm, 2 + 2 * (arm == "sham"), value))

    def _value(self, name: str, arm: str, number: int, value: dict[str, str]) -> dict[str, str]:
        common = {"value_id": f"{name}-o0{number}", "study_id": name, "arm_id": arm}
        named = {"outcome_text": value["outcome"], "statistic_text": value["statistic"]}
        return common | named | {"timepoint_months": "6", "n": "40"} | value | SIMULATED


def as_it_is(data: Data) -> None:
    """The evidence as it stands."""


def nothing_usable(data: Data) -> None:
    """k = 0 on every question: every number is known at second hand only."""
    data.each("outcomes", lambda row: row.update(confidence="secondary"))
    data.each("adverse_events", lambda row: row.update(confidence="secondary"))


def one_study_each(data: Data) -> None:
    """k = 1 on every question."""

    def keep_first(row: dict[str, str]) -> None:
        key = row["outcome"] if row["outcome"] in SINGLE_ARM else ""
        if (row["outcome"], row["statistic"]) == ("edss", "mean"):
            key = "edss"
        if key and row["study_id"] != "bonab2012":
            row["confidence"] = "secondary"

    def serious(row: dict[str, str]) -> None:
        if row["category"] == "serious" and row["study_id"] != "yamout2010":
            row["confidence"] = "secondary"

    data.each("outcomes", keep_first)
    data.each("adverse_events", serious)


def reversed_effects(data: Data) -> None:
    """The groups of the one usable trial exchange their numbers: worse with cells."""
    other = {"msc_it": "sham", "msc_iv": "sham", "sham": "msc_it"}
    wanted = ("mean", "sd", "events", "percent")

    def swap(rows: Rows) -> None:
        found = {
            (row["outcome"], row["statistic"], row["arm_id"]): {name: row[name] for name in wanted}
            for row in rows
            if row["study_id"] == "petrou2020" and row["timepoint_months"] == "6"
        }
        for row in rows:
            key = (row["outcome"], row["statistic"])
            if row["study_id"] == "petrou2020" and row["timepoint_months"] == "6" and key in COMPARED:
                row.update(found[(*key, other[row["arm_id"]])])

    data.table("outcomes", swap)


def all_zero(data: Data) -> None:
    """Nobody improved, worsened, stayed free of relapse, or had a serious event."""

    def none_of_them(row: dict[str, str]) -> None:
        if row["outcome"] in {*SINGLE_ARM, "relapse_free"} and row["statistic"] == "count":
            row.update(events="0", percent="", derived="", quote=SIMULATED["quote"])
        if row["outcome"] == "edss_stable" and row["statistic"] == "count":
            row.update(events=row["n"], percent="", derived="", quote=SIMULATED["quote"])

    def none_serious(row: dict[str, str]) -> None:
        if row["category"] == "serious" and row["n_people"]:
            row.update(n_people="0", percent="", derived="", quote=SIMULATED["quote"])

    data.each("outcomes", none_of_them)
    data.each("adverse_events", none_serious)


def two_trials_agree(data: Data) -> None:
    """k = 2, both in favour."""
    for route in ("IT", "IV"):
        data.trial(f"sim{route.lower()}2031", route, -0.5, (36, 20))


def two_trials_disagree(data: Data) -> None:
    """k = 2, one in favour, one against."""
    for route in ("IT", "IV"):
        data.trial(f"sim{route.lower()}2031", route, 0.6, (12, 36))


def many_against(data: Data) -> None:
    """Twelve precise trials a route, all against."""
    for year in range(2031, 2043):
        for route in ("IT", "IV"):
            data.trial(f"sim{route.lower()}{year}", route, 0.8, (8, 32))


def many_alike(data: Data) -> None:
    """Twelve precise trials a route without a difference that matters."""
    data.each(
        "outcomes",
        lambda row: row.update(confidence="secondary") if row["study_id"] == "petrou2020" else None,
    )
    for year in range(2031, 2043):
        for route in ("IT", "IV"):
            data.trial(f"sim{route.lower()}{year}", route, 0.01, None)


def silent_trial(data: Data) -> None:
    """A controlled trial is added that prints no number."""
    data.trial("simit2031", "IT", float("nan"), None)


def searched(data: Data) -> None:
    """The review has searched itself."""
    data.add(
        "searches",
        {
            "search_id": "own-2031-01",
            "done_for": "this_review",
            "source": "A simulated database",
            "source_type": "database",
            "searched_on": "2031-01-15",
            "strategy": "simulated",
            "records_found": "0",
            "systematic": "true",
        },
    )
    data.protocol(lambda protocol: protocol["search"].update(last="2031-01"))


def _judge(data: Data, level: str) -> None:
    judged = {"judged_by": "A simulated judge", "judged_on": "2031-01-15"}
    data.each("risk_of_bias", lambda row: row.update(judgement="some_concerns", **judged))
    data.each(
        "certainty",
        lambda row: row.update(
            certainty=level, **dict.fromkeys(DOMAINS, "none"), reason="simulated", **judged
        ),
    )


def rated_very_low(data: Data) -> None:
    """Everything is judged, the certainty very low, every value checked."""
    _judge(data, "very_low")
    for name in ("outcomes", "adverse_events", "estimates", "study_values"):
        data.each(name, lambda row: row.update(checked_by="A simulated checker"))


def rated_low(data: Data) -> None:
    """Two trials agree, everything is judged, the certainty low."""
    two_trials_agree(data)
    _judge(data, "low")


def partly_rated(data: Data) -> None:
    """One question and one statement are judged."""
    _judge(data, "moderate")

    def only(kept: str, column: str, **empty: str) -> Callable[[dict[str, str]], object]:
        return lambda row: row.update(empty) if row[column] != kept else None

    unrated = dict.fromkeys((*DOMAINS, "certainty"), "not_assessed")
    nobody = {"judged_by": "", "judged_on": "", "reason": ""}
    data.each("certainty", only("edss-iv", "question_id", **unrated, **nobody))
    none = {"judgement": "not_assessed", "judged_by": "", "judged_on": ""}
    data.each("risk_of_bias", only("llufriu2014-b01", "rob_id", **none))


VARIANTS: dict[str, Callable[[Data], None]] = {
    found.__name__: found
    for found in (
        as_it_is,
        nothing_usable,
        one_study_each,
        reversed_effects,
        all_zero,
        two_trials_agree,
        two_trials_disagree,
        many_against,
        many_alike,
        silent_trial,
        searched,
        rated_very_low,
        rated_low,
        partly_rated,
    )
}
