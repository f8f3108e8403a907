"""How files of each media type end, wherever a message becomes one."""

_ENDINGS = {
    "application/xml": "xml",
    "text/xml": "xml",
    "text/csv": "csv",
    "application/json": "json",
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}


def ending_of(media_type: str) -> str:
    """Give the ending without its dot, ``bin`` for a type that is not known. Parameters and case do not matter."""
    return _ENDINGS.get(media_type.partition(";")[0].strip().lower(), "bin")
