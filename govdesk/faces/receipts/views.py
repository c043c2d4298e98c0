"""The address at which an SMS gateway tells what became of a message.

Whoever knows the secret in it may tell; a message that nobody knows is answered as any other, so that nothing
can be learnt here. The gateway has neither cookie nor form, so no CSRF token is asked for.
"""

import hmac
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from govdesk.config import settings
from govdesk.db import transaction
from govdesk.errors import NotFoundError
from govdesk.notify import receipts, sms
from govdesk.web import csrf, private_link

bp = Blueprint("receipts", __name__)
LARGEST = 64 * 1024


@bp.post("/receipts/sms/<token>")
@private_link
def sms_receipt(token: str) -> ResponseReturnValue:
    """Note a receipt. Telling it twice is telling it once."""
    address = sms.receipts_address(settings()).rpartition("/")[2]
    if not hmac.compare_digest(address.encode(), token.encode()):
        raise NotFoundError
    request.max_content_length = LARGEST
    receipt = receipts.read(_told(), sms.shape_of(settings()), request.args.get("message"))
    if receipt.has_arrived is not None:
        with transaction() as session:
            receipts.note(session, receipt)
    return "", 204


csrf.exempt(sms_receipt)


def _told() -> Mapping[str, Any]:
    """The fields of a form, or of JSON."""
    written = request.get_json(silent=True) if request.is_json else request.form.to_dict()
    return written if isinstance(written, dict) else {}
