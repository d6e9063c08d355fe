"""Several threads, and many questions, in one process."""

import threading
from concurrent.futures import ThreadPoolExecutor

from kpilib.demo import tiny_shop

IDS = ("new_customers", "churn_rate", "retention_rate", "revenue")


def test_eight_threads_get_what_one_gets():
    base = tiny_shop()
    wanted = {one: base.kpi(one, "2026-03").value for one in IDS}
    fresh = tiny_shop()
    asked = [IDS[place % len(IDS)] for place in range(48)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda one: fresh.kpi(one, "2026-03").value, asked))
    assert found == [wanted[one] for one in asked]


def test_many_questions_leave_no_thread_and_no_table_behind():
    base = tiny_shop()

    def tables():
        query = "SELECT count(*) FROM duckdb_tables()"
        return base.engine.connection.execute(query).fetchall()[0][0]

    for one in IDS:
        base.kpi(one, "2026-03")
    threads, before = threading.active_count(), tables()
    for _ in range(15):
        for one in IDS:
            base.kpi(one, "2026-03")
    assert (threading.active_count(), tables()) == (threads, before)
