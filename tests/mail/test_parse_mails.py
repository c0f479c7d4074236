"""`chaskiq channels parse email` reads mails as they are, and says what their sender would be answered."""

import json
from pathlib import Path

from chaskiq_plugins.email.tests.email_mails import a_mail
from tests.harness.command_line import chaskiq


def test_a_mail_in_a_file_is_read(tmp_path: Path) -> None:
    mail, empty = tmp_path / "one.eml", tmp_path / "two.txt"
    mail.write_bytes(a_mail("It cracks.").as_bytes())
    empty.write_bytes(b"")

    first, second = map(json.loads, chaskiq("channels", "parse", "email", str(mail), str(empty)).stdout.splitlines())

    [event] = first["events"]
    assert (first["status"], event["text"], event["subject"]) == (200, "It cracks.", "The kiln")
    assert event["conversation_key"] == "email:m1@home.example"
    assert (second["status"], second["events"]) == (400, [])


def test_the_secret_beside_it_counts(tmp_path: Path) -> None:
    mail = tmp_path / "one.eml"
    mail.write_bytes(a_mail("It cracks.").as_bytes())
    statuses = []
    for headers in ({}, {"X-Chaskiq-Secret": "wrong"}, {"X-Chaskiq-Secret": "right"}):
        (tmp_path / "one.http.json").write_text(json.dumps({"headers": headers, "inbound_secret": "right"}))
        told = json.loads(chaskiq("channels", "parse", "email", str(mail)).stdout)
        statuses.append(told["status"])
    assert statuses == [401, 403, 200]
