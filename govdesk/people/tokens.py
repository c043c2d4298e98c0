"""Tokens of programs: what each may do, where and until when; the secret is shown once and never kept."""

import datetime as dt
import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from govdesk import audit, chance, clock
from govdesk.actor import Actor
from govdesk.config import settings
from govdesk.db import table_of, transaction
from govdesk.errors import DeskError, NotFoundError
from govdesk.people.models import ApiToken

SCOPES = ("kiosk", "board", "counter", "booking", "kpi:read", "webhooks")
PREFIX = "gd_"  # so that a secret left in a file is recognised
USUAL_DAYS, MOST_DAYS = 365, 3650
LONGEST_NAME = 60


class TokenEntryError(DeskError):
    """A token that cannot be made like this; the key says why."""

    key = "people.token_refused"
    status = 422


@dataclass(frozen=True, slots=True)
class Holder:
    """Who shows a token: a plain value, read in one query because every request asks."""

    token_id: int
    digest: str
    actor: Actor
    last_used_on: dt.date | None


_tokens = table_of(ApiToken)
_HOLDER = select(_tokens.c.id, _tokens.c.scopes, _tokens.c.branch_id, _tokens.c.last_used_on).where(
    _tokens.c.digest == bindparam("of_digest"),
    _tokens.c.revoked_at.is_(None),
    _tokens.c.expires_at > bindparam("now", type_=_tokens.c.expires_at.type),
)


def issue(
    session: Session,
    *,
    actor: Actor,
    name: str,
    scopes: Iterable[str],
    branch_id: int | None = None,
    days: int = USUAL_DAYS,
) -> tuple[ApiToken, str]:
    """Return a new token and its secret, which is not kept. Raises TokenEntryError."""
    wanted = " ".join(unicodedata.normalize("NFC", name).split())
    if not 1 < len(wanted) <= LONGEST_NAME or not wanted.isprintable():
        raise TokenEntryError("people.token_name", field="name", longest=LONGEST_NAME)
    chosen = [scope for scope in SCOPES if scope in set(scopes)]
    if not chosen or set(scopes) - set(SCOPES):
        raise TokenEntryError("people.token_scope", field="scopes", scopes=", ".join(SCOPES))
    if not 1 <= days <= MOST_DAYS:
        raise TokenEntryError("people.token_days", field="days", most=MOST_DAYS)
    if _live(session, wanted) is not None:
        raise TokenEntryError("people.token_taken", field="name", status=409)
    secret, now = PREFIX + chance.token(32), clock.now()
    token = ApiToken(
        name=wanted,
        digest=_digest(secret),
        scopes=chosen,
        branch_id=branch_id,
        created_at=now,
        expires_at=now + dt.timedelta(days=days),
    )
    session.add(token)
    session.flush()
    audit.record(
        session,
        actor=actor,
        action="token.issued",
        subject=_subject(token.id),
        name=wanted,
        scopes=chosen,
        branch=branch_id,
        days=days,
    )
    return token, secret


def revoke(session: Session, *, actor: Actor, token: ApiToken) -> None:
    """Let nobody in with this token any more, from now on. Revoking twice is revoking once."""
    session.refresh(token, ["revoked_at"], with_for_update=True)
    if token.revoked_at is None:
        token.revoked_at = clock.now()
        audit.record(session, actor=actor, action="token.revoked", subject=_subject(token.id))


def find(session: Session, name: str) -> ApiToken:
    """Return the token of this name that is not revoked, or raise NotFoundError."""
    token = _live(session, " ".join(name.split()))
    if token is None:
        raise NotFoundError("people.token_unknown", field="name")
    return token


def known(session: Session) -> list[ApiToken]:
    """Return all tokens: those not revoked first, the newest first."""
    order = ApiToken.revoked_at.is_not(None), ApiToken.created_at.desc(), ApiToken.id.desc()
    return list(session.scalars(select(ApiToken).order_by(*order)))


def holder_of(session: Session, secret: str) -> Holder | None:
    """Return who shows this secret: None when it is unknown, revoked or expired.

    It is looked up by its digest: how long the search takes tells nothing of a secret that cannot be steered
    towards a digest.
    """
    digest = _digest(secret)
    row = session.connection().execute(_HOLDER, {"of_digest": digest, "now": clock.now()}).one_or_none()
    if row is None:
        return None
    branches = None if row.branch_id is None else frozenset({row.branch_id})
    actor = Actor("device", str(row.id), frozenset(row.scopes), branches)
    return Holder(row.id, digest, actor, row.last_used_on)


def labels_of_program(session: Session, actor: Actor) -> frozenset[str]:
    """How records name the program of a token: this one, and those that had its name before it.

    A program keeps what it made when its token is renewed under the same name.
    """
    name = select(ApiToken.name).where(ApiToken.id == int(actor.id)).scalar_subquery()
    ids = session.scalars(select(ApiToken.id).where(ApiToken.name == name))
    return frozenset({actor.label, *(Actor("device", str(token_id)).label for token_id in ids)})


def note_use(holder: Holder) -> None:
    """Note the day on which a token was last used, in a transaction of its own; once a day."""
    today = clock.local_day(clock.now(), settings().default_timezone)
    if holder.last_used_on is not None and holder.last_used_on >= today:
        return
    earlier = or_(ApiToken.last_used_on.is_(None), ApiToken.last_used_on < today)
    with transaction() as session:
        session.execute(
            update(ApiToken).where(ApiToken.id == holder.token_id, earlier).values(last_used_on=today)
        )


def _live(session: Session, name: str) -> ApiToken | None:
    query = select(ApiToken).where(ApiToken.name == name, ApiToken.revoked_at.is_(None))
    return session.scalars(query).one_or_none()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _subject(token_id: int) -> str:
    return f"token:{token_id}"
