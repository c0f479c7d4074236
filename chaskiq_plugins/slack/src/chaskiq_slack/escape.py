"""Text as mrkdwn wants it: three characters escaped, once; without that, anybody's `<!channel>` would ping everyone."""


def escape(text: str) -> str:
    """The text as Slack shows it literally."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
