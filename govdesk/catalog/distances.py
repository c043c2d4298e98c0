"""How far places are from each other."""

import math

EARTH = 6371.0088  # kilometres, the mean radius (IUGG)
Point = tuple[float, float]  # degrees north, degrees east


def kilometres(one: Point, other: Point) -> float:
    """Return the length of the shortest way over the ground (haversine), as if nothing stood in it."""
    north, east = (math.radians(degrees) for degrees in one)
    other_north, other_east = (math.radians(degrees) for degrees in other)
    across = math.sin((other_north - north) / 2) ** 2
    along = math.cos(north) * math.cos(other_north) * math.sin((other_east - east) / 2) ** 2
    return 2 * EARTH * math.asin(math.sqrt(across + along))
