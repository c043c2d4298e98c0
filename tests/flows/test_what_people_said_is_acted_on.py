"""A closed wave waits for a word; what changes has an owner and a day, and the public reads of it."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from govdesk import clock, outbox
from govdesk.cases.obstacles import service as obstacles
from govdesk.cases.obstacles.models import Obstacle
from govdesk.db import reading, transaction
from govdesk.errors import DeskError, NotAllowedError
from govdesk.feedback.acting import changes, listing, reminding, removing, service
from govdesk.feedback.acting.models import Change, ChangeStep, Reflection
from govdesk.feedback.asking.models import Wave
from govdesk.people.models import Staff
from govdesk.wiring import HANDLERS
from tests.makers import Cast, moment
from tests.question_makers import make_programme, make_wave

HEARD = {"ar": "الانتظار طويل.", "en": "The wait is long."}
SAID = {"ar": "انتظرنا طويلًا في الصباح.", "en": "We waited long in the mornings."}
WILL = {"ar": "نفتح شبّاكين آخرين.", "en": "We will open two more counters."}
DID = {"ar": "فتحنا شبّاكين.", "en": "Two more counters are open."}
DUE = dt.date(2026, 11, 1)


@pytest.fixture
def wave_id(cast: Cast) -> int:
    """The third quarter of Civil Affairs, closed."""
    with transaction() as session:
        return make_wave(session, programme=make_programme(session, department=cast.civil)).id


def reflected(cast: Cast, wave_id: int) -> int:
    with transaction() as session:
        huda = cast.staff["huda"].actor
        wave = session.get_one(Wave, wave_id)
        return service.reflect(session, actor=huda, wave=wave, heard=HEARD).id


def planned(cast: Cast, wave_id: int, **obstacle: Any) -> int:
    reflection_id = reflected(cast, wave_id)
    with transaction() as session:
        huda = cast.staff["huda"].actor
        change = changes.plan(
            session,
            actor=huda,
            reflection=session.get_one(Reflection, reflection_id),
            said=SAID,
            will=WILL,
            owner=session.get_one(Staff, cast.staff["sara"].id),
            due_on=DUE,
        )
        if obstacle:
            removing.raise_obstacle(session, actor=huda, change=change, branch=None, **obstacle)
        return change.id


def change_of(change_id: int) -> Change:
    reading().rollback()
    return reading().get_one(Change, change_id)


def kinds(change_id: int) -> list[str]:
    steps = select(ChangeStep.kind).where(ChangeStep.change_id == change_id).order_by(ChangeStep.id)
    return list(reading().scalars(steps))


def finished(cast: Cast, change_id: int, by: str = "sara") -> None:
    with transaction() as session:
        here = session.get_one(Change, change_id)
        changes.finish(
            session, actor=cast.staff[by].actor, change=here, did=DID, done_on=dt.date(2026, 10, 4)
        )


def test_a_closed_wave_waits_until_its_head_says_what_was_heard(cast: Cast, wave_id: int) -> None:
    huda, adam, sara = (cast.staff[name].actor for name in ("huda", "adam", "sara"))
    assert [listing.count_waiting(reading(), who) for who in (huda, adam, sara)] == [1, 1, 0]
    with transaction() as session, pytest.raises(NotAllowedError):
        service.reflect(session, actor=sara, wave=session.get_one(Wave, wave_id), heard=HEARD)
    reflected(cast, wave_id)
    with pytest.raises(DeskError, match="reflected_already"):
        reflected(cast, wave_id)
    reading().rollback()
    assert listing.count_waiting(reading(), huda) == 0


def test_an_open_wave_has_no_word_yet(cast: Cast) -> None:
    with transaction() as session:
        wave = make_wave(session, programme=make_programme(session), state="open")
        with pytest.raises(DeskError, match="still_open"):
            service.reflect(session, actor=cast.staff["adam"].actor, wave=wave, heard=HEARD)
        assert listing.waiting(session, cast.staff["adam"].actor) == []


def test_the_word_stands_beside_the_next_wave(cast: Cast, wave_id: int) -> None:
    reflected(cast, wave_id)
    with transaction() as session:
        first = session.get_one(Wave, wave_id)
        following = make_wave(
            session, programme=first.programme, number=2, state="open",
            from_on=dt.date(2026, 10, 1), to_on=dt.date(2026, 12, 31),
        )  # fmt: skip
        before = listing.before(session, following)
        assert before is not None
        assert before.heard_en == "The wait is long."
        assert listing.before(session, first) is None


def test_its_owner_is_reminded_once_and_again_when_the_day_moves(cast: Cast, wave_id: int) -> None:
    change_id = planned(cast, wave_id)
    assert listing.count_own(reading(), cast.staff["sara"].actor) == 1
    with clock.at(moment("10:00", DUE - dt.timedelta(days=8))):
        assert reminding.run_remind() == 0
    with clock.at(moment("10:00", DUE - dt.timedelta(days=7))):
        assert [reminding.run_remind(), reminding.run_remind()] == [1, 0]
    with clock.at(moment("10:00", DUE + dt.timedelta(days=1))), transaction() as session:
        here = session.get_one(Change, change_id)
        assert listing.lines([here])[0].standing == "late"
        later = DUE + dt.timedelta(days=3)
        changes.move(
            session, actor=cast.staff["huda"].actor, change=here, due_on=later, words="The desks come later."
        )
    with clock.at(moment("11:00", DUE + dt.timedelta(days=1))):
        assert reminding.run_remind() == 1
    assert kinds(change_id) == ["planned", "reminded", "moved", "reminded"]


def test_the_public_reads_only_what_was_released_in_both_languages(cast: Cast, wave_id: int) -> None:
    change_id = planned(cast, wave_id)
    assert listing.told(reading()) == []
    huda = cast.staff["huda"].actor
    with transaction() as session:
        here = session.get_one(Change, change_id)
        changes.word(session, actor=huda, change=here, said={"en": "A long wait."}, will=WILL)
        with pytest.raises(DeskError, match="both_languages"):
            changes.release(session, actor=huda, change=here)
        changes.word(session, actor=huda, change=here, said=SAID, will=WILL)
        changes.release(session, actor=huda, change=here)
    finished(cast, change_id)
    reading().rollback()
    (heard,) = listing.told(reading())
    assert (heard.answers, [line.standing for line in heard.changes]) == (None, ["done"])
    with transaction() as session:
        changes.withdraw(session, actor=huda, change=session.get_one(Change, change_id))
    reading().rollback()
    assert listing.told(reading()) == []


def test_its_obstacle_goes_to_the_same_person_and_day_and_ends_with_it(cast: Cast, wave_id: int) -> None:
    change_id = planned(cast, wave_id, category="staffing", words="Two desks stand empty.")
    change = change_of(change_id)
    assert change.obstacle is not None
    assert (change.obstacle.assigned_to_id, change.obstacle.due_on) == (cast.staff["sara"].id, DUE)
    sara = cast.staff["sara"].actor
    today = dt.date(2026, 10, 4)
    with transaction() as session:
        obstacle = session.get_one(Obstacle, change.obstacle_id)
        obstacles.close(session, actor=sara, obstacle=obstacle, what_changed="Two came.", changed_on=today)
    assert listing.lines([change_of(change_id)])[0].standing == "removed"
    finished(cast, change_id)
    with transaction() as session:
        obstacle = session.get_one(Obstacle, change.obstacle_id)
        obstacles.reopen(session, actor=sara, obstacle=obstacle, words="They left again.")
    outbox.deliver_due(HANDLERS)
    assert change_of(change_id).done_on is None
    assert kinds(change_id) == ["planned", "done", "reopened"]
