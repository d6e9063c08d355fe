"""Tables about the records: what was delivered when, what must hold, what is aimed at."""

from collections.abc import Mapping

import numpy as np

from kpilib.demo.clock import Calendar
from kpilib.demo.rows import Rows, Words

RULES = (
    ("customers", "customer_id", "required", "critical"),
    ("customers", "created_at", "required", "major"),
    ("customers", "acquisition_channel", "required", "major"),
    ("customers", "segment", "required", "minor"),
    ("customers", "country", "required", "major"),
    ("customers", "customer_id", "unique", "critical"),
    ("orders", "order_id", "unique", "critical"),
    ("orders", "amount", "amount >= 0", "major"),
    ("orders", "currency", "currency in ('VND', 'EUR')", "major"),
)
"""Table, column, rule, severity."""

TARGETS = (
    ("churn_rate", 0.115, 0.13, "retention"),
    ("retention_rate", 0.88, 0.86, "retention"),
    ("win_back_rate", 0.1, 0.08, "retention"),
    ("renewal_rate", 0.9, 0.87, "retention"),
    ("cac", 160_000, 185_000, "marketing"),
    ("email_open_rate", 0.3, 0.25, "marketing"),
    ("referral_rate", 0.12, 0.1, "marketing"),
    ("csat_mean", 4.2, 4.0, "service"),
    ("nps", 30, 20, "service"),
    ("first_response_time", 3, 4, "service"),
    ("sla_attainment", 0.85, 0.8, "service"),
    ("complaint_rate", 0.02, 0.03, "service"),
    ("data_quality_score", 0.97, 0.95, "data"),
)
"""KPI, target, warning, owner: for the whole business, in every month."""

BY_SEGMENT = (("retention_rate", (("household", 0.88), ("student", 0.84), ("office", 0.92))),)


def rule_rows() -> Rows:
    """The table `rules`."""
    names = ("table", "column", "rule", "severity")
    return {name: Words.of([row[i] for row in RULES]) for i, name in enumerate(names)}


def target_rows(calendar: Calendar, revenue: np.ndarray) -> Rows:
    """`targets`: steady ones, some by segment, and two that move with the months.

    `revenue` is what was sold by month; its target is 5% above the year before.
    """
    rows: list[tuple] = [
        (kpi, None, None, target, warn, owner) for kpi, target, warn, owner in TARGETS
    ]
    for kpi, segments in BY_SEGMENT:
        rows += [(kpi, name, None, target, target - 0.02, "retention") for name, target in segments]
    months = np.unique(calendar.dates.astype("datetime64[M]"))
    for place, month in enumerate(months[-12:], max(len(months) - 12, 0)):
        if place >= 12:
            goal = float(np.round(revenue[place - 12] * 1.05, -6))
            rows.append(("revenue", None, str(month), goal, 0.95 * goal, "sales"))
        eased = 0.13 if str(month)[5:] in ("02", "03") else 0.115
        rows.append(("churn_rate", None, str(month), eased, eased + 0.015, "retention"))
    approved = calendar.start.astype("datetime64[s]") + np.timedelta64(34_200, "s")
    return {
        "kpi_id": Words.of([row[0] for row in rows]),
        "segment": Words.of([row[1] for row in rows]),
        "period": Words.of([row[2] for row in rows]),
        "target": np.array([row[3] for row in rows], float),
        "warn": np.array([row[4] for row in rows], float),
        "owner": Words.of([row[5] for row in rows]),
        "approved_at": np.full(len(rows), approved),
    }


def log_rows(
    calendar: Calendar, counts: Mapping[str, np.ndarray], latest: Mapping[str, np.ndarray]
) -> Rows:
    """`load_log`: every table comes once a month, in its last hour.

    `counts` are rows by month, `latest` the last event of each in seconds (-1: none).
    """
    ends = np.append(np.flatnonzero(np.diff(calendar.month)), calendar.days - 1)
    loaded = (ends + 1) * 86_400 - 1800
    tables = sorted(counts)
    return {
        "table": Words(np.repeat(np.arange(len(tables)), len(ends)), tuple(tables)),
        "loaded_at": calendar.times(np.tile(loaded, len(tables))),
        "max_event_at": calendar.times(np.concatenate([latest[name] for name in tables])),
        "rows": np.concatenate([counts[name] for name in tables]),
    }
