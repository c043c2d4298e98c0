"""Private links, opened and answered by hundreds a second: read and changed past the objects of a session."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import bindparam, func, insert, null, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from govdesk import clock
from govdesk.cases.silent.models import Voice
from govdesk.config import settings
from govdesk.db import connection_of, table_of, written
from govdesk.feedback.asking import rules
from govdesk.feedback.asking.models import Invitation
from govdesk.feedback.asking.service import digest_of, subject
from govdesk.feedback.forms.models import QuestionnaireVersion
from govdesk.notify import service as messages
from govdesk.prepared import Prepared


@dataclass(frozen=True, slots=True)
class Asked:
    """What an invitation says to who answers it, as it was read."""

    id: int
    token: str
    questionnaire_id: int
    version_id: int
    wave_id: int | None
    person_id: int | None
    about: str | None
    occasion: str
    branch_id: int | None
    service_id: int | None
    channel: str | None
    outcome: str | None
    person_kind: str | None
    priority: str | None
    language: str
    stratum: str | None
    state: str
    mode: str | None
    closes_at: dt.datetime
    draft: Mapping[str, Any] | None
    digest: str | None  # of its questions

    @property
    def saves(self) -> int:
        """How often its draft was saved."""
        return saves_of(self.draft)


_invitations, _versions = table_of(Invitation), table_of(QuestionnaireVersion)
_NAMES = tuple(one.name for one in fields(Asked) if one.name != "digest")
_KNOWN = select(*(_invitations.c[name] for name in _NAMES), _versions.c.digest).join(
    _versions, _versions.c.id == _invitations.c.version_id
)
_BY_TOKEN = Prepared(_KNOWN.where(_invitations.c.token == bindparam("of_token")))
_BY_ID = Prepared(_KNOWN.where(_invitations.c.id == bindparam("of_id")))
_AS_READ = update(_invitations).where(
    _invitations.c.id == bindparam("of_id"),
    _invitations.c.state.in_((written("sent"), written("shown"))),
    _invitations.c.closes_at > bindparam("now"),
    func.coalesce(_invitations.c.draft["saves"].as_integer(), 0) == bindparam("of_saves"),
)
_ANSWER = Prepared(
    _AS_READ.values(
        state="answered", answered_week=bindparam("to_week"), about=bindparam("to_about"), draft=null(),
        mode=null(),
    ).returning(_invitations.c.id)
)  # fmt: skip
_SAVE = Prepared(_AS_READ.values(draft=bindparam("to_draft")).returning(_invitations.c.id))
_FORGET = Prepared(_AS_READ.values(draft=null()).returning(_invitations.c.id))
_SPEAK = Prepared(insert(table_of(Voice)), "source", "kind", "person_id", "branch_id", "service_id", "at")


def asked(session: Session, token: str) -> Asked | None:
    """What a private link asks, as it is now; None where there is none."""
    row = _BY_TOKEN.first(session.connection(), {"of_token": token})
    return Asked(*row) if row is not None else None


def asked_by_id(session: Session, invitation_id: int) -> Asked | None:
    """The same of an invitation that is known by its number."""
    row = _BY_ID.first(session.connection(), {"of_id": invitation_id})
    return Asked(*row) if row is not None else None


def saves_of(draft: Mapping[str, Any] | None) -> int:
    """How often a draft was saved: of two that save at once the second finds another number."""
    return int((draft or {}).get("saves", 0))


def touched_at(draft: Mapping[str, Any] | None) -> dt.datetime | None:
    """When a draft was saved last; None where nothing was touched."""
    touched = (draft or {}).get("touched")
    return dt.datetime.fromisoformat(touched) if touched else None


def save(session: Session, one: Asked, draft: Mapping[str, Any]) -> bool:
    """Save what was answered so far; False where it is not open and as it was read."""
    return _change(session, _SAVE, one, {"to_draft": dict(draft)})


def forget(session: Session, one: Asked, *, saved_at: dt.datetime) -> bool:
    """Forget what was saved and can never be an answer."""
    return _change(session, _FORGET, one, {"now": saved_at})


def answer(session: Session, one: Asked, *, saved_at: dt.datetime | None = None) -> bool:
    """Note that it is answered this week, and remove what would help to tell which answer it was.

    1. One statement finds it open, its draft as it was read, and closes it: of two that answer at once the
       second waits for the first and finds it closed. Then this is False, and nothing has changed. What was
       saved while it was open (`saved_at`) is taken also when its time is over, since the draft is that one.
    2. Who answered is none of the silent ones: that they spoke is noted at the last moment of the week.
    3. Of one that was sent no reminder leaves any more; of one that was opened by itself none waits.
    """
    zone = settings().default_timezone
    week = rules.monday(clock.local_day(clock.now(), zone))
    about = digest_of(one.about) if one.about else None
    open_at = {"now": saved_at} if saved_at else {}
    if not _change(session, _ANSWER, one, {"to_week": week, "to_about": about, **open_at}):
        return False
    if one.person_id is not None and one.branch_id is not None:
        at = clock.day_bounds(rules.last_day(week), zone)[1] - dt.timedelta(seconds=1)
        voice = {
            "source": subject(one), "kind": "answered", "person_id": one.person_id,
            "branch_id": one.branch_id, "service_id": one.service_id, "at": at,
        }  # fmt: skip
        _SPEAK.run(connection_of(session), voice)
    if one.state == "sent":
        messages.drop_unsent(session, subject(one))
    return True


def _change(session: Session, change: Prepared, one: Asked, values: Mapping[str, Any]) -> bool:
    known = {"of_id": one.id, "of_saves": one.saves, "now": clock.now(), **values}
    if change.first(connection_of(session), known) is None:
        return False
    read = session.identity_map.get(identity_key(Invitation, one.id))
    if read is not None:  # as an object, before: it is read afresh
        session.expire(read)
    return True
