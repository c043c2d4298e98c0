"""A wait beyond its target is foreseen while there is time, and so is the fall of the day's service level."""

import pytest

from govdesk.queue.breaches import Breach, Level, Waiter, coming, falling

RENEWAL, PASSPORT = 1, 2


def waiter(number: str, waited: float, low: float, high: float, service_id: int = RENEWAL) -> Waiter:
    return Waiter(number, service_id, waited, 15.0, low, high)


@pytest.mark.parametrize(
    ("waited", "low", "high", "is_breach"),
    [
        (10.0, 2.0, 6.0, False),  # four more, on the whole: at 14 minutes
        (10.0, 4.0, 6.0, False),  # five more: exactly the target
        (10.0, 4.0, 8.0, True),
        (15.0, 1.0, 3.0, True),  # in time still, to the second
        (15.1, 1.0, 3.0, False),  # that breach has come already
        (0.0, 0.0, 0.0, False),
    ],
)
def test_a_breach_is_foreseen_when_the_call_will_rather_come_after_the_target(
    *, waited: float, low: float, high: float, is_breach: bool
) -> None:
    assert bool(coming([waiter("A001", waited, low, high)])) is is_breach


def test_the_breaches_of_a_service_are_one_line_with_the_nearest_first() -> None:
    found = coming(
        [
            waiter("A003", 2.0, 20.0, 30.0),
            waiter("A002", 8.0, 10.0, 20.0),
            waiter("B001", 12.0, 10.0, 20.0, PASSPORT),
            waiter("A001", 14.0, 0.0, 1.0),
        ]
    )
    assert found == [Breach(PASSPORT, "B001", 3.0, 1), Breach(RENEWAL, "A002", 7.0, 2)]


@pytest.mark.parametrize(
    ("in_time", "judged", "missing", "expected"),
    [
        (8, 10, 1, Level(0.8, 8 / 11)),  # at the goal, and one miss away from it
        (9, 10, 1, None),  # 9 of 11 is 81.8 %
        (7, 10, 1, None),  # below already: nothing falls any more
        (0, 0, 3, None),  # nobody was called yet
    ],
)
def test_the_level_of_the_day_falls_only_from_its_goal(
    in_time: int, judged: int, missing: int, expected: Level | None
) -> None:
    waiting = [waiter(f"A00{n}", 10.0, 10.0, 20.0) for n in range(missing)]
    assert falling(in_time, judged, waiting, 0.8) == expected


def test_who_will_be_called_in_time_holds_the_level_up() -> None:
    missing = [waiter("A001", 10.0, 10.0, 20.0)]
    in_time = [waiter(f"B00{n}", 1.0, 1.0, 3.0) for n in range(4)]
    assert falling(8, 10, missing, 0.8) == Level(0.8, 8 / 11)
    assert falling(8, 10, missing + in_time, 0.8) is None  # 12 of 15
