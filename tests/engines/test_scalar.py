"""What a stranger writes as an expression is held to reckon one value from a row's columns."""

import time

import pytest

from kpilib.engines.duck import DuckEngine
from kpilib.engines.scalar import FUNCTIONS, check_scalar, same_words

COLUMNS = ["Quantity", "UnitPrice", "InvoiceNo", "when", "note", "address", "two words"]

HONEST = (
    "Quantity * UnitPrice",
    "quantity * unitprice",
    "InvoiceNo LIKE 'C%'",
    "InvoiceNo NOT ILIKE 'c_%' ESCAPE '!'",
    "UnitPrice <= 0 OR Quantity IS NULL",
    "Quantity BETWEEN 1 AND 9 AND NOT UnitPrice > 3",
    "Quantity IN (1, 2, 3)",
    "CASE WHEN Quantity > 1 THEN lower(note) ELSE NULL END",
    "TRY_CAST(replace(note, ',', '.') AS DOUBLE) / 100",
    "note::DECIMAL(10, 2)",
    "coalesce(nullif(trim(note), ''), 'none')",
    "regexp_replace(note, '[^0-9]', '', 'g')",
    "split_part(InvoiceNo, '-', 2) || '/' || note",
    "concat_ws(' ', InvoiceNo, note)",
    "strptime(\"when\", '%d/%m/%Y') + INTERVAL 2 DAY",
    "date_trunc('month', \"when\"::TIMESTAMP)",
    'EXTRACT(year FROM "when"::DATE) = 2026',
    "\"when\"::TIMESTAMPTZ AT TIME ZONE 'Europe/London'",
    '"two words" -- a comment\n + 1',
    "address.country = 'VN'",
    "address ->> 'country'",
    "lpad(note, 8, '0')",
    "sha256(note)",
    "try(Quantity / UnitPrice)",
    "position('x' IN note) > 0",
    "-Quantity",
    "note ~ '^[0-9]+$'",
)

HOSTILE = (
    "(SELECT count(*) FROM read_csv('/etc/passwd'))",
    "(SELECT content FROM read_text('/etc/passwd'))",
    "(SELECT content FROM '/etc/passwd')",
    "(SELECT file FROM glob('/home/*') LIMIT 1)",
    "(FROM read_blob('/etc/shadow'))",
    "EXISTS (SELECT 1 FROM read_text('/etc/passwd') WHERE content LIKE 'r%')",
    "Quantity IN (SELECT size FROM read_blob('/etc/passwd'))",
    "Quantity = ANY (SELECT 1)",
    "(SELECT * FROM enable_profiling(format='json', save_location='/tmp/kpilib-hostile'))",
    "(SELECT * FROM enable_logging(storage='file', storage_path='/tmp/kpilib-hostile'))",
    "(WITH RECURSIVE t AS (SELECT 1 AS a UNION ALL SELECT a FROM t) SELECT max(a) FROM t)",
    "1) FROM read_text('/etc/passwd') WHERE (true",
    "1), (SELECT 2",
    "1) UNION SELECT (2",
    "1) ORDER BY (1",
    "1); COPY (SELECT 1) TO '/tmp/kpilib-hostile' --",
    "1); ATTACH '/tmp/kpilib-hostile' AS x; SELECT (1",
    "1); SET enable_external_access = true; SELECT (1",
    "1); INSTALL httpfs; SELECT (1",
    "write_log('x')",
    "getvariable('HOME')",
    "getenv('HOME')",
    "current_setting('temp_directory')",
    "current_database()",
    "query('SELECT 1')",
    "query_table('duckdb_settings')",
    "main.lower(note)",
    "system.main.lower(note)",
    "nextval('s')",
    "random()",
    "now()",
    "sum(Quantity) OVER ()",
    "max(Quantity)",
    "count(*)",
    "unnest(range(1000000000000))",
    "range(1000000000000)",
    "repeat('x', 900000000)",
    "lpad('x', 900000000, 'y')",
    "rpad(note, Quantity, 'y')",
    "printf('%1000000000d', 1)",
    "format('{:>1000000000}', 1)",
    "list_reduce(range(100000000), lambda a, b: a + b)",
    "array_agg(note)",
    "replace(replace(replace(note, 'a', 'aaaaaaaaaa'), 'a', 'aaaaaaaaaa'), 'a', 'aaaaaaaaaa')",
    "replace(note, 'a', note)",
    "regexp_replace(note, '.', note, 'g')",
    "regexp_matches(note, note)",
    "||".join(["note"] * 200),
    "+".join(["1"] * 4000),
    "(" * 3000 + "1" + ")" * 3000,
    "abs(" * 1500 + "1" + ")" * 1500,
    "a" * 20_000,
    "note\0 FROM read_text('/etc/passwd')",
    "kpilib__from_customer_id || 'x'",
    "kept_0.note",
    "COLUMNS('.*')",
    "*",
    "#1",
    "?",
    "$name",
    "{'a': 1}",
    "MAP {'a': 1}",
    "CAST(note AS BLOB)",
    "CAST(note AS INTEGER[])",
)


@pytest.mark.parametrize("expression", HONEST)
def test_what_a_business_writes_is_allowed(expression):
    check_scalar({"it": expression}, COLUMNS)


@pytest.mark.parametrize("expression", HOSTILE)
def test_what_reads_writes_hangs_or_leaks_is_refused(expression):
    began = time.monotonic()
    with pytest.raises(ValueError) as refused:
        check_scalar({"it": expression}, COLUMNS)
    assert time.monotonic() - began < 2
    assert len(str(refused.value)) < 1000


def test_no_function_that_can_be_called_reads_or_writes_or_asks_for_a_setting():
    engine = DuckEngine()
    kinds = engine.connection.execute(
        "SELECT DISTINCT function_name, function_type, coalesce(stability, '') "
        "FROM duckdb_functions()"
    ).fetchall()
    known = {name: (kind, stability) for name, kind, stability in kinds}
    for name in FUNCTIONS & known.keys():
        kind, stability = known[name]
        assert kind in ("scalar", "macro"), name
        assert "VOLATILE" not in stability, name


@pytest.mark.parametrize(
    "expression",
    [
        "concat('\\'', java_method('java.lang.System', 'exit'), '\\'')",
        '"x" || reflect("java.lang.Runtime", "getRuntime")',
        "1 /* /* */ + java_method('x') /* */ */",
        "$$ $$",
    ],
)
def test_what_other_engines_take_apart_in_another_way_is_refused(expression):
    with pytest.raises(ValueError, match="cannot be used here"):
        same_words(expression)


def test_functions_of_other_engines_are_refused():
    for expression in ("java_method('a', 'b')", "reflect('a', 'b')", "sequence(1, 1000000000)"):
        same_words(expression)
        with pytest.raises(ValueError, match=r"function .* is not allowed"):
            check_scalar({"it": expression}, COLUMNS)


def test_a_long_sum_is_read_in_no_time():
    """What it may grow to is reckoned once for each part, not twice as often with each term."""
    began = time.process_time()
    work = check_scalar(
        {"long": " + ".join(["Quantity"] * 80), "text": "note || '-' || note"}, COLUMNS
    )
    assert time.process_time() - began < 2
    assert (work["long"].growth, work["long"].steps, work["text"].growth) == (1, 79, 3)
    assert work["text"].columns == {"note"}
