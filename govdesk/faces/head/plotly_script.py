"""Plotly's script, as it comes in its package: served by us, kept for ever by its version."""

import functools
import gzip
import hashlib
import importlib.metadata
import importlib.util
import re
from pathlib import Path

from flask import Response, abort, request

from govdesk.web import public


@functools.cache
def version() -> str:
    """The version of the package, which names the script."""
    return importlib.metadata.version("plotly")


@functools.cache
def _script() -> tuple[bytes, bytes, str]:
    """The script, the same packed, and its tag; read without importing the package, which takes longer."""
    found = importlib.util.find_spec("plotly")
    if found is None or found.origin is None:
        raise RuntimeError("plotly is not installed")
    plain = (Path(found.origin).parent / "package_data" / "plotly.min.js").read_bytes()
    return plain, gzip.compress(plain, 6, mtime=0), hashlib.sha256(plain).hexdigest()[:16]


@functools.cache
def map_style_id() -> str | None:
    """The id under which the script looks for its style sheet of maps before it adds it.

    The content policy forbids that sheet and nobody here draws maps: an element with this id on the page
    tells the script that the sheet is there already.
    """
    found = re.search(rb'getElementById\("([0-9a-f]{64})"\)', _script()[0])
    return found[1].decode() if found else None


@public
def plotly_script(number: str) -> Response:
    """Give the script; packed to whoever can unpack it, nothing to whoever has it."""
    if number != version():
        abort(404)
    plain, packed, tag = _script()
    takes_packed = request.accept_encodings.quality("gzip") > 0
    answer = Response(packed if takes_packed else plain, mimetype="text/javascript")
    if takes_packed:
        answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    answer.vary.add("Accept-Encoding")
    answer.set_etag(f"{tag}-{'gzip' if takes_packed else 'plain'}")
    answer.make_conditional(request)
    return answer
