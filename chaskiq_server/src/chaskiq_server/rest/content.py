"""What a caller wrote, as a Document: plain text, or a ProseMirror document."""

from pydantic import Field, JsonValue

from chaskiq_core.content import MAX_CHARACTERS, Document, document_from_text, is_blank, read_document
from chaskiq_core.errors import InvalidError
from chaskiq_server.rest.route import Input


class Written(Input):
    """`text` or `content`, not both."""

    text: str | None = Field(None, max_length=MAX_CHARACTERS, description="plain text")
    content: dict[str, JsonValue] | None = Field(None, description='a ProseMirror document, `{"type": "doc", …}`')

    def document(self) -> Document | None:
        """The document; None if nothing was written. InvalidError if it is blank, or not allowed."""
        if self.text is not None and self.content is not None:
            raise InvalidError("text, content: give one of them, not both")
        if self.text is not None:
            return _not_blank("text", document_from_text(self.text))
        if self.content is not None:
            return _not_blank("content", read_document(self.content))
        return None


def _not_blank(name: str, document: Document) -> Document:
    if is_blank(document):
        raise InvalidError(f"{name}: must not be blank")
    return document
