"""Bytes that nobody meant as records, for an hour: no raw traceback, no hang, no silent loss.

Run by hand: `python tests/benchmarks/fuzz.py --minutes 60`. With the package atheris installed the
inputs are steered by which lines of kpilib they reach, without it they are drawn at random. What
is found is printed once per kind and stands in the folder named at the start, with its input.

The first byte of an input chooses what it is: a CSV file, JSON, JSON lines, a workbook, a
kpilib.toml, an expression, or words of the command line. Of every table that loads, the rows read
are held against the lines, records or rows that were written.
"""

import argparse
import contextlib
import io
import json
import os
import random
import re
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

try:
    import atheris
except ImportError:
    atheris = None

SLOW, HUNG = 5.0, 20
WATCHED = ["kpilib.sources", "kpilib.loading", "kpilib.contract", "kpilib.engines", "kpilib.cli"]

with atheris.instrument_imports(include=WATCHED) if atheris else contextlib.nullcontext():
    import kpilib
    from kpilib.cli import main as command
    from kpilib.engines.scalar import check_scalar
    from kpilib.errors import KpilibError
    from kpilib.loading import load
    from kpilib.sources.formats import document, workbook  # noqa: F401

ORDERS = "customer_id,ordered_at,amount,status\na,2026-01-05,3.5,paid\nb,2026-02-06,4,refunded\n"
SEEDS: tuple[tuple[int, bytes], ...] = (
    (0, ORDERS.encode()),
    (0, ORDERS.replace(",", ";").replace("3.5", "3,5").encode("utf-16")),
    (0, "Kunde\tDatum\tBetrag\r\n1\t31.01.2026\t1.234,50 €\r\n".encode("cp1252")),
    (0, b'"id","when","total"\r"a ""b""","1/2/2026 3:04 PM","$1,000.00"\r'),
    (0, b"Report 2026\n\ncustomer_id,ordered_at,amount\n1,20260105,-3\nTotal,,-3\n"),
    (0, "客户编号,下单时间,金额\n甲,2026年1月5日,¥1,000\n".encode("gb18030")),
    (1, json.dumps([{"customer_id": 1, "ordered_at": "2026-01-05", "amount": 3}]).encode()),
    (1, json.dumps({"orders": [{"customer_id": "x", "ordered_at": 1767571200}], "n": 1}).encode()),
    (2, b'{"customer_id": 1, "ordered_at": "2026-01-05", "amount": 3}\n{"customer_id": null}\n'),
    (3, b"customer_id|ordered_at|amount\n1|46027|3.5\nx|2026-01-06|4\n"),
    (4, b'currency = "EUR"\n[orders]\ndate_format = "%Y-%m-%d"\n[orders.columns]\namount = "2*x"'),
    (4, b'time_zone = "Asia/Ho_Chi_Minh"\n[orders]\nfile = ["orders.csv"]\nlines = true\n'),
    (4, b'[orders]\njoin = {file = "b.csv", on = {customer_id = "id"}, sum = ["x"]}\n[value]\n'),
    (
        4,
        b'nobody = ["a"]\nmax_loss = 0.5\n[targets]\nchurn_rate = 0.1\n[service]\nresponse_hours=1',
    ),
    (5, b"CASE WHEN a > 1 THEN lower(b) ELSE TRY_CAST(c AS DOUBLE) END"),
    (5, b"(SELECT content FROM read_text('/etc/passwd'))"),
    (6, b"kpi churn_rate --data orders.csv --period 2026-01 --by status --json"),
    (6, b"check --data orders.csv --no-samples"),
    (6, b"init orders.csv --to - --column amount=amount --currency EUR"),
    (6, b"clv --data orders.csv --horizon 12-months --model BGNBD"),
)
WORDS = (
    *(b"customer_id ordered_at amount currency status order_id refunds orders lines date_format"
      b" encoding delimiter header join columns leave_out sold utf-16 %d/%m/%Y true 1e999 NaN"
      b" -0 0x 2026-02-30 24:00 \xef\xbb\xbf \xff\xfe \\u0000 --months --rows --lang vi").split(),
    b"\r", b"\n", b"\0", b'"', b",", b";", b"\t",
)  # fmt: skip


class LossError(Exception):
    """More or fewer rows are accounted for than were written."""


class HangError(Exception):
    """It took too long."""


def as_csv(data: bytes, folder: Path) -> None:
    """A CSV file: every line is read or left out, but for the header and titles above it."""
    path = folder / "orders.csv"
    path.write_bytes(data)
    loaded = load(str(path), gate=False)
    account = loaded.accounts["orders"]
    if b'"' in data or b"\0" in data:
        return
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return
    lines = [line for line in re.split(r"\r\n|\n|\r", text) if re.search(r"[^\s,;|]", line)]
    titles = sum(
        int(found[1])
        for note in account.notes
        if (found := re.search(r"(\d+) lines? above it", note))
    )
    blank = len(re.findall(r"(?m)^[\s,;|]+$", text))
    if not len(lines) - 1 - titles <= account.read <= len(lines) - titles + blank:
        raise LossError(f"{len(lines)} lines, {titles} titles, {account.read} read")


def as_json(data: bytes, folder: Path) -> None:
    """A JSON document: a list of records gives as many rows."""
    path = folder / "orders.json"
    path.write_bytes(data)
    read = load(str(path), gate=False).accounts["orders"].read
    try:
        value = json.loads(data)
    except ValueError:
        return
    if isinstance(value, list) and read != len(value):
        raise LossError(f"{len(value)} records, {read} read")


def as_lines(data: bytes, folder: Path) -> None:
    """JSON lines: each line that holds something is a row."""
    path = folder / "orders.jsonl"
    path.write_bytes(data)
    read = load(str(path), gate=False).accounts["orders"].read
    lines = [line for line in data.split(b"\n") if line.strip(b" \t\r\xef\xbb\xbf")]
    if read != len(lines):
        raise LossError(f"{len(lines)} lines, {read} read")


def as_workbook(data: bytes, folder: Path) -> None:
    """A workbook: cells made of the bytes; at times a damaged one."""
    from openpyxl import Workbook

    path = folder / "orders.xlsx"
    book = Workbook()
    rows = [line.split("|") for line in data.decode("utf-8", "replace").split("\n")]
    kept = 0
    for row in rows[:50]:
        cells = [re.sub(r"[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", c) for c in row]
        cells = [None if c == "" else _cell(c) for c in cells[:20]]
        kept += any(cell is not None and str(cell).strip() for cell in cells)
        book.active.append([c if not str(c).startswith("=") else f" {c}" for c in cells])
    book.save(path)
    if data.startswith(b"\xff"):
        raw = bytearray(path.read_bytes())
        for place in range(1, len(data) - 1, 2):
            raw[(data[place] * 257) % len(raw)] = data[place + 1]
        path.write_bytes(bytes(raw))
        kept = -1
    account = load(str(path), gate=False).accounts["orders"]
    if kept >= 0 and account.read < kept - 1 - _titles(account.notes):
        raise LossError(f"{kept} rows with something, {account.read} read")


def _titles(notes: tuple[str, ...]) -> int:
    found = [re.search(r"; (\d+) above it are no rows", note) for note in notes]
    return sum(int(one[1]) for one in found if one)


def _cell(text: str) -> object:
    with contextlib.suppress(ValueError):
        return float(text) if "." in text else int(text[:300])
    return text[:1000]


def as_toml(data: bytes, folder: Path) -> None:
    """A settings file beside plain orders."""
    (folder / "orders.csv").write_text(ORDERS)
    (folder / "b.csv").write_text("id,x\na,1\na,2\n")
    (folder / "kpilib.toml").write_bytes(data)
    base = kpilib.open(str(folder))
    base.kpi("new_customers")


def as_expression(data: bytes, folder: Path) -> None:
    """An expression: refused, or one that DuckDB runs without a file."""
    with contextlib.suppress(ValueError):
        check_scalar({"x": data.decode("utf-8", "replace")}, ["a", "b", "c"])


def as_command(data: bytes, folder: Path) -> None:
    """Words of the command line; the exit code is one of those promised."""
    (folder / "orders.csv").write_text(ORDERS)
    words = data.decode("utf-8", "replace").split()
    if not words or words[0] not in ("kpi", "check", "init", "clv", "list", "diff", "explain"):
        words = ["kpi", *words]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = command(words)
    if code not in (0, 2, 3) or re.search(r"unexpected [A-Z]\w+(:|$)", err.getvalue()):
        raise LossError(f"exit {code}: {err.getvalue()[:300]}")


KINDS: tuple[Callable[[bytes, Path], None], ...] = (
    as_csv, as_json, as_lines, as_workbook, as_toml, as_expression, as_command,
)  # fmt: skip


class Fuzz:
    """Runs inputs and keeps what they bring to light."""

    def __init__(self, folder: Path, minutes: float) -> None:
        self.folder, self.end = folder, time.monotonic() + 60 * minutes
        self.runs, self.found = 0, {}
        self.seen = [0] * len(KINDS)

    def one(self, data: bytes) -> None:
        """One input, in a folder of its own."""
        if time.monotonic() > self.end:
            self.finish()
        if not data:
            return
        kind = KINDS[data[0] % len(KINDS)]
        self.runs += 1
        self.seen[data[0] % len(KINDS)] += 1
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            began = time.monotonic()
            signal.setitimer(signal.ITIMER_REAL, HUNG)
            try:
                kind(data[1:], Path(folder))
            except KpilibError as error:
                if len(str(error)) > 5000:
                    self.keep("long message", kind, data, error)
            except BaseException as error:
                self.keep(type(error).__name__, kind, data, error)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
                os.chdir("/")
            if time.monotonic() - began > SLOW:
                self.keep("slow", kind, data, HangError(f"{time.monotonic() - began:.1f} s"))

    def keep(self, name: str, kind: Callable, data: bytes, error: BaseException) -> None:
        """The first input of each kind of finding."""
        frames = traceback.extract_tb(error.__traceback__)
        ours = [f"{Path(f.filename).name}:{f.lineno}" for f in frames if "kpilib" in f.filename]
        words = re.sub(r"[0-9]+|'.*'", "#", str(error))[:60] if isinstance(error, LossError) else ""
        key = f"{name} {kind.__name__} {ours[-1:] or ''} {words}"
        self.found[key] = self.found.get(key, 0) + 1
        if self.found[key] == 1:
            number = len(self.found)
            (self.folder / f"found-{number}.bin").write_bytes(data)
            print(f"[{number}] {key}: {str(error)[:200]!r} {data[:80]!r}", flush=True)

    def finish(self) -> None:
        """Say what there was and end, whatever drives the inputs."""
        shares = ", ".join(
            f"{kind.__name__[3:]} {n:,}" for kind, n in zip(KINDS, self.seen, strict=True)
        )
        print(f"{self.runs:,} inputs ({shares}); {len(self.found)} kinds of findings", flush=True)
        os._exit(1 if self.found else 0)


def _hang(number: int, frame: object) -> None:
    raise HangError(f"more than {HUNG} s")


def at_random(fuzz: Fuzz, seed: int) -> None:
    """Seeds with some of their bytes changed, cut, doubled, or words put in."""
    draw = random.Random(seed)
    while True:
        kind, data = draw.choice(SEEDS)
        data = bytearray(data)
        for _ in range(draw.randint(0, 6)):
            place = draw.randint(0, len(data))
            match draw.randint(0, 4):
                case 0:
                    data[place:place] = draw.choice(WORDS)
                case 1:
                    del data[place : place + draw.randint(1, 8)]
                case 2:
                    data[place : place + 1] = draw.randbytes(draw.randint(1, 3))
                case 3:
                    data[place:place] = data[place : place + 20] * draw.randint(1, 5)
                case 4:
                    data += draw.choice(SEEDS)[1]
        fuzz.one(bytes([kind]) + bytes(data))


def main() -> None:
    """Set up, and go on until the time is over."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "kpilib-fuzz")
    parser.add_argument("--again", type=Path, help="run one input that was found, and show it")
    given = parser.parse_args()
    if given.again:
        data = given.again.read_bytes()
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            KINDS[data[0] % len(KINDS)](data[1:], Path(folder))
        return
    corpus = given.folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    print(f"findings go to {given.folder}", flush=True)
    fuzz = Fuzz(given.folder, given.minutes)
    signal.signal(signal.SIGALRM, _hang)
    if atheris is None:
        at_random(fuzz, given.seed)
    for number, (kind, data) in enumerate(SEEDS):
        (corpus / f"seed-{number}").write_bytes(bytes([kind]) + data)
    words = given.folder / "words.txt"
    escaped = ["".join(f"\\x{byte:02x}" for byte in word) for word in WORDS]
    words.write_text("".join(f'"{word}"\n' for word in escaped))
    options = [f"-dict={words}", f"-seed={given.seed}", "-max_len=2000", "-timeout=0"]
    options += ["-handle_alrm=0", "-rss_limit_mb=4000", "-verbosity=0", "-print_final_stats=0"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], fuzz.one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
