"""A file as events and files.info tell of it."""

from mimetypes import guess_type

from chaskiq_core.testing.sandbox import JsonObject


def describe_file(file_id: str, name: str, *, team: str, owner: str, base_url: str, size: int = 0) -> JsonObject:
    """What is told of a file."""
    address = f"{base_url}/files-pri/{team}-{file_id}"
    return {
        "id": file_id,
        "name": name,
        "title": name,
        "mimetype": guess_type(name)[0] or "application/octet-stream",
        "filetype": name.rpartition(".")[2].lower() or "binary",
        "user": owner,
        "user_team": team,
        "size": size,
        "mode": "hosted",
        "is_external": False,
        "file_access": "visible",
        "url_private": f"{address}/{file_id}",
        "url_private_download": f"{address}/download/{file_id}",
    }
