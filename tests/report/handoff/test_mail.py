"""The month as an e-mail: its parts, its addresses, and a server that takes or refuses it."""

import socket
import threading
from email import message_from_bytes
from email.policy import default

import pytest

from kpilib.errors import InputError, KpilibError
from kpilib.report.handoff.mail import check_addresses, month_mail, send_mail, write_mail

SUMMARY = {
    "period": "2026-10",
    "data": "x\u202e\r\nBcc: evil@shop.example",
    "status": "good",
    "failed": [],
    "figures": [],
    "alerts": [{"state": "raised", "said": "churn is high"}],
    "moved": [],
    "restated": 0,
}
PAGE = '<html><body><a href="01-one.html">One</a><a href="#x">x</a>&lt;script&gt;</body></html>'


@pytest.fixture
def message(tmp_path):
    folder = tmp_path / "2026-10"
    folder.mkdir()
    (folder / "index.html").write_text(PAGE, encoding="utf-8")
    (folder / "kpis.xlsx").write_bytes(b"PK workbook")
    to = ["ann@shop.example", "Bình <binh@shop.example>"]
    return month_mail(folder, SUMMARY, "en", recipients=to, sender="kpi@shop.example")


def test_the_page_is_inside_and_hostile_names_are_text(message, tmp_path):
    path = write_mail(message, tmp_path / "2026-10.eml")
    read = message_from_bytes(path.read_bytes(), policy=default)
    assert read["Subject"] == (
        "Customer report 2026-10, x⟨U+202E⟩ Bcc: evil@shop.example: good (1 alert)"
    )
    assert read["Bcc"] is None and "binh@shop.example" in read["To"]
    text = read.get_body(("plain",)).get_content()
    assert "! churn is high" in text and "\u202e" not in text
    html = read.get_body(("html",)).get_content()
    assert "01-one.html" not in html and 'href="#x"' in html and "<script" not in html
    names = [part.get_filename() for part in read.iter_attachments()]
    assert names == ["2026-10.html", "2026-10.xlsx"]
    assert next(read.iter_attachments()).get_content() == PAGE


def test_addresses_are_checked_before_anything_runs():
    check_addresses(["ann@shop.example"], "kpi@shop.example")
    for wrong in ("ann", "ann@", "a@b\r\nBcc: c@d", "@shop.example"):
        with pytest.raises(InputError, match="cannot be used"):
            check_addresses([wrong], "kpi@shop.example")
    with pytest.raises(InputError, match="KPILIB_MAIL_FROM"):
        check_addresses(["ann@shop.example"], None)


class Server(threading.Thread):
    """A mail server of a few lines, for one mail."""

    def __init__(self, refuse=False):
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.refuse, self.lines = refuse, []

    def run(self):
        connection, _ = self.socket.accept()
        with connection, connection.makefile("rwb") as stream:
            self.say(stream, "220 ready")
            data = False
            for line in stream:
                text = line.decode().rstrip("\r\n")
                self.lines.append(text)
                if data:
                    data = text != "."
                    if not data:
                        self.say(stream, "250 taken")
                elif text.upper().startswith("DATA"):
                    data = True
                    self.say(stream, "354 go on")
                elif text.upper().startswith("QUIT"):
                    self.say(stream, "221 bye")
                    break
                elif self.refuse and text.upper().startswith("MAIL"):
                    self.say(stream, "554 not from you")
                else:
                    self.say(stream, "250 fine")

    def say(self, stream, text):
        stream.write(f"{text}\r\n".encode())
        stream.flush()

    @property
    def environment(self):
        port = str(self.socket.getsockname()[1])
        named = {"KPILIB_SMTP_HOST": "127.0.0.1", "KPILIB_SMTP_PORT": port}
        return named | {"KPILIB_SMTP_SECURITY": "none"}


@pytest.mark.parametrize("refuse", [False, True])
def test_a_server_takes_the_mail_or_its_words_are_told(message, refuse):
    server = Server(refuse)
    server.start()
    if refuse:
        with pytest.raises(KpilibError, match=r"not sent.*not from you.*month itself is written"):
            send_mail(message, server.environment)
    else:
        send_mail(message, server.environment)
        assert any(line.startswith("Subject: Customer report") for line in server.lines)
    server.join(10)
    server.socket.close()


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "set KPILIB_SMTP_HOST"),
        ({"KPILIB_SMTP_HOST": "h", "KPILIB_SMTP_SECURITY": "ssl"}, "is not known"),
        ({"KPILIB_SMTP_HOST": "h", "KPILIB_SMTP_PORT": "x"}, "is not a port"),
        (
            {"KPILIB_SMTP_HOST": "h", "KPILIB_SMTP_SECURITY": "none", "KPILIB_SMTP_USER": "u"},
            "unprotected",
        ),
    ],
)
def test_a_server_that_cannot_be_used_is_bad_input(message, environment, said):
    with pytest.raises(InputError, match=said):
        send_mail(message, environment)


def test_a_password_is_in_no_error(message):
    free = socket.create_server(("127.0.0.1", 0))
    port = str(free.getsockname()[1])
    free.close()
    named = {"KPILIB_SMTP_HOST": "127.0.0.1", "KPILIB_SMTP_PORT": port}
    named |= {"KPILIB_SMTP_USER": "u", "KPILIB_SMTP_PASSWORD": "geheim"}
    with pytest.raises(KpilibError) as error:
        send_mail(message, named)
    assert "geheim" not in str(error.value)
