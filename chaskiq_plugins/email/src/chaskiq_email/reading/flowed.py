"""format=flowed (RFC 3676): paragraphs that a mailer wrapped, joined again."""


def unflowed(text: str, *, delete_space: bool) -> str:
    """The text with its soft line breaks taken out; quoted and signature lines keep their own."""
    paragraphs: list[list[str]] = []
    joins = False
    depth = 0
    for line in text.split("\n"):
        quoted = len(line) - len(line.lstrip(">"))
        words = line[quoted:].removeprefix(" ") if quoted or line.startswith(" ") else line
        is_signature = words in ("-- ", "--")
        flows = words.endswith(" ") and not is_signature
        shown = words[:-1] if flows and delete_space else words
        if joins and quoted == depth and not is_signature:
            paragraphs[-1].append(shown)
        else:
            paragraphs.append([f"{'>' * quoted} {shown}" if quoted else shown])
        joins, depth = flows, quoted
    return "\n".join("".join(paragraph) for paragraph in paragraphs)
