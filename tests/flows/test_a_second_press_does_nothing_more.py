"""A repeated press, tab or retry gets the first answer; the act itself is done once."""

import datetime as dt
import threading
import time
from collections.abc import Callable, Mapping

import pytest
from flask import Flask, Response, redirect
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from govdesk import clock, limits, once
from govdesk.db import reading, transaction
from govdesk.errors import DeskError
from govdesk.limits import Attempt
from tests.makers import MORNING

Act = Callable[[Session], Response]


def act_on(who: str, *, lasts: float = 0.0) -> Act:
    """An act that leaves a row, so that its repetitions can be counted."""

    def act(session: Session) -> Response:
        time.sleep(lasts)
        done = session.scalar(select(func.count()).select_from(Attempt)) or 0
        session.add(Attempt(bucket=f"{who}:{done + 1}", window_at=clock.now(), count=1))
        answer = redirect(f"/done/{who}/{done + 1}", 303)
        assert isinstance(answer, Response)
        return answer

    return act


def acts() -> int:
    reading().rollback()
    return reading().scalar(select(func.count()).select_from(Attempt)) or 0


def press(
    app: Flask, act: Act, values: Mapping[str, str], *, path: str = "/press", **options: str
) -> Response:
    with app.test_request_context(path, method="POST", data=values, headers=options):
        return once.once(act)


def test_the_same_press_twice_is_one_act_with_one_answer(app: Flask) -> None:
    first = press(app, act_on("omar"), {"once": "k1", "outcome": "resolved"})
    again = press(app, act_on("omar"), {"once": "k1", "outcome": "resolved"})
    assert (first.status_code, first.location) == (303, "/done/omar/1")
    assert (again.status_code, again.location, again.data) == (303, "/done/omar/1", first.data)
    assert acts() == 1


def test_a_new_csrf_token_does_not_make_a_new_act(app: Flask) -> None:
    press(app, act_on("omar"), {"once": "k1", "csrf_token": "a"})
    press(app, act_on("omar"), {"once": "k1", "csrf_token": "b"})
    assert acts() == 1


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"once": "k2", "outcome": "resolved"}, "/press"),
        ({"once": "k1", "outcome": "unresolved"}, "/press"),
        ({"once": "k1", "outcome": "resolved"}, "/elsewhere"),
        ({"outcome": "resolved"}, "/press"),
    ],
    ids=["another key", "another content", "another address", "no key"],
)
def test_what_differs_is_a_new_act(app: Flask, values: dict[str, str], path: str) -> None:
    press(app, act_on("omar"), {"once": "k1", "outcome": "resolved"})
    press(app, act_on("omar"), values, path=path)
    assert acts() == 2


def test_the_key_may_come_in_a_header(app: Flask) -> None:
    for _ in range(2):
        with app.test_request_context(
            "/press", method="POST", json={"n": 1}, headers={"Idempotency-Key": "k1"}
        ):
            once.once(act_on("omar"))
    assert acts() == 1


def test_a_key_in_a_header_stands_for_one_content(app: Flask) -> None:
    with app.test_request_context("/press", method="POST", json={"n": 1}, headers={"Idempotency-Key": "k1"}):
        once.once(act_on("omar"))
    with (
        app.test_request_context("/press", method="POST", json={"n": 2}, headers={"Idempotency-Key": "k1"}),
        pytest.raises(once.KeyReusedError),
    ):
        once.once(act_on("omar"))
    assert acts() == 1


def test_a_refused_act_may_be_tried_again_with_the_same_key(app: Flask) -> None:
    def refuse(session: Session) -> Response:
        session.add(Attempt(bucket="refused", window_at=clock.now(), count=1))
        raise DeskError

    with pytest.raises(DeskError):
        press(app, refuse, {"once": "k1"})
    assert acts() == 0
    assert press(app, act_on("omar"), {"once": "k1"}).location == "/done/omar/1"


def test_two_presses_at_the_same_moment_are_one_act(app: Flask) -> None:
    ready, answers = threading.Barrier(6), list[str | None]()

    def twin() -> None:
        with app.app_context():
            ready.wait()
            answers.append(press(app, act_on("omar", lasts=0.05), {"once": "k1"}).location)

    threads = [threading.Thread(target=twin) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["/done/omar/1"] * 6
    assert acts() == 1


def test_who_is_refused_by_what_its_twin_did_gets_the_answer_of_the_twin(app: Flask) -> None:
    def take_the_last(session: Session) -> Response:
        if session.scalar(select(func.count()).select_from(Attempt)):
            raise DeskError
        return act_on("omar", lasts=0.05)(session)

    ready, answers = threading.Barrier(6), list[str | None]()

    def twin() -> None:
        with app.app_context():
            ready.wait()
            answers.append(press(app, take_the_last, {"once": "k1"}).location)

    threads = [threading.Thread(target=twin) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["/done/omar/1"] * 6
    assert acts() == 1


def test_old_answers_are_forgotten_and_young_ones_kept(app: Flask) -> None:
    with clock.at(MORNING):
        press(app, act_on("omar"), {"once": "old"})
    with clock.at(MORNING + once.KEPT - dt.timedelta(hours=1)):
        press(app, act_on("omar"), {"once": "young"})
    with clock.at(MORNING + once.KEPT + dt.timedelta(seconds=1)), transaction() as session:
        assert once.forget_old(session) == 1
        assert limits.forget_old(session) == 1
