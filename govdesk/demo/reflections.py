"""What the demo city heard in its waves, what it changes because of it, and what comments are about."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.actor import Actor
from govdesk.demo.sayings import COMMENTS, REMARKS, THEMES
from govdesk.feedback.acting import changes, removing, service, themes
from govdesk.feedback.acting.models import Reflection
from govdesk.feedback.answers.models import Comment
from govdesk.feedback.asking.models import Wave
from govdesk.people.models import Staff

Both = dict[str, str]
AFTER = dt.timedelta(days=3, hours=4)  # the closing, when the head says what was heard
THEMED_EVERY = 3  # comments: the others wait for somebody to read them


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A change of the city: who does it, within how many days, and what was done after how many."""

    owner: str
    said: Both
    will: Both
    due: int
    obstacle: str = ""
    done: int = 0
    did: Both | None = None


HEARD: Both = {
    "ar": "الموظفون لطفاء ومتعاونون كما قال معظم الناس. لكن الانتظار في الصباح طويل، وكثيرون لم يعرفوا "
    "أي أوراق يحضرون فعادوا مرة ثانية.",
    "en": "Most people say that staff are kind and helpful. But the wait in the mornings is long, and many "
    "did not know which papers to bring and had to come a second time.",
}
PLANNED = (
    Planned(
        owner="supervisor",
        said={"ar": "لا مقاعد تكفي لكبار السن.", "en": "There are not enough seats for older people."},
        will={"ar": "نضع مقاعد عند المدخل وأمام الشبابيك.", "en": "We will put seats at the entrance."},
        due=20,
        done=9,
        did={
            "ar": "وُضع أربعة وعشرون مقعدًا، منها ستة لكبار السن.",
            "en": "There are 24 more seats, six of them for older people.",
        },
    ),
    Planned(
        owner="head",
        said={
            "ar": "أُرسلنا إلى البيت من أجل ورقة لم تُذكر لنا.",
            "en": "We were sent home for a paper that nobody had named.",
        },
        will={
            "ar": "تذكر رسالة كل موعد جميع الأوراق المطلوبة.",
            "en": "The message of each appointment will name every paper.",
        },
        due=12,
    ),
    Planned(
        owner="supervisor",
        said={"ar": "ننتظر طويلًا بين الثامنة والعاشرة.", "en": "We wait too long between eight and ten."},
        will={
            "ar": "نفتح شباكين آخرين حتى العاشرة والنصف.",
            "en": "We will open two more counters until half past ten.",
        },
        due=75,
        obstacle="staffing",
    ),
)


def make(session: Session, *, present: dt.datetime) -> None:
    """Let the head reflect on every closed wave but the last, which waits for a word."""
    head, supervisor = (
        session.scalars(select(Staff).where(Staff.username == name)).one() for name in ("head", "supervisor")
    )
    closed = select(Wave).where(Wave.state == "closed").order_by(Wave.from_on)
    waves = session.scalars(closed).unique().all()
    people = {"head": head, "supervisor": supervisor}
    for wave in waves[:-1] or waves:
        assert wave.closed_at is not None
        if wave.closed_at + AFTER < present:
            with clock.at(wave.closed_at + AFTER):
                _reflect(session, people, wave)
    _finish(session, people, present)
    _name(session, head.actor)


def _reflect(session: Session, people: dict[str, Staff], wave: Wave) -> None:
    head = people["head"].actor
    reflection = service.reflect(session, actor=head, wave=wave, heard=HEARD)
    today = clock.local_day(clock.now(), "UTC")
    for one in PLANNED:
        made = changes.plan(
            session, actor=head, reflection=reflection, said=one.said, will=one.will,
            owner=people[one.owner], due_on=today + dt.timedelta(days=one.due),
        )  # fmt: skip
        if one.obstacle:
            removing.raise_obstacle(
                session, actor=head, change=made, category=one.obstacle, branch=None, words=one.said["ar"]
            )
        changes.release(session, actor=head, change=made)


def _finish(session: Session, people: dict[str, Staff], present: dt.datetime) -> None:
    for reflection in session.scalars(select(Reflection).order_by(Reflection.id)).unique():
        for one, change in zip(PLANNED, reflection.changes, strict=True):
            at = reflection.written_at + dt.timedelta(days=one.done)
            if one.did is not None and at < present:
                with clock.at(at):
                    changes.finish(
                        session, actor=people[one.owner].actor, change=change, did=one.did,
                        done_on=clock.local_day(at, "UTC"),
                    )  # fmt: skip


def _name(session: Session, head: Actor) -> None:
    """Make the themes, and say of some comments what they are about."""
    made = {key: themes.make(session, actor=head, name_ar=ar, name_en=en) for key, (ar, en) in THEMES.items()}
    known = {one.text(code)[:20]: one.theme for one in (*COMMENTS, *REMARKS) for code in ("ar", "en")}
    written = sorted(session.scalars(select(Comment)).all(), key=lambda one: (one.text, one.id))
    for comment in written[::THEMED_EVERY]:
        theme = known.get(comment.text[:20])
        if theme is not None:
            themes.give(session, actor=head, comment=comment, theme=made[theme])
