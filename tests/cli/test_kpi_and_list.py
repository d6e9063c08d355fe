"""`kpilib kpi` and `kpilib list`: what is printed, and how bad input is met."""

import json

import pandas as pd
import pytest

from kpilib.cli import main
from kpilib.demo import tiny_orders
from kpilib.registry.definitions import catalogue, registry

FIELDS = {
    "value",
    "low",
    "high",
    "numerator",
    "denominator",
    "n",
    "unit",
    "status",
    "reason",
    "period",
    "definition",
}


@pytest.fixture
def shop(tmp_path):
    tiny_orders().to_csv(tmp_path / "orders.csv", index=False)
    customers = pd.DataFrame(
        {"customer_id": ["An", "Chen", "Dana"], "city": ["Huế", "Huế", "南京"]}
    )
    customers.to_csv(tmp_path / "customers.csv", index=False)
    (tmp_path / "kpilib.toml").write_text(
        'currency = "GBP"\nlapse_window = 45\nas_of = 2026-05-01\n'
        '[orders]\nfile = "orders.csv"\n[customers]\nfile = "customers.csv"\n'
    )
    return str(tmp_path / "kpilib.toml")


def test_json_of_one_value_has_the_fields_of_the_contract(shop, capsys):
    assert main(["kpi", "churn_rate", "--data", shop, "--period", "2026-04", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) >= FIELDS
    assert (found["value"], found["numerator"], found["denominator"], found["n"]) == (0.5, 2, 4, 4)
    assert found["period"] == {"start": "2026-04-01", "end": "2026-05-01"}
    assert found["status"] == "complete"


def test_json_by_a_dimension_is_a_list_with_segments(shop, capsys):
    command = ["kpi", "churn_rate", "--data", shop, "--period", "2026-04", "--by", "city", "--json"]
    assert main(command) == 0
    found = json.loads(capsys.readouterr().out)
    assert {(one["segment"], one["value"]) for one in found} == {
        ("Huế", 0.5),
        ("南京", 0.0),
        ("(missing)", 1.0),
    }
    assert all(set(one) >= FIELDS for one in found)


def test_a_change_taken_apart_is_a_sentence_and_a_table_or_one_object(shop, capsys):
    command = ["kpi", "churn_rate", "--data", shop, "--period", "2026-04", "--why"]
    assert main(command) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("Customer churn rate went from 25.0% in 2026-03 to 50.0% in 2026-04")
    assert "contribution_low" in printed
    assert main([*command, "--by", "city", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {part["dimension"] for part in found["parts"]} == {"city"}
    assert sum(part["contribution"] for part in found["parts"]) == pytest.approx(found["change"])


def test_months_print_one_line_each_and_the_choices_once(shop, capsys):
    assert main(["kpi", "churn_rate", "--data", shop, "--period", "2026-04", "--months", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(",")[1][:9].strip() for line in lines[:3]] == [
        "2026-02:",
        "2026-03:",
        "2026-04:",
    ]
    assert lines[3] == "  active: a purchase within 45 days (as set)"
    assert lines[4].startswith("  the records begin on 2026-01-05: earlier customers are not seen")
    assert len(lines) == 5


def test_numbers_and_states_follow_the_language(capsys):
    command = ["kpi", "clv_historical", "--data", "cdnow-sample", "--lang"]
    assert main([*command, "vi"]) == main([*command, "en"]) == 0
    vi, en = (line for line in capsys.readouterr().out.splitlines() if " = " in line)
    assert vi.endswith("= 244.091,94 / 2.357")
    assert en.endswith("= 244,091.94 / 2,357")
    assert main([*command, "vi", "--period", "1998-07"]) == 2
    command[1] = "next_window_repurchase_rate"
    assert main([*command, "vi", "--json"]) == main([*command, "vi"]) == 0
    out = capsys.readouterr().out
    assert '"status": "incomplete"' in out
    assert "chưa trọn kỳ (cần dữ liệu đến 31/7/1998" in out


def test_a_filled_formula_is_written_in_one_language(capsys):
    command = ["kpi", "churn_rate", "--data", "cdnow-sample", "--json", "--lang"]
    found = {}
    for lang in ("en", "vi"):
        assert main([*command, lang]) == 0
        found[lang] = json.loads(capsys.readouterr().out)["filled"]
    assert found["en"].endswith(r"6.3\%")
    assert found["vi"].endswith(r"6{,}3\%")


def test_rows_are_csv(shop, capsys):
    assert main(["kpi", "churn_rate", "--data", shop, "--period", "2026-04", "--rows"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("customer_id,")
    assert len(lines) == 5


def test_rows_may_be_json_and_are_of_one_number(shop, capsys):
    command = ["kpi", "churn_rate", "--data", shop, "--period", "2026-04", "--rows"]
    assert main([*command, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found) == 4
    assert found[0] | {"customer_id": "An", "first_day": "2026-01-05"} == found[0]
    assert {row["counted"] for row in found} == {True, False}
    assert main([*command, "--by", "city"]) == 2
    assert "--rows are those of one number" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["churn_rat"], "KPI 'churn_rat' is not known; did you mean 'churn_rate'?"),
        (["churn_rate", "--period", "2026-13"], "month 13 does not exist"),
        (["churn_rate", "--period", "soon"], "period 'soon' is not understood"),
        (["churn_rate", "--period", "2020-01"], "outside the data, which run from 2026-01-05"),
        (["churn_rate", "--period", "2030-01"], "choose one between 2026-01 and 2026-04"),
        (["churn_rate", "--by", "citty"], "did you mean 'city'?"),
        (["lost_customer_mix", "--by", "city"], "is itself a breakdown"),
        (["churn_rate", "--why", "--months", "3"], "leave out --rows and --months"),
        (["lost_customer_mix", "--why"], "is a mix, neither a sum nor one sum over another"),
        (["churn_rate", "--lang", "fr"], "language 'fr' is not known"),
    ],
)
def test_bad_input_ends_with_two_and_a_remedy(shop, capsys, words, said):
    assert main(["kpi", words[0], "--data", shop, *words[1:]]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
    assert len(printed.err.strip().splitlines()) <= 2
    assert "Traceback" not in printed.err


def test_no_such_source_ends_with_two(capsys, tmp_path):
    assert main(["kpi", "churn_rate", "--data", str(tmp_path / "nothing.csv")]) == 2
    assert "nothing.csv" in capsys.readouterr().err


def test_list_json_has_every_kpi_with_its_names(capsys):
    assert main(["list", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["id"] for one in found] == list(catalogue())
    assert {one["id"] for one in found} >= {*registry(), "rfm_segments", "demand_forecast"}
    keys = {"id", "family", "kind", "name", "unit", "better", "tables", "example"}
    assert all(set(one) >= keys and set(one["name"]) == {"en", "vi", "zh"} for one in found)


@pytest.mark.parametrize("lang", ["en", "vi", "zh"])
def test_list_prints_every_name_in_the_language_asked(capsys, lang):
    assert main(["list", "--lang", lang]) == 0
    printed = capsys.readouterr().out
    assert all(definition.name.of(lang) in printed for definition in catalogue().values())


def test_list_of_an_unknown_family_offers_the_nearest(capsys):
    assert main(["list", "--family", "churm"]) == 2
    assert "did you mean 'churn'?" in capsys.readouterr().err


def test_list_json_has_analyses_beside_kpis(capsys):
    assert main(["list", "--json", "--family", "segmentation"]) == 0
    found = {one["id"]: one for one in json.loads(capsys.readouterr().out)}
    assert found["rfm_segments"] == {
        "id": "rfm_segments",
        "family": "segmentation",
        "kind": "analysis",
        "name": {"en": "RFM segmentation", "vi": "Phân khúc RFM", "zh": "客户细分（RFM）"},
        "unit": None,
        "better": "none",
        "tables": ["orders"],
        "example": None,
    }


def test_an_analysis_is_one_object_with_its_rows(shop, capsys):
    command = ["kpi", "value_tiers", "--data", shop, "--period", "2026-04"]
    assert main([*command, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["id", "family", "kind", "name", "period", "status", "reason", "table"]
    assert (found["kind"], found["status"], found["reason"]) == ("analysis", "complete", None)
    assert found["period"] == {"start": "2026-04-01", "end": "2026-05-01"}
    assert [row["tier"] for row in found["table"]] == ["A", "B", "C"]
    assert found["table"][2]["least"] is None
    assert main(command) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "ABC value tiers, 2026-04"
    assert lines[1].split()[:3] == ["tier", "customers", "share"]
    assert len(lines) == 5


def test_an_analysis_without_its_table_or_with_too_little_says_so(tmp_path, capsys):
    path = tmp_path / "subscriptions.csv"
    path.write_text("customer_id,started_at,ended_at\n1,2026-01-05,\n2,2026-02-20,2026-03-01\n")
    command = ["kpi", "rfm_segments", "--data", str(tmp_path), "--json"]
    assert main(command) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["status"], found["table"]) == ("unavailable", [])
    assert found["reason"] == "needs records that were not given: orders"
    assert main(command[:-1]) == 0
    assert "[unavailable: needs records that were not given: orders" in capsys.readouterr().out
    gap = "customer_id,ordered_at,amount\n1,2024-01-05,5\n2,2026-02-20,5\n"
    (tmp_path / "orders.csv").write_text(gap)
    assert main([*command, "--period", "2025-12"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["status"], found["table"]) == ("undefined", [])
    assert "nobody bought in the window" in found["reason"]


@pytest.mark.parametrize("more", [["--rows"], ["--months", "3"], ["--by", "city"], ["--why"]])
def test_an_analysis_takes_no_options_of_a_number(shop, capsys, more):
    assert main(["kpi", "value_tiers", "--data", shop, *more]) == 2
    assert "value_tiers is a table of one period" in capsys.readouterr().err


def test_why_an_analysis_has_no_table_is_said_in_the_language(tmp_path, capsys):
    gap = "customer_id,ordered_at,amount\n1,2024-01-05,5\n2,2026-02-20,5\n"
    (tmp_path / "orders.csv").write_text(gap)
    command = [
        "kpi",
        "rfm_segments",
        "--data",
        str(tmp_path),
        "--period",
        "2025-12",
        "--lang",
        "vi",
    ]
    assert main(command) == 0
    assert "không ai mua" in capsys.readouterr().out


@pytest.mark.parametrize(
    "command", [["kpi", "buyers"], ["compare", "churn"], ["explain", "buyers"]]
)
def test_a_week_is_one_of_the_calendar_of_the_data(tmp_path, capsys, command):
    orders = "customer_id,ordered_at,amount\n1,2025-12-29,5\n2,2026-01-20,5\n"
    (tmp_path / "orders.csv").write_text(orders)
    (tmp_path / "kpilib.toml").write_text(
        'week_starts = "sunday"\nlapse_window = 45\n[orders]\nfile = "orders.csv"\n'
    )
    asked = [*command, "--data", str(tmp_path / "kpilib.toml"), "--period"]
    assert main([*asked, "2025-W53"]) == 0  # ISO weeks of 2025 go to 52
    capsys.readouterr()
    assert main([*asked, "2025-W54"]) == 2
    assert "week 54 does not exist" in capsys.readouterr().err
