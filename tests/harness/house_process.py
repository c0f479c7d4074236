"""A process to be killed: a whole house that takes webhooks from its input and sends into a file.

    python -m tests.harness.house_process URL SENT_FILE [--hang-after N] [--late-at N]

A line of input is a webhook's body; a line of output is `kept N` for the N-th answered 200, `sending TEXT` once a
message has left. What it sends is appended to SENT_FILE, a line each. With `--hang-after N` it takes the N-th message
and hangs; with `--late-at N` the N-th is refused for an hour.
"""

import argparse
import sys
from pathlib import Path

import anyio

from chaskiq_core import Chaskiq, load_settings
from chaskiq_core.plugin import ChannelContext, Piece, Receipt, RetryLaterError, WebhookRequest, hookimpl
from tests.harness.house import HOOK_TOKEN, SECRET_KEY
from tests.harness.tiny_channel import SECRET, TinyChannel, TinySettings


class FileChannel(TinyChannel):
    """Sends into a file."""

    def __init__(self, path: Path, hang_after: int, late_at: int) -> None:
        super().__init__()
        self._late_at = late_at
        self._path = path
        self._hang_after = hang_after
        self._count = 0

    @hookimpl
    async def send(self, piece: Piece, context: ChannelContext[TinySettings]) -> Receipt:
        self._count += 1
        if self._count == self._late_at:
            raise RetryLaterError("slow down", retry_after_seconds=3600)
        with self._path.open("a") as sent:
            sent.write(piece.text + "\n")
        say(f"sending {piece.text}")
        if self._count == self._hang_after:
            await anyio.sleep(60)
        number = f"{piece.attempt_id[:8]}"
        return Receipt(external_ids=(number,), message_keys=(f"{piece.channel_id}:{number}",))


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("sent", type=Path)
    parser.add_argument("--hang-after", type=int, default=0)
    parser.add_argument("--late-at", type=int, default=0)
    options = parser.parse_args()
    settings = load_settings(database_url=options.url, secret_key=SECRET_KEY, plugins="tiny", _env_file=None)
    channel = FileChannel(options.sent, options.hang_after, options.late_at)
    async with Chaskiq(settings, plugins={"tiny": channel}) as chaskiq, anyio.create_task_group() as tasks:
        tasks.start_soon(chaskiq.work)
        say("ready")
        kept = 0
        async for line in anyio.wrap_file(sys.stdin):
            request = WebhookRequest(headers={"x-tiny-secret": SECRET}, body=line.encode())
            answer = await chaskiq.receive(HOOK_TOKEN, request)
            if answer.status == 200:
                kept += 1
                say(f"kept {kept}")


if __name__ == "__main__":
    anyio.run(main)
