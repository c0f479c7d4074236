"""The JSON API to act as the people behind the mailboxes, and to say where a mailbox's mails are posted."""

from email.utils import getaddresses, parseaddr

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chaskiq_core.testing.sandbox import ControlRoutes, CustomerApiError, Json, body_of, json_response, look, number_of
from chaskiq_email.sandbox.faults import Fault
from chaskiq_email.sandbox.mailboxes import SEEN, Hook, Mail, mailbox_of
from chaskiq_email.sandbox.sandbox import MailSandbox
from chaskiq_email.sandbox.showing import attachment, show, written


class CustomerApi:
    """Answers `/sandbox/…`."""

    def __init__(self, sandbox: MailSandbox) -> None:
        self._sandbox = sandbox

    @property
    def routes(self) -> list[Route]:
        return [
            *ControlRoutes(self._sandbox, Fault).routes,
            Route("/sandbox", self.about),
            Route("/sandbox/mailboxes", self.mailboxes),
            Route("/sandbox/mailboxes/{address}", self.mails),
            Route("/sandbox/mailboxes/{address}/hook", self.set_hook, methods=["PUT", "DELETE"]),
            Route("/sandbox/mails", self.write, methods=["POST"]),
            Route("/sandbox/mails/{uid:int}", self.mail),
            Route("/sandbox/mails/{uid:int}/seen", self.see, methods=["POST"]),
            Route("/sandbox/mails/{uid:int}/raw", self.raw),
            Route("/sandbox/mails/{uid:int}/files/{n:int}", self.file),
            Route("/sandbox/raw", self.put_raw, methods=["POST"]),
        ]

    async def about(self, request: Request) -> Response:
        """Where SMTP and IMAP are."""
        return json_response(self._sandbox.ports)

    async def mailboxes(self, request: Request) -> Response:
        return json_response({"mailboxes": list[Json](self._sandbox.mailboxes.names())})

    async def mails(self, request: Request) -> Response:
        """`after` continues the list, `wait` waits for more."""
        mailbox = mailbox_of(request.path_params["address"])

        def see() -> list[Json]:
            found = self._sandbox.mailboxes.mails(mailbox, after=number_of(request, "after"))
            return [show(mail) for mail in found]

        return json_response({"mails": await look(self._sandbox, request, see, bool)})

    async def mail(self, request: Request) -> Response:
        return json_response(show(self._mail(request)))

    async def see(self, request: Request) -> Response:
        """The mail was read."""
        mail = self._mail(request)
        self._sandbox.mailboxes.set_flags(mail.uid, mail.flags | {SEEN})
        return json_response({"seen": True})

    async def raw(self, request: Request) -> Response:
        return Response(self._mail(request).raw, media_type="text/plain; charset=utf-8")

    async def file(self, request: Request) -> Response:
        content, _, _ = attachment(self._mail(request), request.path_params["n"])
        headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
        return Response(content, media_type="application/octet-stream", headers=headers)

    async def write(self, request: Request) -> Response:
        """A person writes, or answers the mail `answers`."""
        given = await body_of(request)
        answers = given.get("answers")
        answered = self._sandbox.mailboxes.mail(answers) if isinstance(answers, int) else None
        if answers is not None and answered is None:
            raise CustomerApiError(404, "there is no mail to answer")
        number = self._sandbox.mailboxes.next_uid()
        mail = written(given, answered=answered, number=number, at=self._sandbox.now())
        raw = mail.as_bytes()
        sender = parseaddr(str(mail["From"]))[1]
        self._sandbox.mailboxes.add(mailbox_of(sender), raw, sender=sender, at=self._sandbox.now(), is_sent=True)
        recipients = [address for _, address in getaddresses([str(mail["To"]), str(mail["Cc"] or "")]) if address]
        uids = [self._sandbox.deliver(raw, recipient=one, sender=sender).uid for one in recipients]
        return json_response({"message_id": str(mail["Message-ID"]), "uids": list[Json](uids)}, status=201)

    async def put_raw(self, request: Request) -> Response:
        """Any bytes come to the address `?to=`, from the envelope's `?sender=`."""
        to = request.query_params.get("to", "")
        if "@" not in to:
            raise CustomerApiError(422, "to must be an address")
        sender = request.query_params.get("sender", "")
        mail = self._sandbox.deliver(await request.body(), recipient=to, sender=sender)
        return json_response({"uids": [mail.uid]}, status=201)

    async def set_hook(self, request: Request) -> Response:
        """Where the mailbox's mails are posted: {url, secret}."""
        mailbox = mailbox_of(request.path_params["address"])
        if request.method == "DELETE":
            self._sandbox.mailboxes.set_hook(mailbox, None)
            return json_response({"hook": None})
        given = await body_of(request)
        url, secret = given.get("url"), given.get("secret")
        if not isinstance(url, str) or not isinstance(secret, str):
            raise CustomerApiError(422, "url and secret must be texts")
        self._sandbox.mailboxes.set_hook(mailbox, Hook(url=url, secret=secret))
        self._sandbox.delivery.wake_all(mailbox)
        return json_response({"hook": url})

    def _mail(self, request: Request) -> Mail:
        mail = self._sandbox.mailboxes.mail(request.path_params["uid"])
        if mail is None:
            raise CustomerApiError(404, "there is no such mail")
        return mail
