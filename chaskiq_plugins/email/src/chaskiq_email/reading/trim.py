"""What somebody wrote, apart from what they quote and sign with; nothing is thrown away, and all is linear in size."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chaskiq_core.plugin import Block, Blockquote, DividerBlock, Document, document_from_text, text_of

MAX_SIGNATURE_LINES = 15
MAX_LINE = 400
"""A longer line is nobody's attribution or header."""
_WROTE = re.compile(
    r"(wrote|writes|schrieb|geschrieben|a écrit|escribió|escribio|ha scritto|escreveu|schreef|skrev|kirjoitti"
    r"|napisał(\(a\))?|napsal(a)?|написал(а)?|пишет|írta|a scris|yazdı|写道|のメール|님이 작성)\s*[:：]?\s*$"
    r"|\b(schrieb|skrev|schreef|geschrieben)\b.{0,100}:\s*$",
    re.IGNORECASE,
)
_BEGINS = re.compile(
    r"^\W{0,3}(on|am|le|el|il|em|op|den|le|dnia|dne|\d|w dniu|.{0,60}<[^<>\s]+@[^<>\s]+>|.{0,60}\d{4})", re.IGNORECASE
)
_ORIGINAL = re.compile(
    r"^\s*[-_]{3,}\s*(original (message|appointment)|ursprüngliche nachricht|message d'origine|mensaje original"
    r"|messaggio originale|mensagem original|oorspronkelijk bericht|исходное сообщение)\s*[-_]{3,}\s*$",
    re.IGNORECASE,
)
_FIRST_FIELD = re.compile(r"^\W{0,2}(from|von|de|da|van|från|fra|od|от|lähettäjä|发件人|差出人)\W{0,3}:", re.IGNORECASE)
_OTHER_FIELD = re.compile(
    r"^\W{0,2}(sent|date|to|cc|subject|gesendet|datum|an|betreff|envoyé|date|à|objet|enviado|fecha|para|asunto|inviato"
    r"|data|oggetto|verzonden|aan|onderwerp|skickat|till|ämne|wysłano|do|temat|отправлено|кому|тема|发送时间|收件人|主题"
    r"|送信日時|宛先|件名)\W{0,3}:",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"forwarded message|weitergeleitete nachricht|message transféré|reenviado|begin forwarded", re.I
)
_MOBILE = re.compile(
    r"^\W{0,2}(sent from (my|mail|outlook|proton|yahoo|samsung)|get outlook for|von meinem .{1,40} gesendet"
    r"|gesendet (mit|von)|envoyé de(puis)?|enviado desde|inviato da|enviado do|verstuurd vanaf|skickat från)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trimmed:
    """What is shown, and what is folded away."""

    shown: str
    folded: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrimmedDocument:
    """The same of a rich text."""

    shown: Document
    folded: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    quoted: bool = False

    @property
    def is_blank(self) -> bool:
        return not self.text.strip()


def trim_text(text: str) -> Trimmed:
    """A plain text without the history below it and without its signature; all of it, if that leaves nothing."""
    lines = text.split("\n")
    read = [_Line(line.lstrip(), line.lstrip().startswith(">")) for line in lines]
    history = _history(read)
    signature = _signature(lines[:history])
    shown = "\n".join(lines[:signature]).strip("\n").rstrip()
    if not shown.strip():
        return Trimmed(shown=text.strip("\n").rstrip())
    return Trimmed(shown=shown, folded="\n".join(lines[signature:]).strip("\n").rstrip())


def trim_document(document: Document) -> TrimmedDocument:
    """A rich text without the history below it and without its signature."""
    blocks = document.blocks
    read: list[_Line] = []
    block_of: list[int] = []
    for n, block in enumerate(blocks):
        for line in _lines_of(block):
            read.append(line)
            block_of.append(n)
    history = _history(read)
    signature = _signature([line.text for line in read[:history]])
    if signature == len(read):
        return TrimmedDocument(shown=document)
    n = block_of[signature]
    before = [line.text for line, at in zip(read[:signature], block_of, strict=False) if at == n]
    # A block that holds both is cut; its looks go.
    cut = document_from_text("\n".join(before)).blocks if any(line.strip() for line in before) else ()
    shown = Document(blocks=_without_trailing_blanks((*blocks[:n], *cut)))
    if not text_of(shown).strip():
        return TrimmedDocument(shown=document)
    return TrimmedDocument(shown=shown, folded="\n".join(line.text for line in read[signature:]).strip())


def _lines_of(block: Block) -> list[_Line]:
    quoted = isinstance(block, Blockquote)
    text = text_of(Document(blocks=(block,)))
    return [_Line(line, quoted) for line in text.split("\n")]


def _without_trailing_blanks(blocks: Sequence[Block]) -> tuple[Block, ...]:
    end = len(blocks)
    while end and (
        isinstance(blocks[end - 1], DividerBlock) or not text_of(Document(blocks=(blocks[end - 1],))).strip()
    ):
        end -= 1
    return tuple(blocks[:end])


def _history(lines: Sequence[_Line]) -> int:
    """Where the history begins; the number of lines if there is none, or if answers stand between its lines."""
    after_quote = _last_own(lines)
    for n, line in enumerate(lines):
        if line.is_blank or len(line.text) > MAX_LINE:
            continue
        if _ORIGINAL.match(line.text) or (not line.quoted and _is_header_block(lines, n)):
            return n
        if line.quoted or _is_attribution(lines, n):
            # An answer below a quote, or between quotes: all of it is what they wrote.
            return n if n > after_quote else len(lines)
    return len(lines)


def _last_own(lines: Sequence[_Line]) -> int:
    """The last line that is nobody's quote and no part of a signature at the end; -1 if there is none."""
    end = _signature([line.text for line in lines])
    for n in range(end - 1, -1, -1):
        line = lines[n]
        if line.quoted or line.is_blank:
            continue
        begun = _attribution_start(lines, n)
        if begun is None:
            return n
    return -1


def _attribution_start(lines: Sequence[_Line], n: int) -> int | None:
    """Where the attribution that line `n` belongs to begins; None if it belongs to none."""
    return next((start for start in range(max(0, n - 2), n + 1) if _is_attribution(lines, start, reaching=n)), None)


def _is_attribution(lines: Sequence[_Line], n: int, *, reaching: int | None = None) -> bool:
    """Whether "On Monday Ann wrote:" begins there, in up to three lines, with a quote or nothing behind it."""
    if not _BEGINS.match(lines[n].text[:MAX_LINE]):
        return False
    for end in range(n, min(n + 3, len(lines))):
        if lines[end].is_blank or lines[end].quoted or len(lines[end].text) > MAX_LINE:
            return False
        if _WROTE.search(lines[end].text[-160:]):
            if reaching is not None and reaching > end:
                return False
            following = next((line for line in lines[end + 1 :] if not line.is_blank), None)
            return following is None or following.quoted
    return False


def _is_header_block(lines: Sequence[_Line], n: int) -> bool:
    """Whether the head of an older mail stands there, as Outlook writes it; not that of a forwarded one."""
    if not _FIRST_FIELD.match(lines[n].text):
        return False
    fields = sum(1 for line in lines[n + 1 : n + 8] if _OTHER_FIELD.match(line.text[:MAX_LINE]))
    forwarded = any(_FORWARDED.search(line.text[:MAX_LINE]) for line in lines[max(0, n - 3) : n])
    return fields >= 2 and not forwarded


def _signature(lines: Sequence[str]) -> int:
    """Where the signature at the end begins; the number of lines if there is none."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    for n in range(end - 1, max(-1, end - 2 - MAX_SIGNATURE_LINES), -1):
        line = lines[n]
        if line.rstrip("\r") in ("-- ", "--", "—"):
            return n
        if line.lstrip().startswith(">"):
            break
    if end and len(lines[end - 1]) <= MAX_LINE and _MOBILE.match(lines[end - 1].strip()):
        return end - 1
    return len(lines)
