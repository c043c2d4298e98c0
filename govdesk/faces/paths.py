"""Where a redirect may lead: a place of our own, never another site."""

from urllib.parse import urlsplit

_LONGEST = 2000


def local_path(text: str | None, otherwise: str) -> str:
    """Return the text if it is a path on this server, else `otherwise`.

    Browsers read a backslash as a slash and drop tabs and breaks, so that none of them may be in it.
    """
    path = text or ""
    is_plain = all(character > " " and character != "\\" for character in path)
    if not path.startswith("/") or path.startswith("//") or not is_plain or len(path) > _LONGEST:
        return otherwise
    parts = urlsplit(path)
    return otherwise if parts.scheme or parts.netloc else path
