"""How far branches are from each other, over the ground."""

import pytest

from govdesk.catalog.distances import kilometres


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((24.7136, 46.6753), (24.7136, 46.6753), 0.0),
        ((0.0, 0.0), (0.0, 1.0), 111.195),  # a degree of the equator: 2 pi R / 360
        ((0.0, 0.0), (1.0, 0.0), 111.195),
        ((60.0, 0.0), (60.0, 1.0), 55.597),  # half of it at 60 degrees north, but for the bend of the way
        ((0.0, 179.5), (0.0, -179.5), 111.195),  # over the date line
        ((90.0, 0.0), (-90.0, 0.0), 20015.115),  # half the globe
    ],
)
def test_the_way_over_the_ground(
    one: tuple[float, float], other: tuple[float, float], expected: float
) -> None:
    assert kilometres(one, other) == pytest.approx(expected, abs=0.01)
    assert kilometres(other, one) == pytest.approx(expected, abs=0.01)
