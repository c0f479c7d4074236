"""What a sandbox refuses, beside what its provider refuses.

SandboxError
└── CustomerApiError   the answer to whoever plays a customer: HTTP status and a sentence
"""


class SandboxError(Exception):
    """The root of a sandbox's errors; the provider's own refusals are a subclass in its sandbox."""


class CustomerApiError(SandboxError):
    """Whoever plays a customer asked for something that can't be."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
