"""What is true of the shipped business, found again in its rows by plain pandas."""

import json

import numpy as np
import pandas as pd
import pytest

import kpilib
from kpilib.sources.demo import demo_folder

DAY = pd.Timedelta(days=1)
END = pd.Timestamp("2026-11-01")


@pytest.fixture(scope="module")
def truth():
    return json.loads((demo_folder() / "truth.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def shop():
    """The rows without the faulty ones: what they are copies of is there as well."""
    frames = {path.stem: pd.read_parquet(path) for path in demo_folder().glob("*.parquet")}
    orders = frames["orders"].dropna(subset=["customer_id", "amount", "ordered_at"])
    orders = orders[(orders["ordered_at"] < END) & (orders["status"] == "completed")]
    customers = frames["customers"].drop_duplicates("customer_id")
    into = customers.set_index("customer_id")["merged_into_id"].dropna()
    owner = orders["customer_id"].replace(into).replace(into)
    orders = orders.assign(customer_id=owner.astype(int)).drop_duplicates("order_id")
    tests = customers.loc[customers["is_test"], "customer_id"]
    frames["orders"] = orders[~orders["customer_id"].isin(tests)]
    frames["customers"] = customers[customers["merged_into_id"].isna() & ~customers["is_test"]]
    return frames


def test_the_account_of_the_loaded_business_is_the_truth_of_its_faults(truth):
    base = kpilib.open("demo")
    said = {
        (table, reason): rows
        for table, account in base.accounts.items()
        for reason, rows in account.left_out.items()
    }
    assert said == {(one["table"], one["reason"]): one["rows"] for one in truth["left_out"]}
    read = {table: account.read for table, account in base.accounts.items()}
    assert read == truth["rows"]


def test_customers_orders_and_gaps_are_as_many_as_were_made(shop, truth):
    counts = truth["counts"]
    assert len(shop["customers"]) == counts["customers"]["all"] == 5_000
    assert len(shop["orders"]) == counts["customers"]["orders"]
    for column in ("acquisition_channel", "segment", "country"):
        values = shop["customers"][column]
        gaps = values.isna() | values.isin(["n/a", "unknown"])
        assert gaps.sum() == counts[f"column_{column}"]["missing"]
        assert (values == "other").sum() == counts[f"column_{column}"]["vague"]


def bought_within(shop, exposures, days):
    """Whether each exposed customer bought after it and within so many days."""
    orders = shop["orders"][["customer_id", "ordered_at"]].sort_values("ordered_at")
    left = exposures.sort_values("exposed_at")
    after = pd.merge_asof(
        left, orders, left_on="exposed_at", right_on="ordered_at", by="customer_id",
        direction="forward",
    )  # fmt: skip
    last_day = after["exposed_at"].dt.normalize() + (days + 1) * DAY
    return after.assign(bought=after["ordered_at"] < last_day)


@pytest.mark.parametrize(
    ("campaign", "works"),
    [("win-back", True), ("care-call", True), ("tet-gift", True), ("new-catalogue", False)],
)
def test_the_control_group_shows_what_a_campaign_did(shop, truth, campaign, works):
    exposures = shop["campaign_exposures"].dropna(subset=["campaign_id"])
    exposures = exposures[exposures["campaign_id"].str.startswith(campaign)]
    watched = exposures[exposures["exposed_at"] < END - 31 * DAY]
    found = bought_within(shop, watched, 30)
    groups = found.groupby("is_control")["bought"].agg(["mean", "size"])
    effect = groups.loc[False, "mean"] - groups.loc[True, "mean"]
    error = np.sqrt((groups["mean"] * (1 - groups["mean"]) / groups["size"]).sum())
    names = set(watched["campaign_id"])
    made = [one for name, one in truth["campaigns"].items() if name in names]
    true = sum(one["won"] for one in made) / sum(one["reached"] for one in made)
    assert sum(one["reached"] for one in made) == groups.loc[False, "size"]
    assert abs(effect - true) < 3 * error
    assert (true > 0.02) == works


def test_invitations_convert_as_often_as_the_model_says(shop, truth):
    made = shop["referrals"].drop_duplicates("referral_id")
    made = made[made["converted_customer_id"] != made["referrer_customer_id"]]
    old = made[made["invited_at"] < END - 60 * DAY]
    share = old["converted_customer_id"].notna().mean()
    true = truth["model"]["referring"]["converts"]
    assert abs(share - true) < 4 * np.sqrt(true * (1 - true) / len(old))
    won = made.dropna(subset=["converted_customer_id"])
    assert won["converted_customer_id"].is_unique
    first = shop["orders"].groupby("customer_id")["ordered_at"].min()
    ahead = won["invited_at"] - won["referrer_customer_id"].map(first)
    assert (ahead >= pd.Timedelta(0)).all(), "who invites has bought before"


def test_referrals_grow_in_trees(shop):
    by = shop["customers"].set_index("customer_id")["referred_by_customer_id"]
    depth, seen = 0, by.dropna()
    while len(seen):
        depth, seen = depth + 1, seen.map(by).dropna()
        assert depth < 50, "a circle"
    assert depth >= 3


def test_machines_open_for_the_share_of_customers_that_the_model_says(shop, truth):
    events = shop["email_events"].dropna(subset=["event", "event_at"])
    delivered = events[events["event"] == "delivered"].drop_duplicates("message_id")
    machine = events.loc[events["machine_open"], "message_id"]
    by_customer = delivered["message_id"].isin(machine).groupby(delivered["customer_id"]).mean()
    share, true = (by_customer > 0).mean(), truth["model"]["mail"]["machine"]
    assert abs(share - true) < 4 * np.sqrt(true * (1 - true) / len(by_customer))
    sent = (events["event"] == "sent").sum()
    assert abs(len(delivered) / sent - truth["model"]["mail"]["delivered"]) < 0.005


def test_the_audit_finds_how_often_records_are_right(shop, truth):
    audit = shop["audit_sample"]
    right = (audit["recorded"] == audit["verified"]).mean()
    columns = [truth["counts"][f"column_{name}"]["true"] for name in set(audit["column"])]
    true = sum(columns) / (len(columns) * truth["counts"]["customers"]["all"])
    assert abs(right - true) < 4 * np.sqrt(true * (1 - true) / len(audit))


def test_first_answers_take_the_business_hours_of_the_model(shop, truth):
    from zoneinfo import ZoneInfo

    from kpilib.activity.service.business_hours import OpenHours, Stretch, clock_seconds

    tickets = shop["tickets"].dropna(subset=["created_at"]).drop_duplicates("ticket_id")
    events = shop["ticket_events"].dropna(subset=["event"])
    reply = events[(events["event"] == "reply") & (events["actor_type"] == "agent")]
    first = reply[reply["public"]].groupby("ticket_id")["event_at"].min()
    tickets = tickets[tickets["created_at"] < END - 60 * DAY]
    tickets = tickets[(tickets["calendar_id"] == "hcm") & (tickets["type"] == "question")]
    tickets = tickets.assign(first=tickets["ticket_id"].map(first)).dropna(subset=["first"])
    week = shop["calendars"][shop["calendars"]["calendar_id"] == "hcm"]
    rows = week.dropna(subset=["weekday"])
    stretches = [
        Stretch(int(row.weekday), clock_seconds(row.open), clock_seconds(row.close))
        for row in rows.itertuples()
    ]
    off = pd.to_datetime(week["holiday_date"].dropna())
    closed = (off - pd.Timestamp(0)).dt.days.tolist()
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    begun, ended = (
        ((tickets[name] - pd.Timestamp(0)).dt.total_seconds() - 7 * 3600).astype("int64")
        for name in ("created_at", "first")
    )
    desk = OpenHours.of_week(stretches, zone, int(begun.min()), int(ended.max()), closed)
    hours = pd.Series(desk.between(begun, ended) / 3600, index=tickets.index)
    for name, _, median in truth["model"]["service"]["response"]:
        own = hours[tickets["priority"] == name]
        error = truth["model"]["service"]["spread"] * 1.2533 / np.sqrt(len(own))
        assert abs(np.log(own.median() / median)) < 4 * error, name


def test_aspects_weigh_in_the_overall_answer_as_the_model_says(shop, truth):
    answers = shop["survey_responses"]
    answers = answers[(answers["survey"] == "csat") & answers["score"].between(1, 5)]
    answers = answers[answers["responded_at"] >= answers["sent_at"]].dropna(subset=["customer_id"])
    keys = ["customer_id", "wave", "sent_at"]
    wide = answers.pivot_table(index=keys, columns="question", values="score").dropna()
    weights = dict(truth["model"]["opinion"]["aspects"])
    design = np.column_stack([np.ones(len(wide)), wide[list(weights)]])
    slope = np.linalg.lstsq(design, wide["overall"], rcond=None)[0][1:]
    assert np.abs(slope - list(weights.values())).max() < 0.03


def test_the_satisfied_answer_more_and_buy_again_more(shop):
    answers = shop["survey_responses"]
    asked = answers[(answers["question"] == "overall") & answers["score"].between(1, 5)]
    asked = asked[asked["responded_at"] < END - 150 * DAY].dropna(subset=["customer_id"])
    last = shop["orders"].groupby("customer_id")["ordered_at"].max()
    stays = asked["customer_id"].map(last) > asked["responded_at"] + 120 * DAY
    kept = stays.groupby(asked["score"].clip(lower=2)).mean()
    assert kept.is_monotonic_increasing and kept.iloc[-1] - kept.iloc[0] > 0.2


def test_complaints_come_before_customers_are_missed(shop, truth):
    tickets = shop["tickets"].dropna(subset=["created_at", "customer_id"])
    tickets = tickets[tickets["created_at"] < END - 150 * DAY].drop_duplicates("ticket_id")
    last = shop["orders"].groupby("customer_id")["ordered_at"].max()
    gone = tickets["customer_id"].map(last) < tickets["created_at"]
    complained = tickets["type"] == "complaint"
    assert gone[complained].mean() - gone[~complained].mean() > 0.15


def test_contracts_follow_each_other_with_the_gaps_of_the_model(shop, truth):
    rows = shop["subscriptions"].dropna(subset=["started_at"])
    rows = rows[~(rows["ended_at"] < rows["started_at"])].sort_values("started_at")
    before = rows.groupby("customer_id")["term_end_at"].shift()
    later = (rows["started_at"] - before).dropna()
    assert (later >= pd.Timedelta(0)).all()
    late, true = (later > pd.Timedelta(0)).mean(), truth["model"]["club"]["gap"]
    assert abs(late - true) < 4 * np.sqrt(true * (1 - true) / len(later))
    unpaid = (~rows["voluntary"] & rows["ended_at"].notna()).sum()
    assert unpaid == truth["counts"]["contracts"]["failed_payments"]
    assert set(rows.loc[~rows["voluntary"], "cancel_reason"].dropna()) == {"payment failed"}


def test_spend_brings_customers_after_the_channels_lag(shop, truth):
    days = pd.date_range("2023-11-01", "2026-10-31")
    spend = shop["marketing_spend"].dropna(subset=["amount"])
    spend = spend.assign(date=pd.to_datetime(spend["date"]))
    for channel in truth["model"]["channels"]:
        if channel["cost"] and channel["name"] != "referral":
            own = spend[(spend["channel"] == channel["name"]) & spend["campaign"].isna()]
            new = truth["counts"]["new_by_channel"][channel["name"]]
            total = own.groupby("date")["amount"].sum().reindex(days, fill_value=0).sum()
            assert abs(total / new / channel["cost"] - 1) < 0.15, channel["name"]


def test_late_rows_and_cancelled_orders_are_a_known_share(shop, truth):
    orders, records = shop["orders"], truth["model"]["records"]
    late = (orders["loaded_at"] - orders["ordered_at"] >= DAY).mean()
    assert abs(late - records["late"]) < 4 * np.sqrt(records["late"] / len(orders))
    refunds = truth["counts"]["refunds"]
    assert abs(refunds["refunded"] / refunds["orders"] - 0.037) < 0.006
