"""The one place of randomness: secrets from the system, repeatable draws from a seed."""

import random  # noqa: TID251 - this is the one place
import secrets  # noqa: TID251 - this is the one place

Draw = random.Random
READABLE = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without 0/O and 1/I: read aloud and typed


def token(size: int = 24) -> str:
    """A secret for a private link or a session: `size` random bytes, URL-safe."""
    return secrets.token_urlsafe(size)


def code(length: int = 8) -> str:
    """A reference that a person can read aloud and type."""
    return "".join(secrets.choice(READABLE) for _ in range(length))


def digits(length: int) -> str:
    """A secret of digits alone, for a one-time code."""
    return "".join(secrets.choice("0123456789") for _ in range(length))


def number(below: int) -> int:
    """A secret number, from 0 on."""
    return secrets.randbelow(below)


def key(size: int = 32) -> str:
    """A key for signing or pseudonyms, in hexadecimal."""
    return secrets.token_hex(size)


def seeded(seed: object) -> Draw:
    """A generator that repeats itself for the same seed: demo city, samples; never for secrets."""
    return random.Random(str(seed))  # noqa: S311 - repeatable on purpose
