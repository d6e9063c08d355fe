"""What was known of a few customers on 1 July 2026, counted by hand at the ends of windows."""

import numpy as np
import pandas as pd
import pytest

from kpilib.clv.warning.known import bought_before, known_before
from kpilib.periods import Period
from tests import quick

CLOSE = pd.Timestamp("2026-07-01")
DAY = Period.parse("2026-06").end_day
NAMES = ("ann", "bea", "cy")


def ago(days, hour="12:00"):
    """A moment of the day so many days before the close; the day of the close itself is 0."""
    return f"{(CLOSE - pd.Timedelta(days, 'D')).date()} {hour}"


def rows(column, *found, **more):
    """Rows of (customer, days ago), with other columns."""
    table = pd.DataFrame(
        {"customer_id": [who for who, _ in found], column: [ago(days) for _, days in found]}
    )
    return table.assign(**more)


def known(orders=(), names=NAMES, **tables):
    """What is known of ann, bea and cy, who each bought first a year ago or more."""
    firsts = [(who, 400 + 10 * place) for place, who in enumerate(names)]
    bought = rows("ordered_at", *firsts, *orders).assign(amount=10.0)
    bought["order_id"] = np.arange(len(bought))
    base = quick.opened(
        orders=bought, currency="GBP", activity="purchases", as_of="2026-08-01", **tables
    )
    return known_before(base, DAY, 60).set_index("customer_id")


def test_purchases_are_counted_up_to_the_day_and_by_stretches_before_it():
    ann = [("ann", days) for days in (0, 1, 59, 60, 61, 119, 120, 121, 200)]
    found = known([*ann, ("bea", -3), ("bea", 90)])
    assert list(found.index) == ["ann", "bea", "cy"]
    assert found["n"].tolist() == [9, 2, 1]
    assert found["first"].tolist() == [DAY - 400, DAY - 410, DAY - 420]
    assert found["last"].tolist() == [DAY - 1, DAY - 90, DAY - 420]
    assert found["repeat_total"].tolist() == [80, 10, 0]
    assert found["recent"].tolist() == [3, 0, 0]
    assert found["before"].tolist() == [3, 1, 0]


def test_purchases_are_net_of_what_was_given_back_before_the_day():
    orders = rows("ordered_at", ("ann", 300), ("ann", 200), ("ann", 100), ("bea", 5)).assign(
        order_id=[1, 2, 3, 4], amount=[10.0, 20.0, 40.0, 7.0]
    )
    refunds = pd.DataFrame(
        {
            "order_id": [2, 3, 4],
            "refunded_at": [ago(1), ago(0), ago(1)],
            "amount": [5.0, 40.0, 7.0],
        }
    )
    base = quick.opened(
        orders=orders, refunds=refunds, currency="GBP", activity="purchases", as_of="2026-08-01"
    )
    found = known_before(base, DAY, 60).set_index("customer_id")
    assert found.index.tolist() == ["ann"]  # bea gave all back
    assert found.loc["ann", ["n", "repeat_total"]].tolist() == [3, 55]
    kept = base.engine.collect(bought_before(base, DAY + 1).purchases)
    assert sorted(kept["amount"]) == [10, 15]


def test_interactions_of_a_month_and_of_the_three_before_it():
    found = known(
        interactions=rows(
            "event_at",
            *[("ann", days) for days in (0, 1, 2, 29, 30, 31, 119, 120, 121)],
            ("bea", 31),
            channel="web",
            event_type="view",
        )
    )
    assert found["visits"].tolist() == [4, 0, 0]
    assert found["visits_before"].tolist() == [3, 1, 0]


def test_complaints_of_three_months():
    tickets = rows(
        "created_at",
        *[("ann", days) for days in (0, 1, 2, 89, 90, 91)],
        ("bea", 10),
        ("bea", 11),
        ("cy", 12),
    )
    tickets["type"] = ["complaint"] * 6 + [" Complaint ", "question", "question"]
    found = known(tickets=tickets.assign(ticket_id=range(9)))
    assert found["complaints"].tolist() == [4, 1, 0]


SCALES = [
    # survey, scale_min, scale_max, score, part of the scale
    ("nps", None, None, 7.0, 0.7),
    ("csat", None, None, 4.0, 0.75),
    ("ces", None, None, 4.0, 0.5),
    (" NPS ", None, None, 3.0, 0.3),
    ("csat", 2.0, 6.0, 3.0, 0.25),
    ("nps", 0.0, 100.0, 30.0, 0.3),
    ("ces", None, 5.0, 4.0, 0.75),
    ("csat", 0.0, None, 4.0, 0.8),
    ("csat", 5.0, 5.0, 5.0, None),
    ("csat", 6.0, 5.0, 5.0, None),
]


def test_a_score_is_a_part_of_its_scale():
    names = [f"c{place}" for place in range(len(SCALES))]
    answers = rows("responded_at", *((who, 3) for who in names), question="overall")
    for place, column in enumerate(("survey", "scale_min", "scale_max", "score")):
        answers[column] = [one[place] for one in SCALES]
    found = known(names=[*names, "zoe"], survey_responses=answers)["score"]
    want = [np.nan if one[4] is None else one[4] for one in SCALES]
    assert found[names].tolist() == pytest.approx(want, nan_ok=True)
    assert np.isnan(found["zoe"])


def test_the_last_day_with_a_score_counts_of_half_a_year():
    given = [("ann", 0), ("ann", 3), ("ann", 3), ("ann", 4), ("ann", 1), ("bea", 180), ("cy", 181)]
    answers = rows("responded_at", *given).assign(survey="csat", question="overall")
    answers["score"] = [1.0, 5.0, 2.0, 1.0, None, 4.0, 4.0]
    found = known(survey_responses=answers)
    assert found.loc["ann", "score"] == pytest.approx((1.0 + 0.25) / 2)
    assert found.loc["bea", "score"] == pytest.approx(0.75)
    assert np.isnan(found.loc["cy", "score"])


def test_mails_are_opened_by_persons_and_only_where_they_came():
    sent = [("ann", 90), ("ann", 5), ("ann", 4), ("ann", 3), ("ann", 0), ("ann", 91), ("bea", 7)]
    mails = rows("event_at", *sent).assign(message_id=range(7), event="delivered")
    opened = mails.iloc[[0, 1, 2, 4, 5]].assign(
        event=["opened", " Opened ", "opened", "opened", "opened"],
        machine_open=[False, None, True, False, False],
    )
    lost = rows("event_at", ("cy", 5), ("cy", 4)).assign(
        message_id=[8, 9], event=["bounced", "opened"]
    )
    found = known(email_events=pd.concat([mails, opened, lost]))
    assert found.loc["ann", "opened"] == pytest.approx(2 / 4)
    assert found.loc["bea", "opened"] == 0
    assert np.isnan(found.loc["cy", "opened"])


ENDS = {
    # days since the start, the end, the word that it ends: member, ended
    "runs": (100, None, None, 1, 0),
    "begins on the day": (0, None, None, 0, 0),
    "begins the day before": (1, None, None, 1, 0),
    "ended the day before": (200, 1, None, 0, 1),
    "ends on the day": (200, 0, None, 1, 0),
    "ends later": (200, -9, None, 1, 0),
    "ended three months ago": (200, 90, None, 0, 1),
    "ended before that": (200, 91, None, 0, 0),
    "called off the day before": (200, -9, 1, 1, 1),
    "called off on the day": (200, -9, 0, 1, 0),
    "called off three months ago": (200, None, 90, 1, 1),
    "called off before that": (200, None, 91, 1, 0),
    "called off long ago and ended of late": (200, 20, 150, 0, 1),
}


def test_contracts_run_or_ended_of_late():
    contracts = rows("started_at", *((who, start) for who, (start, *_rest) in ENDS.items()))
    for place, column in ((1, "ended_at"), (2, "cancelled_at")):
        when = [None if one[place] is None else ago(one[place]) for one in ENDS.values()]
        contracts[column] = pd.to_datetime(when)
    contracts = contracts.assign(mrr=5.0, subscription_id=range(len(ENDS)))
    found = known(names=[*ENDS, "zoe"], subscriptions=contracts)
    told = {name: (one["member"], one["ended"]) for name, one in found.iterrows()}
    assert told == {name: one[3:] for name, one in ENDS.items()} | {"zoe": (0, 0)}
