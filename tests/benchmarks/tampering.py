"""Two hundred tamperings with a published month or its input: does `kpilib verify` find each?

    python -m tests.benchmarks.tampering

The month is CDNOW's sample with all notebooks, made once and made again once; 180 copies of its
folder are changed at random (a byte of any file, a number of `kpis.json`, a line of `run.json`, a
file taken out or put in), every second one sealed anew as a forger would. Then twenty changes to
the input of a small shop, each made again in full in three languages.
"""

import json
import random
import shutil
import tempfile
import time
from pathlib import Path

from kpilib.errors import InputError
from kpilib.report.order import Order
from kpilib.report.proof.again import hold, make_again, verify
from kpilib.report.proof.seal import sealed
from kpilib.report.run import make_report
from kpilib.words import LANGUAGES
from tests.report.conftest import Quiet, code, notebook, write

FOLDER, INPUT = 180, 20
CLOCK = ("seconds", "started", "attempts", "reused", "seal", "files", "archive", "key")


def tamper(folder: Path, draw: random.Random) -> str:
    """Change one thing in a month's folder; says what."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    match draw.randrange(5):
        case 0 | 1:
            path = draw.choice([path for path in files if path.name != "run.json"])
            data = bytearray(path.read_bytes())
            place = draw.randrange(len(data))
            data[place] ^= 1 << draw.randrange(7)
            path.write_bytes(bytes(data))
            return f"bit {place} of {path.relative_to(folder)}"
        case 2:
            values = json.loads((folder / "kpis.json").read_text())
            value = draw.choice([one for one in values if one["value"] is not None])
            value["value"] = value["value"] * draw.choice([1.01, 1 + 1e-13, 0.5]) + 1e-12
            (folder / "kpis.json").write_text(json.dumps(values, ensure_ascii=False, indent=1))
            return f"value of {value['id']}"
        case 3:
            run = json.loads((folder / "run.json").read_text())
            places = [*_leaves(run, ())]
            *way, last = draw.choice([one for one in places if not {*one} & {*CLOCK}])
            part = run
            for name in way:
                part = part[name]
            part[last] = f"{part[last]}x"
            (folder / "run.json").write_text(json.dumps(run))
            return f"run.json: {(*way, last)}"
    if draw.random() < 0.5:
        path = draw.choice([path for path in files if path.name != "run.json"])
        path.unlink()
        return f"without {path.relative_to(folder)}"
    (folder / f"more{draw.randrange(99)}.html").write_text("<p>5%</p>")
    return "a page more"


def _leaves(value, way):
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for name, one in pairs:
            yield from _leaves(one, (*way, name))
    elif way[0] not in ("status", "period", "data", "lang"):
        yield way


def of_folder(place: Path) -> int:
    draw, found = random.Random(3), 0
    outcome = make_report(Order("cdnow-sample", out=place / "reports"), Quiet())
    made = make_again(outcome.folder, place / "again", Quiet())
    assert hold(outcome.folder, made).good
    for number in range(FOLDER):
        copy = place / "copy" / outcome.folder.name
        shutil.copytree(outcome.folder, copy)
        what = tamper(copy, draw)
        if number % 2 and (copy / "run.json").exists():
            run = json.loads((copy / "run.json").read_text())
            (copy / "run.json").write_text(json.dumps(sealed(run, copy)))
        try:
            good = hold(copy, made).good
        except InputError:  # what is left is no report any more, and is refused as one
            good = False
        found += not good
        if good:
            print("NOT FOUND:", what)
        shutil.rmtree(copy)
    return found


def of_input(place: Path) -> int:
    draw, found = random.Random(4), 0
    shop = place / "shop"
    shop.mkdir()
    lines = [
        f"o{n},c{draw.randrange(60)},2025-{draw.randrange(1, 13):02d}-{draw.randrange(1, 29):02d},"
        f"{draw.randrange(500, 9000) / 100}"
        for n in range(600)
    ]
    orders = shop / "orders.csv"
    show = code('import kpilib\nkpilib.open(data, lang=lang).kpi("revenue", period)')
    source = write(place / "source", {"01-one": notebook("# One", show)})

    def lay(rows):
        orders.write_text("order_id,customer_id,ordered_at,amount\n" + "\n".join(rows) + "\n")

    lay(lines)
    (shop / "kpilib.toml").write_text('currency = "GBP"\nas_of = 2026-01-01\n')
    out = place / "months"
    order = Order(str(shop), "2025-11", also=LANGUAGES[1:], out=out, folder=source)
    month = make_report(order, Quiet()).folder
    assert verify(month, Quiet(), notebooks=source).good
    for _ in range(INPUT):
        rows = [*lines]
        at = draw.randrange(len(rows))
        match draw.randrange(4):
            case 0:
                rows.pop(at)
            case 1:
                rows.append(rows[at].replace("o", "n", 1))
            case 2:
                rows[at] = rows[at][:-1] + str((int(rows[at][-1]) + 1) % 10)
            case _:
                rows[at] = rows[at].replace(",c", ",c9", 1)
        lay(rows)
        found += not verify(month, Quiet(), notebooks=source).good
    return found


def main() -> None:
    begun = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        here, there = of_folder(Path(folder)), of_input(Path(folder))
    print(f"{here} of {FOLDER} changes of the folder and {there} of {INPUT} of the input found")
    print(f"{time.process_time() - begun:.0f} CPU-s")


if __name__ == "__main__":
    main()
