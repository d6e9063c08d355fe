"""What is set up inside a kernel."""

import io

from kpilib.report.kernels.inside import MOST, Bounded
from kpilib.report.running.execute import execute
from tests.report.conftest import code, notebook, write


def test_a_stream_takes_in_so_much_and_says_where_it_was_cut_off():
    inner = io.StringIO()
    stream = Bounded(inner, most=10)
    assert stream.write("12345678") == 8 and stream.write("abcdef") == 6
    stream.writelines(["more", "and more"])
    assert inner.getvalue() == "12345678ab\n[cut off after 10 letters]\n"
    stream.renew()
    stream.write("next")
    assert inner.getvalue().endswith("letters]\nnext") and stream.getvalue() == inner.getvalue()


def test_a_cell_that_prints_without_end_leaves_a_page_that_can_be_read(kernels, tmp_path):
    cells = [code("for _ in range(20): print('x' * 1_000_000)"), code("print('next')")]
    write(tmp_path, {"09-mine": notebook("# T", *cells)})
    given = {"data": "cdnow", "period": "1998-06", "lang": "en"}
    done = execute(tmp_path / "09-mine.ipynb", given, kernels)
    text = "".join(part for out in done.notebook["cells"][3]["outputs"] for part in out["text"])
    assert done.status == "good" and MOST < len(text) < MOST + 100
    assert "".join(done.notebook["cells"][4]["outputs"][0]["text"]) == "next\n"
