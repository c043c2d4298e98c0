"""A column that only this installation can read: addresses and what messages say."""

import base64
import functools
import hashlib
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from govdesk.config import settings


class Sealed(TypeDecorator[Any]):
    """Text or JSON, encrypted under the secret key. What another key has sealed reads as None."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Seal."""
        assert dialect
        if value is None:
            return None
        return _box(settings().secret_key).encrypt(json.dumps(value).encode()).decode("ascii")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Open."""
        assert dialect
        if value is None:
            return None
        try:
            return json.loads(_box(settings().secret_key).decrypt(value))
        except InvalidToken:
            return None


@functools.cache
def _box(secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"messages:" + secret.encode()).digest()))
