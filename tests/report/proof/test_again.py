"""Months that were tampered with: everything that is changed is found, sealed anew or not."""

import json
import shutil
from dataclasses import replace

import pytest

from kpilib.errors import InputError
from kpilib.report import run as running
from kpilib.report.order import Order
from kpilib.report.proof import again
from kpilib.report.proof.again import hold, make_again, verify
from kpilib.report.proof.findings import numbers
from kpilib.report.proof.seal import sealed
from kpilib.report.run import make_report
from kpilib.report.running.execute import Execution
from tests.report.conftest import (
    FACTS,
    SHOW_KPI,
    VALUE,
    Lent,
    Quiet,
    code,
    kpi,
    notebook,
    told,
    write,
)

OTHER = {**VALUE, "id": "buyers", "unit": "count", "value": 134.0, "low": 100.0, "high": 160.0}


def executed(path, parameters, kernels, *, timeout, on_cell):
    """What stands for an execution: the notebook's cell of a KPI shows it."""
    source = json.loads(path.read_text(encoding="utf-8"))
    for cell in source["cells"]:
        if cell["source"] == SHOW_KPI.strip():
            data = kpi(previous=None)
            cell["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": data}]
    return Execution(path.stem, dict(parameters), source, 1.25, 1)


@pytest.fixture(scope="module", params=[(), ("vi", "zh")], ids=["one language", "three"])
def original(tmp_path_factory, request):
    """A published month, the same made again, and where its notebooks are."""
    place = tmp_path_factory.mktemp("proof")
    source = write(place / "source", {"01-one": notebook("# One", code(SHOW_KPI))})
    facts = replace(FACTS, values=lambda lang: [VALUE, OTHER])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kpilib.report.running.schedule.execute", executed)
        patch.setattr(running, "Kernels", Lent(None))
        patch.setattr(running, "read_facts", told(facts))
        order = Order("cdnow", out=place / "reports", folder=source, also=request.param)
        outcome = make_report(order, Quiet())
        made = make_again(outcome.folder, place / "again", Quiet(), source)
        yield outcome.folder, made, source


@pytest.fixture
def month(original, tmp_path):
    folder, made, source = original
    shutil.copytree(folder, tmp_path / folder.name)
    return tmp_path / folder.name, made, source


def test_a_month_that_nobody_touched_is_what_was_published(month):
    folder, made, source = month
    found = hold(folder, made)
    editions = [path for path in (folder / "vi", folder / "zh") if path.is_dir()]
    assert found.compared == 2 + 2 * len(editions)
    assert found.good, [one.said.en for one in found.findings]
    assert verify(folder, Quiet(), notebooks=source).good


def set_value(path, change):
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n")


def in_values(change):
    return lambda folder: set_value(folder / "kpis.json", change)


def in_run(change):
    return lambda folder: set_value(folder / "run.json", change)


def in_text(name, old, new):
    def tamper(folder):
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text, (name, old)
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return tamper


def in_notebook(folder):
    def change(data):
        data["cells"][2]["outputs"][0]["data"]["text/html"] = "<b>0.01</b>"

    set_value(folder / "notebooks" / "01-one.ipynb", change)


TAMPERINGS = {
    "a value": (in_values(lambda v: v[0].update(value=0.04)), "churn_rate"),
    "a value's last digit": (in_values(lambda v: v[0].update(value=0.05000000000000001)), "churn"),
    "a later value": (in_values(lambda v: v[1].update(value=135.0)), "buyers"),
    "a limit": (in_values(lambda v: v[0].update(high=0.06)), "high"),
    "a status": (in_values(lambda v: v[0].update(status="provisional")), "status"),
    "a name": (in_values(lambda v: v[0]["name"].update(en="Loss")), "name"),
    "a definition": (in_values(lambda v: v[0].update(definition="zzz")), "definition"),
    "a target": (in_values(lambda v: v[0].update(target=0.5)), "target"),
    "a number taken out": (in_values(lambda v: v.pop(1)), "not published"),
    "a number put in": (in_values(lambda v: v.append({**v[0], "id": "nps"})), "nps"),
    "a number twice": (in_values(lambda v: v.append(v[0])), "twice"),
    "a field put in": (in_values(lambda v: v[0].update(note="fine")), "note"),
    "no numbers": (lambda f: (f / "kpis.json").write_text("[]"), "not published"),
    "broken numbers": (lambda f: (f / "kpis.json").write_text("["), "cannot be read"),
    "no file of numbers": (lambda f: (f / "kpis.json").unlink(), "cannot be read"),
    "a year in a page": (in_text("index.html", "1998", "1999"), "index.html"),
    "a blank in a page": (in_text("01-one.html", "<main", " <main"), "01-one.html"),
    "a page gone": (lambda f: (f / "01-one.html").unlink(), "01-one.html"),
    "a page more": (lambda f: (f / "02-two.html").write_text("x"), "02-two.html"),
    "an executed notebook": (in_notebook, "01-one.ipynb"),
    "an input's hash": (in_run(lambda r: r["inputs"].update(settings="0")), "inputs.settings"),
    "the rows left out": (
        in_run(lambda r: r["inputs"]["tables"]["orders"].update(left_out=0)),
        "left_out",
    ),
    "a status of the run": (in_run(lambda r: r["notebooks"][0].update(figures=9)), "figures"),
    "the command": (in_run(lambda r: r.update(command="rm -rf")), "rm -rf"),
    "a version": (in_run(lambda r: r["versions"].update(pandas="1.0")), "pandas"),
    "a link": (
        lambda f: (f / "kpis2.json").symlink_to(f / "kpis.json"),
        "kpis2.json",
    ),
}


@pytest.mark.parametrize("anew", [False, True], ids=["as it is", "sealed anew"])
@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_tampering_is_found_and_named(month, name, anew):
    folder, made, _ = month
    tamper, named = TAMPERINGS[name]
    tamper(folder)
    if anew:
        run = json.loads((folder / "run.json").read_text())
        (folder / "run.json").write_text(json.dumps(sealed(run, folder)))
    found = hold(folder, made)
    said = [one.said.en for one in found.findings]
    assert not found.good and any(named in one for one in said), said


@pytest.mark.parametrize("original", [("vi", "zh")], indirect=True, ids=["three"])
@pytest.mark.parametrize("record", ["as it is", "sealed anew", "without editions, sealed anew"])
@pytest.mark.parametrize("quick", [False, True], ids=["whole", "quick"])
@pytest.mark.parametrize("edition", ["vi", "zh"])
def test_a_number_of_any_edition_is_computed_again(month, monkeypatch, edition, quick, record):
    folder, made, source = month
    set_value(folder / edition / "kpis.json", lambda values: values[0].update(value=0.06))
    if record != "as it is":
        run = json.loads((folder / "run.json").read_text())
        run |= {"editions": {}} if "without" in record else {}
        (folder / "run.json").write_text(json.dumps(sealed(run, folder)))
    facts = replace(FACTS, values=lambda lang: [VALUE, OTHER])
    monkeypatch.setattr(again, "read_facts", told(facts))
    found = verify(folder, Quiet(), notebooks=source, quick=True) if quick else hold(folder, made)
    old, new = ("6,0%", "5,0%") if edition == "vi" else ("6.0%", "5.0%")
    assert any(old in one.said.en and new in one.said.en for one in found.findings)


@pytest.mark.parametrize("original", [("vi", "zh")], indirect=True, ids=["three"])
def test_quick_computes_what_is_published_in_each_language(month, monkeypatch):
    folder, _, source = month
    facts = replace(FACTS, values=lambda lang: [VALUE, OTHER])
    monkeypatch.setattr(again, "read_facts", told(facts))
    found = verify(folder, Quiet(), notebooks=source, quick=True)
    assert found.good and found.compared == 6


def test_the_clock_is_under_the_seal_alone(month):
    folder, made, _ = month
    in_run(lambda run: run.update(started="1999-01-01T00:00:00+00:00"))(folder)
    assert [one.said.en for one in hold(folder, made).findings] == [
        "run.json: changed since it was published"
    ]


def test_the_first_number_that_differs_is_named_with_both_values(month):
    folder, made, _ = month
    in_values(lambda values: values[1].update(value=140.0))(folder)
    first = hold(folder, made).findings[0]
    assert first.kind == "number" and first.where == "buyers"
    assert first.said.en.endswith("(buyers), 1998-06: published 140, computed again 134")


def test_other_input_is_said_before_anything_else(month):
    folder, _, source = month
    other = replace(FACTS, values=lambda lang: [VALUE, OTHER], fingerprints={"orders": "other"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "read_facts", told(other))
        found = verify(folder, Quiet(), notebooks=source)
    assert not found.good and "input is not the one" in found.remarks[0].en
    assert any("inputs.fingerprints" in one.said.en for one in found.findings)


def test_quick_computes_the_numbers_and_trusts_the_hashes(month, monkeypatch):
    folder, _, source = month
    monkeypatch.setattr(
        again, "read_facts", told(replace(FACTS, values=lambda lang: [VALUE, OTHER]))
    )
    assert verify(folder, Quiet(), notebooks=source, quick=True).good
    in_values(lambda values: values[0].update(value=0.06))(folder)
    found = verify(folder, Quiet(), notebooks=source, quick=True)
    assert "published 6.0%, computed again 5.0%" in found.findings[0].said.en


def test_other_code_computes_to_nine_digits(month, monkeypatch):
    folder, _, source = month
    near = {**VALUE, "value": 0.05 * (1 + 1e-12), "notes": ["new"]}
    monkeypatch.setattr(
        again, "read_facts", told(replace(FACTS, values=lambda lang: [near, OTHER]))
    )
    monkeypatch.setattr(again, "code_digest", lambda: "other")
    found = verify(folder, Quiet(), notebooks=source)
    assert found.good and "other code" in found.remarks[-1].en
    assert not [*numbers([VALUE], [near], "en", exactly=False)]
    assert [*numbers([VALUE], [{**VALUE, "value": 0.05001}], "en", exactly=False)]


def test_a_folder_without_a_month_is_named(tmp_path):
    with pytest.raises(InputError, match="holds no report"):
        verify(tmp_path, Quiet())
