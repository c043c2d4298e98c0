"""Verbs of feeds: read what another agency publishes from now on, read it at once, read it no more."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govdesk import audit, clock, outbox
from govdesk.actor import SYSTEM, Actor
from govdesk.errors import DeskError
from govdesk.kpi.feeds import rules
from govdesk.kpi.feeds.models import Feed, FeedDocument
from govdesk.kpi.feeds.rules import Entry, Index
from govdesk.kpi.periods import document
from govdesk.webhooks import addresses

MOST = 50


class FeedError(DeskError):
    """A feed that cannot be read from now on; the key says why."""

    key = "comparing.feed_known"
    status = 409


def register(session: Session, *, actor: Actor, url: str) -> Feed:
    """Read the published figures at an address from now on; one that was ended is taken up again.

    Raises AddressError, and FeedError for one that is read already, or too many.
    """
    addresses.read(url)
    now = clock.now()
    feed = session.scalars(select(Feed).where(Feed.url == url)).one_or_none()
    if feed is not None and feed.ended_at is None:
        raise FeedError(field="url")
    live = session.scalar(select(func.count()).select_from(Feed).where(Feed.ended_at.is_(None))) or 0
    if live >= MOST:
        raise FeedError("comparing.feeds_many", field="url", most=MOST)
    if feed is None:
        staff_id = int(actor.id) if actor.grants else None
        feed = Feed(
            url=url, name_ar="", name_en="", home_url="", licence="", added_at=now, added_by_id=staff_id,
            free_at=now, problem_detail="", failures=0,
        )  # fmt: skip
        session.add(feed)
    feed.ended_at, feed.free_at = None, now
    session.flush()
    audit.record(session, actor=actor, action="feed.added", subject=_subject(feed), url=url)
    outbox.emit(session, "feed.added", feed_id=feed.id)
    return feed


def end(session: Session, *, actor: Actor, feed: Feed) -> None:
    """Read it no more. What was read stays, and is compared no longer."""
    if feed.ended_at is not None:
        return
    feed.ended_at = clock.now()
    audit.record(session, actor=actor, action="feed.ended", subject=_subject(feed), url=feed.url)
    outbox.emit(session, "feed.ended", feed_id=feed.id)


def hurry(session: Session, *, actor: Actor, feed: Feed) -> None:
    """Read it with the next turn of the job."""
    feed.free_at = clock.now()
    audit.record(session, actor=actor, action="feed.hurried", subject=_subject(feed))


def keep(session: Session, feed: Feed, entry: Entry, found: rules.Json) -> FeedDocument:
    """Keep a document that was read and checked; the versions before it stay."""
    row = FeedDocument(
        feed_id=feed.id, period=entry.period, version=entry.version, published_on=entry.published_on,
        hash=entry.hash, frozen=document.canonical(found), read_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(
        session, actor=SYSTEM, action="feed.document_kept", subject=_subject(feed), period=entry.period,
        version=entry.version, hash=entry.hash,
    )  # fmt: skip
    outbox.emit(session, "feed.updated", feed_id=feed.id, period=entry.period, version=entry.version)
    return row


def note_read(feed: Feed, index: Index) -> None:
    """Note that a feed was read to its end, and how its agency calls itself."""
    feed.name_ar, feed.name_en = index.name_ar, index.name_en
    feed.home_url, feed.licence = index.home_url, index.licence
    feed.read_at = clock.now()
    feed.problem, feed.problem_detail, feed.failing_since, feed.failures = None, "", None, 0
    feed.free_at = clock.now() + rules.next_after(0)


def note_problem(session: Session, feed: Feed, problem: str, detail: str) -> None:
    """Note why a feed was not read; it is told once, when it begins."""
    now = clock.now()
    if feed.problem is None:
        feed.failing_since = now
        outbox.emit(session, "feed.failed", feed_id=feed.id, problem=problem)
    feed.problem, feed.problem_detail, feed.failures = problem, detail, feed.failures + 1
    feed.free_at = now + rules.next_after(feed.failures)


def known(session: Session) -> list[Feed]:
    """All feeds that are read, by their address."""
    return list(session.scalars(select(Feed).where(Feed.ended_at.is_(None)).order_by(Feed.url)))


def newest(session: Session, period: str) -> list[FeedDocument]:
    """The newest version of a period of each feed that is read, in the order of the feeds."""
    rows = session.scalars(
        select(FeedDocument)
        .join(FeedDocument.feed)
        .where(FeedDocument.period == period, Feed.ended_at.is_(None))
        .order_by(Feed.url, FeedDocument.version)
    )
    return list({row.feed_id: row for row in rows}.values())


def periods(session: Session) -> Sequence[str]:
    """The periods of which anything was read, the latest first."""
    query = select(FeedDocument.period).join(FeedDocument.feed).where(Feed.ended_at.is_(None)).distinct()
    return sorted(session.scalars(query), key=_latest, reverse=True)


def _latest(period: str) -> tuple[str, int]:
    """By the last month of a period; a quarter before its last month."""
    year, part = period.split("-")
    month = 3 * int(part[1:]) if part.startswith("Q") else int(part)
    return year, 2 * month + part.startswith("Q")


def _subject(feed: Feed) -> str:
    return f"feed:{feed.id}"
