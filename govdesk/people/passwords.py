"""Passwords: what is accepted, and how one is kept and compared (argon2id, 19 MiB, two passes, one lane)."""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from govdesk.errors import DeskError

SHORTEST = 10
LONGEST = 200
_FEWEST_DIFFERENT = 4
_COMMON = frozenset(
    (
        "1234567890",
        "0123456789",
        "12345678910",
        "123456789012",
        "0987654321",
        "1q2w3e4r5t",
        "1qaz2wsx3edc",
        "123qweasdzxc",
        "qwertyuiop",
        "qwerty12345",
        "asdfghjkl123",
        "abcdefghij",
        "abc1234567",
        "password123",
        "password1234",
        "passw0rd123",
        "p@ssw0rd123",
        "administrator",
        "welcome123",
        "letmein1234",
        "iloveyou123",
        "changeme123",
        "govdesk123",
        "saudiarabia",
    )
)
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _hasher.hash("nobody has this password")


class PasswordError(DeskError):
    """The password is too weak; the key says why."""

    key = "people.password_weak"
    status = 422


def accept(password: str, *, username: str) -> str:
    """Return the password in the form in which it is compared, or raise PasswordError (field `password`)."""
    plain = unicodedata.normalize("NFKC", password)
    if len(plain) < SHORTEST:
        raise PasswordError("people.password_short", field="password", shortest=SHORTEST)
    if len(plain) > LONGEST:
        raise PasswordError("people.password_long", field="password", longest=LONGEST)
    lower = plain.casefold()
    if username and username.casefold() in lower and len(lower) - len(username) <= SHORTEST // 2:
        raise PasswordError("people.password_username", field="password")
    if lower in _COMMON or len(set(lower)) < _FEWEST_DIFFERENT:
        raise PasswordError("people.password_common", field="password")
    return plain


def digest(password: str, *, username: str) -> str:
    """Return what is kept of an accepted password; about 40 ms of work. Raises PasswordError."""
    return _hasher.hash(accept(password, username=username))


def fits(kept: str | None, password: str) -> bool:
    """Whether a password is the one kept; with None the same work is done, and the answer is no."""
    try:
        is_right = _hasher.verify(kept or _NOBODY, unicodedata.normalize("NFKC", password[: LONGEST + 1]))
    except (VerificationError, InvalidHashError):
        return False
    return is_right and kept is not None
