"""Files that a page gives to be kept."""

from starlette.responses import Response


def file_to_keep(content: bytes, media_type: str, name: str) -> Response:
    """Send a file to be kept. Its name is plain ASCII, and says nothing of anybody."""
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
