"""The report that a mail server sends when a mail does not arrive (RFC 3464)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

DAEMON = "MAILER-DAEMON@sandbox.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A mail that did not arrive, or not yet."""

    raw: bytes
    recipient: str
    sender: str
    action: str
    """failed or delayed."""
    code: str
    """The enhanced status code."""
    said: str
    """What the other server said."""


def report_on(failed: Failed, *, number: int, at: float) -> bytes:
    """The report to its sender."""
    headers = failed.raw.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
    subject = "Undelivered Mail Returned to Sender" if failed.action == "failed" else "Delayed Mail"
    lines = [
        f"From: Mail Delivery System <{DAEMON}>",
        f"To: {failed.sender}",
        f"Subject: {subject}",
        f"Date: {format_datetime(datetime.fromtimestamp(at, UTC))}",
        f"Message-ID: <report.{number}@sandbox.example>",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="report"',
        "",
        "--report",
        "Content-Type: text/plain; charset=utf-8",
        "",
        "This is the mail system of the sandbox.",
        "",
        f"<{failed.recipient}>: {failed.said}",
        "--report",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; sandbox.example",
        "",
        f"Final-Recipient: rfc822; {failed.recipient}",
        f"Action: {failed.action}",
        f"Status: {failed.code}",
        f"Diagnostic-Code: smtp; {failed.said}",
        "",
        "--report",
        "Content-Type: text/rfc822-headers",
        "",
        headers,
        "",
        "--report--",
        "",
    ]
    return "\r\n".join(lines).encode()
