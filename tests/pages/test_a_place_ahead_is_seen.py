"""The counter says why somebody was called sooner; the task says whether the place was taken."""

from collections.abc import Callable

import pytest

from govdesk import clock
from govdesk.cases.recovery.models import RedressKind
from govdesk.db import reading, transaction
from govdesk.queue import service
from tests.desk import Desk
from tests.flows import office_days as day
from tests.flows.test_a_place_ahead_is_used_once import promised
from tests.makers import Cast

SignIn = Callable[[str], Desk]


OWN_WORDS = {"en": "We promised you a place ahead", "ar": "وعدناك بدور مقدَّم"}


@pytest.mark.parametrize(
    ("language", "why", "taken"),
    [
        ("en", "to make good what went wrong", "has it, since"),
        ("ar", "جبرًا لما حدث", "أخذته التذكرة"),
    ],
)
def test_the_counter_says_why_and_the_task_says_that_it_was_taken(
    cast: Cast, sign_in: SignIn, language: str, why: str, taken: str
) -> None:
    day.sit_down(cast)
    task = promised(cast)
    with clock.at(day.when(2, "08:00")):
        ticket_id = day.arrive(cast, 2, "09:00", cast.nora)
    day.hear(2)
    with clock.at(day.when(2, "09:10")):
        omar = sign_in("omar")
        with transaction() as session:
            called = service.call_next(session, actor=cast.staff["omar"].actor)
            assert called is not None
            assert called.id == ticket_id
        assert why in omar.get("/counter", language=language).main
        own = sign_in("omar").get(f"/ticket/{called.token}", language=language).main
        assert OWN_WORDS[language] in own
        assert taken in omar.get(f"/work/recovery/{task.id}", language=language, status=200).main


def test_an_admin_says_which_redress_gives_a_place(sign_in: SignIn) -> None:
    adam = sign_in("adam")
    adam.post("/admin/recovery/redress/callback", {"gives_place": "y", "front_limit": "0"}, status=302)
    assert reading().get_one(RedressKind, "callback").gives_place
