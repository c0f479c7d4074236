"""The media of a document: their ids, and their addresses put in."""

from collections.abc import Callable
from dataclasses import replace

from chaskiq_core.content.document import Block, Blockquote, BulletList, Document, ListItem, MediaBlock, OrderedList
from chaskiq_core.content.text import text_of


def media_ids(document: Document) -> set[str]:
    """The ids of our own media in a document."""
    return {block.media_id for block in _media(document.blocks) if block.media_id}


def is_blank(document: Document) -> bool:
    """Whether the document says nothing and shows none of our own media."""
    return not text_of(document).strip() and not media_ids(document)


def link_media(document: Document, link: Callable[[str], str | None]) -> Document:
    """The document with the address of each of our own media; one of no address keeps the `url` that it has."""
    if not media_ids(document):
        return document
    return Document(blocks=_linked(document.blocks, link))


def _media(blocks: tuple[Block, ...]) -> list[MediaBlock]:
    found: list[MediaBlock] = []
    for block in blocks:
        match block:
            case MediaBlock():
                found.append(block)
            case Blockquote(blocks=inner):
                found += _media(inner)
            case BulletList(items=items) | OrderedList(items=items):
                for item in items:
                    found += _media(item.blocks)
            case _:
                continue
    return found


def _linked(blocks: tuple[Block, ...], link: Callable[[str], str | None]) -> tuple[Block, ...]:
    return tuple(_linked_block(block, link) for block in blocks)


def _linked_block(block: Block, link: Callable[[str], str | None]) -> Block:
    match block:
        case MediaBlock(media_id=str(media_id), url=url):
            return replace(block, url=link(media_id) or url)
        case Blockquote(blocks=inner):
            return replace(block, blocks=_linked(inner, link))
        case BulletList(items=items) | OrderedList(items=items):
            return replace(block, items=tuple(ListItem(blocks=_linked(item.blocks, link)) for item in items))
        case _:
            return block
