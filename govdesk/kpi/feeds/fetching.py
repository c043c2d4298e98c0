"""The job that reads feeds: outside every transaction, each in a thread, nothing believed unchecked.

1. A transaction claims the feeds that are due: none is claimed again before its lease ends.
2. A thread for each reads the index, then every version that we do not have, and checks each by its seal.
   No lock is held meanwhile.
3. Each document is kept in a transaction of its own; at the end it is noted that all was read, or why not.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import select, update

from govdesk import abreast, clock
from govdesk.db import reading, transaction
from govdesk.kpi.feeds import rules, service
from govdesk.kpi.feeds.getting import get
from govdesk.kpi.feeds.models import Feed, FeedDocument
from govdesk.kpi.feeds.rules import Entry, Index, ProblemError

LEASE = timedelta(minutes=20)
AT_ONCE = 8
GONE = frozenset({"unreached", "slow"})  # the others would fare no better
AT_A_TURN = 24  # documents; what is left comes with the next turn
PATIENCE = 1.0  # seconds; who is slower is read while others go on
log = logging.getLogger("govdesk.feeds")
Get = Callable[[str], bytes]


def run_fetch() -> int:
    """The job: read the feeds that are due; how many new documents were kept while it looked."""
    return fetch_due(get, patience=PATIENCE)


def fetch_due(fetch: Get, *, patience: float | None = None) -> int:
    """Read each feed that is due, in a thread each; waits so many seconds for them, or for all."""
    return abreast.each(lambda feed_id: _read(feed_id, fetch), _claim_due(), patience=patience)


def _claim_due() -> Sequence[int]:
    now = clock.now()
    free = select(Feed.id).where(Feed.ended_at.is_(None), Feed.free_at <= now).order_by(Feed.free_at, Feed.id)
    is_any = reading().scalar(free.limit(1)) is not None
    reading().rollback()
    if not is_any:
        return ()
    with transaction(patient=True) as session:
        claimed = session.scalars(free.limit(AT_ONCE).with_for_update(skip_locked=True)).all()
        session.execute(update(Feed).where(Feed.id.in_(claimed)).values(free_at=now + LEASE))
    return claimed


def _read(feed_id: int, fetch: Get) -> int:
    """Read one feed; how many documents are new. Whatever happens, it is noted."""
    kept, problem, index = 0, ProblemError("unreached"), None
    try:
        url, have = _known(feed_id)
        index = rules.read_index(rules.parsed(fetch(url)), url)
        problems = _check_unchanged(index, have)
        for entry in _missing(index, have):
            found = _keep(feed_id, entry, fetch)
            kept += found is None
            problems += [found] if found else []
            if found is not None and found.problem in GONE:
                break
        if problems:
            index, problem = None, problems[0]
    except ProblemError as error:
        problem = error
    except Exception:
        index = None
        log.exception("feed %s was not read", feed_id)
    with transaction(patient=True) as session:
        feed = session.get_one(Feed, feed_id, with_for_update=True)
        if index is not None:
            service.note_read(feed, index)
        else:
            service.note_problem(session, feed, problem.problem, problem.detail)
    return kept


def _keep(feed_id: int, entry: Entry, fetch: Get) -> ProblemError | None:
    """Fetch, check and keep one document; what is wrong with it, which keeps no other from being read."""
    try:
        found = rules.read_document(rules.parsed(fetch(entry.url)), entry)
    except ProblemError as problem:
        return problem
    with transaction(patient=True) as session:
        service.keep(session, session.get_one(Feed, feed_id), entry, found)
    return None


def _known(feed_id: int) -> tuple[str, Mapping[tuple[str, int], str]]:
    """The address of a feed, and the seal of each version that we have."""
    session = reading()
    url = session.get_one(Feed, feed_id).url
    rows = session.execute(
        select(FeedDocument.period, FeedDocument.version, FeedDocument.hash).where(
            FeedDocument.feed_id == feed_id
        )
    ).all()
    session.rollback()
    return url, {(period, version): seal for period, version, seal in rows}


def _missing(index: Index, have: Mapping[tuple[str, int], str]) -> list[Entry]:
    return [one for one in index.entries if (one.period, one.version) not in have][:AT_A_TURN]


def _check_unchanged(index: Index, have: Mapping[tuple[str, int], str]) -> list[ProblemError]:
    """What was published once may be corrected by a new version, never changed: ours stays."""
    return [
        ProblemError("changed", one.period)
        for one in index.entries
        if have.get((one.period, one.version), one.hash) != one.hash
    ]
