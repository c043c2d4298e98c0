"""Screens that follow are told from memory what the application would tell them, and made once for all."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.db import transaction
from govdesk.faces.followers import Followers
from govdesk.faces.following import shelf
from govdesk.faces.following.shelf import Kept, Shelf
from govdesk.faces.following.snapshots import Snapshots
from govdesk.faces.ticket import standing
from govdesk.queue import counters, service
from govdesk.queue.models import Ticket
from tests.desk import Desk, Page
from tests.makers import MORNING, Cast

BOARD, COUNTER = "/board/north/state.json", "/counter/live.json"


@pytest.fixture
def queue(cast: Cast) -> list[Ticket]:
    """Omar sits at counter 1, Othman at 2; four wait."""
    with clock.at(MORNING), transaction() as session:
        for name, counter in (("omar", cast.north_1), ("othman", cast.north_2)):
            counters.open_counter(session, actor=cast.staff[name].actor, counter_id=counter.id)
        given = {"actor": cast.staff["reem"].actor, "branch": cast.north, "service": cast.renewal}
        return [service.issue(session, **given) for _ in range(4)]  # type: ignore[arg-type]


@pytest.fixture
def known(app: Flask) -> Followers:
    """Those who follow this application."""
    found: Followers = app.extensions["followers"]
    return found


def call(cast: Cast, officer: str = "omar") -> Ticket:
    with clock.at(MORNING), transaction() as session:
        called = service.call_next(session, actor=cast.staff[officer].actor)
        assert called is not None
        return called


def look(known: Followers) -> None:
    with clock.at(MORNING):
        known.snapshots.look()


def ask(known: Followers, path: str, *lines: str) -> tuple[int, dict[str, str], bytes] | None:
    """The status, head and content of what is answered at once; None where the application is asked."""
    sent = "\r\n".join((f"GET {path} HTTP/1.1", "Host: desk", *lines, "", "")).encode()
    with clock.at(MORNING):
        answer = known.at_once(sent)
    if answer is None:
        return None
    head, _cut, content = answer[0].partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    return int(first.split()[1]), dict(line.split(": ", 1) for line in rest), content


def again(known: Followers, page: Page, *lines: str) -> tuple[int, dict[str, str], bytes] | None:
    """The same browser asks for the same once more, at once."""
    sent = page.answer.request.environ
    kept = {"Cookie": "HTTP_COOKIE", "Accept-Language": "HTTP_ACCEPT_LANGUAGE"}
    own = [f"{name}: {sent[key]}" for name, key in kept.items() if sent.get(key)]
    return ask(known, sent["RAW_URI"], *own, *lines)


def test_a_phone_is_told_at_once_what_the_application_tells(
    queue: list[Ticket], known: Followers, desk: Desk
) -> None:
    address = f"/ticket/{queue[2].token}/state.json"
    assert ask(known, address) is None  # nothing has been made yet
    with clock.at(MORNING):
        page = desk.get(address, status=200)
    look(known)
    answer = ask(known, address)
    assert answer is not None
    status, head, content = answer
    assert (status, content) == (200, page.data)
    for name in ("ETag", "Cache-Control", "Referrer-Policy", "X-Robots-Tag", "Content-Security-Policy"):
        assert head[name] == page.headers[name]
    same = ask(known, address, f"If-None-Match: {head['ETag']}")
    assert same is not None
    assert (same[0], same[2]) == (304, b"")


def test_a_phone_hears_of_a_call_and_who_is_over_is_told_by_the_application(
    queue: list[Ticket], cast: Cast, known: Followers, desk: Desk
) -> None:
    first, last = (f"/ticket/{one.token}/state.json" for one in (queue[0], queue[3]))
    with clock.at(MORNING):
        desk.get(last, status=200)
    look(known)
    before = ask(known, last)
    call(cast)
    look(known)
    then, called = ask(known, last), ask(known, first)
    assert before is not None
    assert then is not None
    assert called is not None
    assert b'"ahead":3' in before[2]
    assert b'"ahead":2' in then[2]
    assert b'"state":"called"' in called[2]
    with clock.at(MORNING), transaction() as session:
        service.noshow(session, actor=cast.staff["omar"].actor, ticket_id=queue[0].id)
    look(known)
    assert ask(known, first) is None
    assert ask(known, "/ticket/nobody-has-this-one/state.json") is None


def test_a_board_is_answered_at_once_while_it_is_known(
    queue: list[Ticket], cast: Cast, known: Followers, desk: Desk
) -> None:
    assert queue
    with clock.at(MORNING):
        page = desk.get(BOARD, status=200)
    look(known)
    answer = again(known, page)
    assert answer is not None
    assert answer[2] == page.data
    assert ask(known, BOARD, "Cookie: govdesk_device=another") is None
    assert ask(known, f"{BOARD}?services=renewal") is None
    call(cast)
    look(known)
    assert again(known, page) is None  # drawn anew by the application, once for all
    known.screens = {asker: screen._replace(until=0.0) for asker, screen in known.screens.items()}
    assert again(known, page) is None


def test_a_counter_is_told_at_once_that_nothing_is_new(
    queue: list[Ticket], cast: Cast, known: Followers, sign_in: Callable[[str], Desk]
) -> None:
    assert queue
    omar = sign_in("omar")
    with clock.at(MORNING):
        known.snapshots.stands_since(cast.north.id, 0.0)
        look(known)
        tag = omar.get(COUNTER, status=200).headers["ETag"]
        page = omar.get(COUNTER, headers={"If-None-Match": tag}, status=304)
    quiet = again(known, page, f"If-None-Match: {tag}")
    assert quiet is not None
    assert (quiet[0], quiet[1]["ETag"], quiet[2]) == (304, tag, b"")
    assert again(known, page) is None  # who has nothing yet needs the content
    call(cast, "othman")
    look(known)
    assert again(known, page, f"If-None-Match: {tag}") is None


def test_what_happened_while_a_question_was_answered_is_not_missed(
    queue: list[Ticket], cast: Cast, known: Followers, sign_in: Callable[[str], Desk]
) -> None:
    assert queue
    omar = sign_in("omar")
    with clock.at(MORNING):
        tag = omar.get(COUNTER, status=200).headers["ETag"]
        known.snapshots.stands_since(cast.north.id, 0.0)
        moment = known.snapshots.by_branch[cast.north.id]
        look(known)
        moment.noticed = float("inf")  # noticed after the question came
        page = omar.get(COUNTER, headers={"If-None-Match": tag}, status=304)
    assert again(known, page, f"If-None-Match: {tag}") is None


def test_what_one_process_has_made_the_others_take(
    queue: list[Ticket], cast: Cast, app: Flask, known: Followers, tmp_path: Path
) -> None:
    made: list[str] = []

    def process(name: str) -> Snapshots:
        def make(session: Session, branch_id: int) -> object:
            made.append(name)
            return standing.states(session, branch_id)

        one = Snapshots(app, make, known.serial)  # type: ignore[arg-type]
        one.shelf = Shelf(tmp_path)
        return one

    first, second = process("first"), process("second")
    with clock.at(MORNING):
        for one in (second, first):
            one.stands_since(cast.north.id, 0.0)
            one.by_branch[cast.north.id].asked_by_phone = one.by_branch[cast.north.id].asked
            one.serial(cast.north.id)
        second._key(cast.north.id, second.by_branch[cast.north.id])  # it notices first
        first.look()
        second.look()
        assert made == ["first"]
        shots = [one.by_branch[cast.north.id] for one in (first, second)]
        assert shots[0].phones == shots[1].phones
        assert set(shots[1].phones) == {ticket.token for ticket in queue}
        call(cast)
        second.look()
        first.look()  # it notices only now, and cannot know that the other has seen it all
    assert made[1] == "second"
    assert shots[0].phones == shots[1].phones


def test_only_what_was_read_after_the_change_is_taken(tmp_path: Path) -> None:
    place = Shelf(tmp_path)
    place.put("7", Kept(5.25, b"five"))
    assert place.take("7", 5.25) == Kept(5.25, b"five")
    assert place.take("7", 5.5) is None
    assert place.take("8", 0.0) is None
    place.put("7", Kept(1e12, b"of another boot"))
    assert place.take("7", 5.0) is None


def test_two_do_not_make_the_same_at_once(tmp_path: Path) -> None:
    with Shelf(tmp_path).making("7") as is_mine, Shelf(tmp_path).making("7") as is_also_mine:
        assert (is_mine, is_also_mine) == (True, False)
    with Shelf(tmp_path).making("7") as is_mine:
        assert is_mine


def test_what_a_dead_server_left_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / shelf.FOLDER / "999999999").mkdir(parents=True)
    assert shelf.of_server(tmp_path) is not None
    assert len(list((tmp_path / shelf.FOLDER).iterdir())) == 1
    shelf.clear(tmp_path)
    assert list((tmp_path / shelf.FOLDER).iterdir()) == []
