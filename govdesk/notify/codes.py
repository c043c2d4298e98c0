"""One-time codes: six digits sent to an address, to prove that who types them reads it."""

import datetime as dt
import hashlib
import hmac
from typing import Literal

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from govdesk import audit, chance, clock, i18n
from govdesk.actor import Actor
from govdesk.config import settings
from govdesk.errors import DeskError, TooManyError
from govdesk.i18n import latin_digits
from govdesk.notify import service
from govdesk.notify.models import OneTimeCode

DIGITS, TRIES = 6, 5
LIVES = dt.timedelta(minutes=10)
APART = dt.timedelta(seconds=30)  # between two codes to one address
HOUR, MOST_IN_AN_HOUR = dt.timedelta(hours=1), 5
KEPT = dt.timedelta(days=2)
Verdict = Literal["right", "wrong", "expired", "spent"]


class CodeError(DeskError):
    """The code does not prove anything; the key says why: notify.code_wrong, _expired, _spent."""

    key = "notify.code_wrong"
    status = 422

    @classmethod
    def of(cls, verdict: Verdict, *, field: str = "code") -> "CodeError":
        """The refusal that fits a verdict, to be raised once the transaction of `verify` has committed."""
        return cls(f"notify.code_{verdict}", field=field)


def send_code(session: Session, *, actor: Actor, purpose: str, address: str, language: str) -> OneTimeCode:
    """Send six digits to an address (E.164, or an e-mail as `clean_email` returns it); valid for 10 minutes.

    `purpose` is what it is for (`contact`): a code proves nothing else. A new code ends the one before. The
    text leaves within seconds of the commit, at any hour. Raises TooManyError (with `seconds`): one in 30
    seconds and five in an hour for one address. Who asks from where, the face limits.
    """
    now, owner = clock.now(), _address_digest(address)
    _refuse_flood(session, owner, now)
    earlier = OneTimeCode.purpose == purpose, OneTimeCode.address_digest == owner
    session.execute(update(OneTimeCode).where(*earlier, OneTimeCode.ended_at.is_(None)).values(ended_at=now))
    code = chance.digits(DIGITS)
    sent = OneTimeCode(
        purpose=purpose, address_digest=owner, digest=_digest(purpose, owner, code), sent_at=now,
        expires_at=now + LIVES,
    )  # fmt: skip
    session.add(sent)
    session.flush()
    with i18n.speaking(language):
        values = {"code": code, "minutes": i18n.minutes(LIVES.total_seconds() / 60)}
    about = f"code:{sent.id}"
    service.queue(
        session, key="code", about=about, language=language, values=values, address=address,
        expires_at=sent.expires_at,
    )  # fmt: skip
    audit.record(session, actor=actor, action="code.sent", subject=about, purpose=purpose)
    return sent


def verify(session: Session, *, actor: Actor, purpose: str, address: str, code: str) -> Verdict:
    """Judge what was typed: right (and used up), wrong, expired (or never sent), spent (five tries).

    It never raises, because a refusal would undo the count of the try: commit, then raise `CodeError.of`.

    1. One UPDATE counts the try on the live code with tries left. Of guesses that come at once each waits
       for the row, so no more than five are ever compared.
    2. The right one ends the code in the same transaction; a second right answer finds it ended.
    """
    now, owner = clock.now(), _address_digest(address)
    live = (
        OneTimeCode.purpose == purpose,
        OneTimeCode.address_digest == owner,
        OneTimeCode.ended_at.is_(None),
        OneTimeCode.expires_at > now,
    )
    counted = session.execute(
        update(OneTimeCode)
        .where(*live, OneTimeCode.tries < TRIES)
        .values(tries=OneTimeCode.tries + 1)
        .returning(OneTimeCode.id, OneTimeCode.digest)
        .execution_options(synchronize_session=False)
    ).first()
    if counted is None:
        is_spent = session.scalar(select(OneTimeCode.id).where(*live).limit(1)) is not None
        return "spent" if is_spent else "expired"
    typed = "".join(character for character in latin_digits(code) if character.isdecimal())
    if not hmac.compare_digest(counted.digest, _digest(purpose, owner, typed)):
        return "wrong"
    session.execute(
        update(OneTimeCode)
        .where(OneTimeCode.id == counted.id)
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )
    audit.record(session, actor=actor, action="code.proved", subject=f"code:{counted.id}", purpose=purpose)
    return "right"


def give_back(session: Session, *, purpose: str, address: str, code: str) -> None:
    """Let a code that was right prove once more, because what it was used for did not come about.

    Its tries stay counted, and it lives no longer than before; one that a newer code replaced stays ended.
    """
    now, owner = clock.now(), _address_digest(address)
    typed = "".join(character for character in latin_digits(code) if character.isdecimal())
    mine = OneTimeCode.purpose == purpose, OneTimeCode.address_digest == owner, OneTimeCode.expires_at > now
    newest = session.scalar(select(func.max(OneTimeCode.id)).where(*mine))
    session.execute(
        update(OneTimeCode)
        .where(OneTimeCode.id == newest, OneTimeCode.digest == _digest(purpose, owner, typed))
        .values(ended_at=None)
        .execution_options(synchronize_session=False)
    )


def forget_old(session: Session) -> int:
    """Remove codes that are long over; how many."""
    old = delete(OneTimeCode).where(OneTimeCode.expires_at < clock.now() - KEPT).returning(OneTimeCode.id)
    return len(session.execute(old).all())


def _refuse_flood(session: Session, owner: str, now: dt.datetime) -> None:
    recent = OneTimeCode.address_digest == owner, OneTimeCode.sent_at > now - HOUR
    count, first, last = session.execute(
        select(func.count(), func.min(OneTimeCode.sent_at), func.max(OneTimeCode.sent_at)).where(*recent)
    ).one()
    if count >= MOST_IN_AN_HOUR:
        raise TooManyError(seconds=_seconds(first + HOUR - now))
    if count and last > now - APART:
        raise TooManyError(seconds=_seconds(last + APART - now))


def _seconds(length: dt.timedelta) -> int:
    return max(1, round(length.total_seconds()))


def _address_digest(address: str) -> str:
    return _keyed(f"address:{address.casefold()}")


def _digest(purpose: str, owner: str, code: str) -> str:
    return _keyed(f"code:{purpose}:{owner}:{code}")


def _keyed(text: str) -> str:
    return hmac.new(settings().secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()
