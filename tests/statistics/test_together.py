"""Statistics of rows without customers, of two frames, and beside one another: to the digit."""

from datetime import date

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pytest

import kpilib
from kpilib.demo import tiny_tables
from kpilib.engines.expressions import count_where
from kpilib.engines.polars import PolarsEngine
from kpilib.periods import Period
from kpilib.statistics import (
    Beside,
    ByPart,
    Count,
    Known,
    Mean,
    Net,
    Parts,
    Quotient,
    Share,
    Total,
    intervals,
)
from kpilib.statistics.evaluate import evaluate, nothing, summed
from kpilib.statistics.statistic import COLUMNS
from tests.engines.frames import to_polars, to_spark
from tests.statistics.slopes import hold_gradient

MARCH, APRIL = Period.month("2026-03"), Period.month("2026-04")
COMPLAINT = nw.col("type") == "complaint"


def acquisition_cost(base, periods):
    spend = Known(base.events("marketing_spend", periods), nw.col("amount"))
    return Quotient(spend, Count(base.ledger(periods), nw.col("new")))


def tickets_by_channel(base, periods):
    return ByPart(Count(base.events("tickets", periods)), "channel")


def spend(base, periods):
    return Total(base.events("marketing_spend", periods), nw.col("amount"), cluster=None)


def net_promoters(base, periods):
    answers = base.events("survey_responses", periods).filter(nw.col("survey") == "nps")
    score = nw.col("score")
    return Net(answers, plus=score >= 9, minus=score <= 6)


THROW_AWAY = {
    "cac": acquisition_cost,
    "by channel": tickets_by_channel,
    "spend": spend,
    "nps": net_promoters,
}


def asked(base, periods, some=None):
    some = some or THROW_AWAY
    statistics = {name: make(base, periods) for name, make in some.items()}
    return evaluate(base.engine, statistics)


def shop(tables):
    return kpilib.open(**tables, lapse_window=45, currency="GBP", as_of=date(2026, 5, 1))


@pytest.fixture(scope="module", params=[dict, to_polars], ids=["duckdb", "polars"])
def base(request):
    return shop(request.param(tiny_tables()))


def test_acquisition_cost_divides_spend_by_the_limits_of_the_new_customers(base):
    found = asked(base, (MARCH,))["cac"].iloc[0]
    low, high = intervals.poisson(1)
    assert (found["value"], found["numerator"], found["denominator"]) == (60.0, 60.0, 1.0)
    assert found["low"] == pytest.approx(60 / high)
    assert found["high"] == pytest.approx(60 / low)
    assert found["n"] == 1


def test_limits_of_what_is_below_nothing_are_in_order():
    tables = tiny_tables()
    spend = tables["marketing_spend"]
    base = shop({**tables, "marketing_spend": spend.assign(amount=-spend["amount"])})
    found = asked(base, (MARCH,))["cac"].iloc[0]
    low, high = intervals.poisson(1)
    assert found["value"] == -60.0
    assert found["low"] == pytest.approx(-60 / low)
    assert found["high"] == pytest.approx(-60 / high)


def test_spend_on_nobody_has_no_cost_each_but_keeps_its_numerator(base):
    both = asked(base, (MARCH, Period.parse("2026-01-21/2026-02-01")))["cac"]
    nobody = both.loc[[(1,)]].iloc[0]
    assert (nobody["numerator"], nobody["denominator"]) == (30.0, 0.0)
    assert nobody[["value", "low", "high"]].isna().all()


def test_tickets_are_counted_by_their_own_channel(base):
    found = asked(base, (MARCH, APRIL))["by channel"]
    rows = [(key[0], part, value) for key, part, value in found[["part", "value"]].itertuples()]
    assert sorted(rows) == [(0, "email", 1), (0, "phone", 1), (1, "email", 1), (1, "phone", 1)]


def test_a_total_of_rows_that_know_no_customer(base):
    found = asked(base, (MARCH,))["spend"].iloc[0]
    low, high = intervals.compound_total(60.0, 40.0**2 + 20.0**2)
    assert (found["value"], found["n"]) == (60.0, 2)
    assert (found["low"], found["high"]) == pytest.approx((float(low), float(high)))


def test_a_blank_answer_is_no_answer(base):
    found = asked(base, (APRIL,))["nps"].iloc[0]
    assert found["value"] == pytest.approx(100 / 3)
    assert (found["numerator"], found["denominator"], found["n"]) == (1, 3, 3)


def test_parts_keep_the_order_given_and_details_stand_beside_the_main_number(base):
    def parts(base, periods):
        tickets = base.events("tickets", periods)
        return Parts(
            {"questions": Count(tickets, ~COMPLAINT), "complaints": Count(tickets, COMPLAINT)}
        )

    def beside(base, periods):
        tickets = base.events("tickets", periods)
        main = Share(tickets, COMPLAINT)
        return Beside(
            main,
            {"named": Count(tickets, ~nw.col("customer_id").is_null())},
            lambda main, others: {"unnamed": main["n"] - others["named"]["value"]},
        )

    found = asked(base, (MARCH, APRIL), {"parts": parts, "beside": beside})
    assert found["parts"]["part"].tolist() == ["questions", "complaints"] * 2
    assert found["parts"]["value"].tolist() == [0, 2, 1, 1]
    assert found["beside"]["value"].tolist() == [1.0, 0.5]
    assert found["beside"]["named"].tolist() == [2, 1]
    assert found["beside"]["unnamed"].tolist() == [0, 1]


def test_a_mean_with_a_population_knows_when_it_is_finite(base):
    def mean(base, periods, invited):
        rows = base.events("survey_responses", periods).filter(nw.col("survey") == "csat")
        return Mean(rows, nw.col("score"), population=invited)

    def invitations(base, periods):
        return Count(base.events("survey_responses", periods))

    plain = asked(base, (APRIL,), {"m": lambda b, p: mean(b, p, None)})["m"].iloc[0]
    finite = asked(base, (APRIL,), {"m": lambda b, p: mean(b, p, invitations(b, p))})["m"].iloc[0]
    assert plain["n"] == finite["n"] == 5
    assert plain["value"] == finite["value"] == pytest.approx(16 / 5)
    reach = (plain["high"] - plain["low"]) * np.sqrt((9 - 5) / (9 - 1))
    assert finite["high"] - finite["low"] == pytest.approx(reach)


def test_clusters_of_one_row_each_give_students_limits(base):
    answers = base.events("survey_responses", (APRIL,)).filter(nw.col("question") == "overall")
    found = evaluate(
        base.engine,
        {"plain": Mean(answers, nw.col("score")),
         "clustered": Mean(answers, nw.col("score"), cluster="customer_id")},
    )  # fmt: skip
    pd.testing.assert_frame_equal(found["plain"], found["clustered"])


def test_nothing_at_all_is_a_number_only_where_sums_of_zero_make_one(base):
    statistics = {name: make(base, (MARCH,)) for name, make in THROW_AWAY.items()}
    values = {name: nothing(one)["value"].tolist() for name, one in statistics.items()}
    assert values["by channel"] == []
    assert values["spend"] == [0.0]
    assert np.isnan(values["cac"][0])
    assert np.isnan(values["nps"][0])


def test_two_varying_totals_are_independent_on_the_log_scale(base):
    periods = (MARCH,)
    over = Count(base.events("tickets", periods))
    under = Count(base.events("marketing_spend", periods))
    found = evaluate(base.engine, {"q": Quotient(over, under, scale=10)})["q"].iloc[0]
    low, high = intervals.poisson(2)
    reach = np.sqrt(2) * (high - low) / 4
    assert found["value"] == 10
    assert (found["low"], found["high"]) == pytest.approx((10 * np.exp(-reach), 10 * np.exp(reach)))


def test_events_need_a_column_that_is_a_time(base):
    with pytest.raises(
        kpilib.InputError, match=r"tickets.channel is no time; choose one of created"
    ):
        base.events("tickets", (MARCH,), on="channel")
    with pytest.raises(kpilib.InputError, match="audit_sample has no event"):
        base.events("audit_sample", (MARCH,))


def test_the_rows_of_both_totals_are_in_reach(base):
    listings = acquisition_cost(base, (MARCH,)).listings()
    assert list(listings) == ["over", "under"]
    assert len(base.engine.collect(listings["over"])) == 2
    new = base.engine.collect(listings["under"].select(k=count_where(nw.col("new"))))
    assert new["k"].tolist() == [1]


ROWS = pd.DataFrame(
    {
        "period": [0] * 5 + [1] * 4,
        "customer_id": [1, 1, 2, 3, 4, 1, 2, 2, 5],
        "paid": [3.0, 2.0, 7.0, 0.0, 1.0, 4.0, 4.0, 9.0, 2.0],
        "days": [5, 1, 4, 2, 2, 3, 9, 1, 6],
        "new": [True, True, False, True, False, False, True, True, False],
    }
)
PAID, DAYS, NEW = nw.col("paid"), nw.col("days"), nw.col("new")
TOGETHER = {
    "varying over known": lambda rows: Quotient(Total(rows, PAID), Known(rows, DAYS), scale=3.0),
    "known over varying": lambda rows: Quotient(Known(rows, PAID), Count(rows, NEW), scale=3.0),
    "both vary, for each": lambda rows: Quotient(
        Total(rows, PAID), Count(rows, NEW), scale=2.0, each=Count(rows)
    ),
    "a mean over a count": lambda rows: Quotient(Mean(rows, PAID), Count(rows, NEW)),
    "beside": lambda rows: Beside(Mean(rows, PAID), {"new": Count(rows, NEW)}),
    "parts": lambda rows: Parts(
        {
            "mean": Mean(rows, PAID, population=Count(rows)),
            "ratio": Quotient(Total(rows, PAID), Count(rows, NEW)),
            "count": Count(rows, NEW),
        }
    ),
}


KNOWN = {"varying over known": 1, "known over varying": 0}


@pytest.mark.parametrize("name", TOGETHER)
def test_gradients_of_statistics_put_together_are_those_of_their_parts(name):
    engine = PolarsEngine()
    one = TOGETHER[name](engine.adopt(ROWS))
    sums = summed(engine, {"one": one})["one"]
    assert all(any(slopes) for slopes in hold_gradient(one, sums, KNOWN.get(name)).values())


def test_numerator_and_denominator_are_for_each_of_a_count_and_limits_carry_the_scale():
    engine = PolarsEngine()
    rows = engine.adopt(ROWS)
    cost = Quotient(Known(rows, PAID), Count(rows, NEW), scale=10.0, each=Count(rows))
    back = Quotient(Total(rows, PAID), Known(rows, DAYS), scale=10.0)
    found = evaluate(engine, {"cost": cost, "back": back, "total": Total(rows, PAID)})
    first = found["cost"].iloc[0]
    assert (first["value"], first["n"]) == (pytest.approx(130 / 3), 3)
    assert (first["numerator"], first["denominator"]) == pytest.approx((13 / 5, 3 / 5))
    low, high = intervals.poisson(3)
    assert (first["low"], first["high"]) == pytest.approx((130 / high, 130 / low))
    total, over = found["total"].iloc[0], found["back"].iloc[0]
    assert over[["value", "low", "high"]].tolist() == pytest.approx(
        [10 * total[name] / 14 for name in ("value", "low", "high")]
    )
    assert (over["numerator"], over["denominator"], over["n"]) == (13, 14, 3)


def test_parts_may_be_of_groups_with_several_keys():
    engine = PolarsEngine()
    one = ByPart(Count(engine.adopt(ROWS)), "days")
    found = evaluate(engine, {"one": one}, keys=("period", "new"))["one"]
    assert found.index.nlevels == 1
    counted = ROWS.groupby(["period", "new", "days"]).size()
    assert {(*key, int(part)): n for key, part, n in found[["part", "value"]].itertuples()} == {
        (period, new, days): n for (period, new, days), n in counted.items()
    }


def test_a_total_below_nothing_over_a_count_has_no_limits_on_the_log_scale():
    engine = PolarsEngine()
    rows = engine.adopt(ROWS.assign(paid=[-1.0, 0, 0, 0, 0, 0.25, 0, 0, 0]))
    found = evaluate(engine, {"q": Quotient(Total(rows, PAID), Count(rows))})["q"]
    assert found["value"].tolist() == [-0.2, 0.0625]
    assert found[["low", "high"]].isna().any(axis=1).tolist() == [True, False]


def test_what_is_put_together_keeps_the_limits_and_scales_of_what_it_is_made_of():
    engine = PolarsEngine()
    rows = engine.adopt(ROWS)
    share, net = Share(rows, NEW), Net(rows, plus=DAYS > 4, minus=DAYS < 2)
    beside = Beside(share, {"_rows": Count(rows), "days": Known(rows, DAYS)})
    values = evaluate(engine, {"one": beside})["one"]
    assert [column for column in values if column not in COLUMNS] == ["days"]
    for mine, own in zip(beside.arms(values), share.arms(values), strict=True):
        assert list(mine) == list(own)
    parts = Parts({"net": net, "share": share})
    scales = [parts.scaling(one) for one in ("net", "share", "neither", None)]
    assert scales == [100.0, 1.0, 1.0, 1.0]
    one = evaluate(engine, {"one": Parts({"net": net})})["one"]
    assert one["part"].tolist() == ["net", "net"]
    assert Beside(net, {}).scaling() == 100.0


@pytest.mark.filterwarnings("ignore")
def test_spark_answers_alike(spark):
    expected = asked(shop(tiny_tables()), (MARCH, APRIL))
    found = asked(shop(to_spark(spark, tiny_tables())), (MARCH, APRIL))
    for name, table in expected.items():
        pd.testing.assert_frame_equal(found[name], table, check_dtype=False)
