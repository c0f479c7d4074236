"""Files: uploaded by agents, found to be served."""

from chaskiq_core.conversations.media import add_media, find_media
from chaskiq_core.desk.authors import acting_author
from chaskiq_core.desk.permissions import Permission, act
from chaskiq_core.errors import NotFoundError
from chaskiq_core.media.file_store import StoredFile
from chaskiq_core.media.sniff import kind_of
from chaskiq_core.model import Media
from chaskiq_core.plugin.views import MediaView
from chaskiq_core.store.unit import Unit


@act(needs=Permission.REPLY)
def upload(unit: Unit, file: StoredFile) -> MediaView:
    """A file that is in the media store already, to be attached to a part."""
    author = acting_author(unit)
    return show_medium(unit, add_media(unit, file, agent_id=author.agent_id if author else None))


@act(needs=Permission.VIEW)
def medium(unit: Unit, media_id: str) -> MediaView:
    """One file of this App."""
    found = find_media(unit, [media_id]).get(media_id)
    if found is None:
        raise NotFoundError("there is no such file")
    return show_medium(unit, found)


def show_medium(unit: Unit, media: Media) -> MediaView:
    """A file as a door shows it."""
    return MediaView(
        id=media.key,
        type=kind_of(media.mime),
        filename=media.filename,
        mime=media.mime,
        size=media.size,
        url=unit.media_url(media.key),
    )
