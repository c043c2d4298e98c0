"""The calm hours of a week: said only where enough is known, against the middle of the same week."""

from govdesk.queue import calm

SUNDAY, MONDAY = 6, 0


def many(weekday: int, hour: int, minutes: float, count: int = calm.LEAST) -> list[tuple[int, int, float]]:
    return [(weekday, hour, minutes)] * count


def test_an_hour_is_judged_against_the_middle_of_the_week() -> None:
    hours = calm.week(many(SUNDAY, 8, 30) + many(SUNDAY, 9, 15) + many(MONDAY, 8, 10))
    kinds = {when: hour.kind for when, hour in hours.items()}
    assert kinds == {(SUNDAY, 8): "busy", (SUNDAY, 9): "usual", (MONDAY, 8): "calm"}


def test_an_hour_of_which_little_is_known_is_unknown_and_says_how_little() -> None:
    hours = calm.week(many(SUNDAY, 8, 5, count=7))
    assert hours == {(SUNDAY, 8): calm.Hour(7, None, "unknown")}
    assert calm.calmest(hours) == []


def test_an_hour_without_visits_is_not_there() -> None:
    assert calm.week([]) == {}


def test_one_long_wait_makes_no_busy_hour() -> None:
    hours = calm.week([*many(SUNDAY, 8, 10), (SUNDAY, 8, 500.0), *many(SUNDAY, 9, 10)])
    assert hours[SUNDAY, 8] == calm.Hour(9, 10, "usual")


def test_where_nobody_waits_every_hour_is_calm() -> None:
    hours = calm.week(many(SUNDAY, 8, 0) + many(SUNDAY, 9, 0.5))
    assert {hour.kind for hour in hours.values()} == {"calm"}


def test_the_calmest_come_first_and_ties_by_the_week() -> None:
    hours = calm.week(many(MONDAY, 8, 4) + many(MONDAY, 9, 2) + many(SUNDAY, 8, 30) + many(SUNDAY, 9, 30))
    assert calm.calmest(hours) == [(MONDAY, 9), (MONDAY, 8)]
