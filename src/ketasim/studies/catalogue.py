# ruff: noqa: E501  (a table, one row a line)
"""Every statistic a study row may carry: what it needs, how it is compared, and what it means.

The functions that compute them are in `measuring.py`; the words here are printed in docs/reference/study_format.md.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Statistic:
    """One kind of observation.

    family : "person" (a number for each person, summarised over the arm), "arm" (a number of the whole arm),
        "contrast" (arm against comparator), "order" (signs and ranks) or "parameter" (read from a parameter table).
    needs : fields of the row that must be present besides output, arm, value and unit.
    dimension : "output" (the unit of the output), "time", "auc" (output × time), "clearance", "volume", "fraction", "ratio", "none".
    error : "fold" (positive quantities) or "difference".
    """

    name: str
    family: str
    needs: tuple[str, ...]
    dimension: str
    error: str
    meaning: str


def _table(*rows: tuple[str, str, str, str, str, str]) -> dict[str, Statistic]:
    return {name: Statistic(name, family, tuple(needs.split()), dimension, error, meaning)
            for name, family, needs, dimension, error, meaning in rows}  # fmt: skip


STATISTICS = _table(
    ("concentration", "person", "time", "output", "fold", "value at `time`, summarised over people (`summary`)"),
    ("average", "person", "from until", "output", "fold", "time average over a window, e.g. a steady-state level"),
    ("Cmax", "person", "", "output", "fold", "largest value in the window (or over the whole run)"),
    ("Cmin", "person", "from until", "output", "fold", "smallest value in the window"),
    ("Tmax", "person", "", "time", "fold", "time of the largest value"),
    ("AUC", "person", "", "auc", "fold", "area under the curve from `from` (default 0) to `until` (default inf, extrapolated)"),
    ("AUC_per_dose", "person", "", "auc/dose", "fold", "the same, divided by the dose in mg"),
    ("clearance", "person", "", "clearance", "fold", "dose / AUC to infinity (apparent if the route is not IV)"),
    ("volume_ss", "person", "", "volume", "fold", "clearance × mean residence time, corrected for the infusion"),
    ("volume_beta", "person", "", "volume", "fold", "clearance / terminal rate constant"),
    ("half_life", "person", "", "time", "fold", "ln 2 / slope of the log-linear tail (window `from`–`until` if given)"),
    ("onset", "person", "threshold", "time", "difference", "first time the value passes `threshold`"),
    ("offset", "person", "threshold", "time", "difference", "last time the value is past `threshold`"),
    ("duration", "person", "threshold", "time", "difference", "total time spent past `threshold`"),
    ("peak", "person", "", "output", "difference", "largest (or with `direction = \"below\"` smallest) value in the window"),
    ("peak_change", "person", "", "output", "difference", "peak minus the person's own baseline"),
    ("peak_percent_change", "person", "", "percent", "difference", "peak change as a percentage of the person's own baseline"),
    ("peak_time", "arm", "", "time", "difference", "time at which the arm's mean curve is farthest from baseline"),
    ("output_ratio", "person", "of denominator", "ratio", "fold", "`of` (AUC, Cmax …) of `output` divided by the same of `denominator`"),
    ("mean", "person", "time", "output", "difference", "arm mean at `time`"),
    ("SD", "arm", "of", "output", "fold", "between-person standard deviation of `of` (mean, change …)"),
    ("change", "person", "time", "output", "difference", "arm mean of value at `time` minus own baseline"),
    ("percent_change", "person", "time", "percent", "difference", "mean of the change as a percentage of own baseline"),
    ("response", "arm", "", "fraction", "difference", "share whose value fell by at least `threshold` (a fraction, default 0.5) of baseline"),
    ("remission", "arm", "threshold", "fraction", "difference", "share whose value is at or below `threshold`"),
    ("share", "arm", "threshold", "fraction", "difference", "share whose value is past `threshold` at `time`, or at any time in the window"),
    ("return_time", "arm", "", "time", "difference", "time after the peak at which the arm's mean is back within `threshold` (default 0.1) of its largest deviation"),
    ("event_share", "arm", "", "fraction", "difference", "share with the event at `time` (or the end of the run): a `p_…` output, or 1 − exp(−∫hazard) from `from`"),
    ("course_share", "arm", "", "fraction", "difference", "share with at least one event over all sessions of the course, from a `p_…` output that starts anew each session"),
    ("event_rate", "arm", "from until", "1/time", "fold", "events per person and time in the window (hazard or threshold crossing)"),
    ("median_time_to_event", "arm", "", "time", "fold", "time at which half of the arm has had the event"),
    ("median_response_loss", "arm", "threshold from", "time", "fold", "time from `from` at which half of those who had responded by then have lost it; response: at least `threshold` (a fraction) of the score gone"),
    ("difference", "contrast", "of comparator", "of", "difference", "`of` in the arm minus `of` in the comparator"),
    ("effect_size", "contrast", "of comparator", "none", "difference", "difference divided by the pooled between-person SD"),
    ("ratio", "contrast", "of comparator", "ratio", "fold", "`of` in the arm over `of` in the comparator (an interaction, a sex effect …)"),
    ("bioavailability", "contrast", "comparator", "fraction", "fold", "dose-normalised AUC to infinity in the arm over the comparator"),
    ("odds_ratio", "contrast", "of comparator", "ratio", "fold", "odds of the share `of` in the arm over the comparator"),
    ("risk_ratio", "contrast", "of comparator", "ratio", "fold", "share `of` in the arm over the comparator"),
    ("hazard_ratio", "contrast", "comparator until", "ratio", "fold", "ratio of cumulative hazards of the event at `until`"),
    ("correlation", "arm", "denominator from until", "none", "difference", "correlation of `output` with `denominator` over people and window"),
    ("correlation_of_means", "arm", "denominator", "none", "difference", "correlation of the arm's mean `output` with its mean `denominator` over the arm's `samples`"),
    ("sign", "order", "of", "none", "sign", "sign (−1, 0, 1) of `of`; the 90 % interval must be clear of zero, or include it for 0"),
    ("rank", "order", "of order", "none", "rank", "arms named in `order` ascend in `of`"),
    ("experiment", "parameter", "experiment", "none", "fold", "a bench experiment of the project's registry, under the arm's `settings`"),
    ("parameter", "parameter", "table parameter", "none", "fold", "a number of a parameter table, read and compared; a+b sums, a/b divides"),
)  # fmt: skip

PERSON = tuple(name for name, s in STATISTICS.items() if s.family == "person")
ARM = tuple(name for name, s in STATISTICS.items() if s.family == "arm")
SHARES = ("response", "remission", "share", "event_share", "course_share")
DIFFERENCES = ("change", "percent_change", "peak_change", "peak_percent_change", "difference", "effect_size")


def allowed() -> str:
    """The names, for messages."""
    return ", ".join(STATISTICS)
