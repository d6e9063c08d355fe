"""The month as an e-mail: the summary as text, the month's page inside, sent or laid in a file.

Where the mail goes out is named by environment variables, credentials too, and by nothing else:
`KPILIB_SMTP_HOST`, `KPILIB_SMTP_PORT` (587), `KPILIB_SMTP_USER`, `KPILIB_SMTP_PASSWORD`,
`KPILIB_SMTP_SECURITY` (`starttls`, `tls`, or `none` for a server that asks for no password), and
`KPILIB_MAIL_FROM`.
"""

import os
import re
import smtplib
import ssl
from collections.abc import Mapping, Sequence
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, parseaddr
from pathlib import Path
from typing import Any

from kpilib.errors import InputError, KpilibError
from kpilib.periods import Period
from kpilib.report.handoff.plain import one_line
from kpilib.report.handoff.summary import raised, summary_text
from kpilib.report.handoff.workbook import FILE
from kpilib.words import _, ngettext
from kpilib.words.values import value_text

SECURITY = ("starttls", "tls", "none")
_TIMEOUT = 60.0
_RELATIVE = re.compile(r'\shref="(?!#|https?:|mailto:)[^"]*"')
_EXCEL = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
_SUBJECT = _("Customer report {period}, {data}: {status}")


def check_addresses(recipients: Sequence[str], sender: str | None) -> None:
    """An InputError where an address is none, or nobody is named as the sender."""
    for address in (*recipients, *([sender] if sender else [])):
        try:
            name, plain = parseaddr(address)
            if "@" not in plain or len(address.splitlines()) != 1:
                raise ValueError(address)
            Address(name, addr_spec=plain)
        except (ValueError, MessageError, IndexError):
            raise InputError(
                f"mail address {one_line(address)!r} cannot be used; write it like ann@shop.example"
            ) from None
    if recipients and not sender:
        raise InputError("nobody is named as the sender; set KPILIB_MAIL_FROM or --mail-from")


def month_mail(
    folder: Path,
    summary: Mapping[str, Any],
    lang: str,
    *,
    recipients: Sequence[str] = (),
    sender: str | None = None,
) -> EmailMessage:
    """The e-mail of a month: the summary, the page in it and as a file, and any workbook.

    Links of the page to its neighbours are left away in the mail, where they would lead nowhere.
    """
    message = EmailMessage(policy=SMTP)
    message["Subject"] = one_line(_subject(summary, lang))
    if sender:
        message["From"] = sender
    if recipients:
        message["To"] = ", ".join(recipients)
    message["Date"] = formatdate()
    message.set_content(summary_text(summary, lang))
    page = (folder / "index.html").read_text(encoding="utf-8")
    message.add_alternative(_RELATIVE.sub("", page), subtype="html")
    name = f"{folder.name}.html"
    message.add_attachment(page.encode("utf-8"), maintype="text", subtype="html", filename=name)
    if (folder / FILE).is_file():
        data = (folder / FILE).read_bytes()
        name = f"{folder.name}.xlsx"
        message.add_attachment(data, maintype=_EXCEL[0], subtype=_EXCEL[1], filename=name)
    return message


def _subject(summary: Mapping[str, Any], lang: str) -> str:
    said = _SUBJECT.format(
        period=Period.parse(summary["period"]),
        data=summary["data"],
        status=value_text(summary["status"]),
    ).of(lang)
    if count := raised(summary):
        alerts = ngettext("{n} alert", "{n} alerts", count)
        said += f" ({alerts.of(lang)})"
    return said


def write_mail(message: EmailMessage, path: Path) -> Path:
    """Lay the mail down as an `.eml` file, whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(message.as_bytes())
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise InputError(f"{path} cannot be written ({error.strerror}); free space there") from None
    return path


def send_mail(message: EmailMessage, environment: Mapping[str, str] = os.environ) -> None:
    """Send the mail by the server that the environment names.

    Raises InputError where the server is not named or a password would go out unprotected, and
    KpilibError where it takes no mail.
    """
    host = environment.get("KPILIB_SMTP_HOST")
    if not host:
        raise InputError("no mail server is named; set KPILIB_SMTP_HOST")
    security = environment.get("KPILIB_SMTP_SECURITY", "starttls").lower()
    if security not in SECURITY:
        raise InputError(
            f"KPILIB_SMTP_SECURITY = {security!r} is not known; choose from {', '.join(SECURITY)}"
        )
    port = environment.get("KPILIB_SMTP_PORT", "465" if security == "tls" else "587")
    if not port.isdecimal():
        raise InputError(f"KPILIB_SMTP_PORT = {port!r} is not a port, like 587")
    user, password = (environment.get(f"KPILIB_SMTP_{one}") for one in ("USER", "PASSWORD"))
    if user and security == "none":
        raise InputError(
            "a password would go out unprotected; set KPILIB_SMTP_SECURITY to starttls or tls"
        )
    try:
        with _connected(host, int(port), security) as server:
            if user:
                server.login(user, password or "")
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise KpilibError(
            f"the mail was not sent: {host}:{port} says {type(error).__name__} "
            f"({_without(str(error), password)}); the month itself is written"
        ) from None


def _connected(host: str, port: int, security: str) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if security == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=_TIMEOUT, context=context)
    server = smtplib.SMTP(host, port, timeout=_TIMEOUT)
    try:
        if security == "starttls":
            server.starttls(context=context)
    except BaseException:
        server.close()
        raise
    return server


def _without(text: str, secret: str | None) -> str:
    """What a server said, in one line and without the password."""
    said = one_line(text)
    return said.replace(secret, "…") if secret else said
