"""A part changed after it left: its messages are brought to what it says now, or taken back."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from chaskiq_core.content import Document
from chaskiq_core.errors import PluginError, RetryLaterError, SendError, UnknownOutcomeError
from chaskiq_core.fitting.fit import FittedPiece, fit
from chaskiq_core.host.call import Host
from chaskiq_core.model import DeliveryState
from chaskiq_core.outbound.back_off import back_off
from chaskiq_core.outbound.failure import SendFailure
from chaskiq_core.outbound.head import PieceState, piece_of
from chaskiq_core.outbound.in_hand import InHand
from chaskiq_core.outbound.settle import put_off, settle_revision
from chaskiq_core.plugin.outbound import SentMessage
from chaskiq_core.store.call import new_call_id, utc_now

LEFT = (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ, DeliveryState.UNKNOWN)
GIVE_UP_AFTER = timedelta(minutes=5)
"""An edit that could not be told for that long is not told any more: what is written after it waits behind it."""
log = logging.getLogger("chaskiq.outbound")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """A message that was sent says something else now."""

    n: int
    fitted: FittedPiece


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """A message that was sent has no piece any more."""

    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Extend:
    """A piece that was not sent: the part is longer now."""

    fitted: FittedPiece


Revision = Rewrite | Withdraw | Extend


def revisions(pieces: Sequence[PieceState], fitted: Sequence[FittedPiece], *, may_grow: bool = True) -> list[Revision]:
    """What must be done so that the messages say what the part says now. Pure.

    A message keeps its files: those of a part never change. Text pieces are brought to the new cuts in their order;
    what is left of them is withdrawn, what is missing is sent behind them, unless the delivery came to nothing.
    """
    changes: list[Revision] = []
    pieces = [piece for piece in pieces if not piece.withdrawn]
    texts = [piece for piece in pieces if not piece.fitted.media]
    new_texts = [piece for piece in fitted if not piece.media]
    captions = [piece for piece in fitted if piece.media]
    with_media = [piece for piece in pieces if piece.fitted.media]
    for piece, now in zip(with_media, captions, strict=False):
        if piece.fitted.content != now.content:
            changes.append(Rewrite(n=piece.n, fitted=replace(piece.fitted, text=now.text, content=now.content)))
    for piece in with_media[len(captions) :]:
        changes.append(Rewrite(n=piece.n, fitted=replace(piece.fitted, text="", content=Document())))
    for piece, now in zip(texts, new_texts, strict=False):
        if piece.fitted != now:
            changes.append(Rewrite(n=piece.n, fitted=now))
    changes += [Withdraw(n=piece.n) for piece in texts[len(new_texts) :]]
    if may_grow:
        changes += [Extend(fitted=piece) for piece in new_texts[len(texts) :]]
    return changes


class Reviser:
    """Carries revisions out; each may be repeated, so nothing is committed before it."""

    def __init__(self, host: Host) -> None:
        self._host = host

    async def __call__(self, hand: InHand) -> bool:
        """Bring one delivery up to date; False: nothing more can be done in this lane now."""
        acting, lane, head = hand.acting, hand.lane, hand.head
        changes: list[Revision] = [Withdraw(n=piece.n) for piece in head.pieces]
        if not head.deleted:
            fitted = fit(head.message, hand.channel.manifest.capabilities)
            changes = revisions(head.pieces, fitted, may_grow=head.state in LEFT)
        failure: SendFailure | None = None
        done: list[Revision] = []
        for change in changes:
            try:
                await self._carry_out(hand, change)
            except SendError as error:
                waited = utc_now() - (head.stale_since or utc_now())
                if isinstance(error, RetryLaterError | UnknownOutcomeError) and waited < GIVE_UP_AFTER:
                    attempt = max(1, int(waited.total_seconds()).bit_length())
                    await acting.write(put_off, lane, head.delivery_id, wait=back_off(error, attempt))
                    return False
                failure = SendFailure.of(error)
                break
            except PluginError as error:
                failure = SendFailure(kind=UnknownOutcomeError, message=str(error), code="")
                break
            done.append(change)
        if failure is not None:
            log.info("delivery %d: the change was not taken: %s", head.delivery_id, failure.message)
        await acting.write(
            settle_revision,
            lane,
            head.delivery_id,
            seen=head.stale_since,
            rewritten=tuple((one.n, one.fitted) for one in done if isinstance(one, Rewrite)),
            withdrawn=tuple(one.n for one in done if isinstance(one, Withdraw)),
            added=tuple(one.fitted for one in done if isinstance(one, Extend)),
            failure=failure,
        )
        return True

    async def _carry_out(self, hand: InHand, change: Revision) -> None:
        if isinstance(change, Extend):
            return  # it is sent as a piece of its own
        head = hand.head
        piece = next(piece for piece in head.pieces if piece.n == change.n)
        if not piece.external_ids:
            return
        sent = SentMessage(channel_id=head.channel_id, thread_id=head.thread_id, external_ids=piece.external_ids)
        if isinstance(change, Withdraw):
            await self._host.delete(hand.channel, sent, hand.integration)
            return
        now = replace(piece_of(head, change.fitted, n=change.n, attempt_id=new_call_id()), reply_to=None)
        await self._host.edit(hand.channel, now, sent, hand.integration)
