"""Near which branch a person says they are: how far the others are from there. Nothing of it is kept."""

from collections.abc import Iterable
from dataclasses import dataclass

from govdesk import i18n
from govdesk.catalog.distances import Point, kilometres
from govdesk.catalog.models import Branch


@dataclass(frozen=True)
class Near:
    """The branch that a person named as near, or none."""

    code: str = ""
    point: Point | None = None

    def order(self, branch: Branch) -> float:
        """How far a branch is from there; one whose place is not known comes last."""
        point = point_of(branch)
        if self.point is None:
            return 0.0
        return float("inf") if point is None else kilometres(self.point, point)

    def words(self, branch: Branch) -> str:
        """How far a branch is from there, in words; none of the one named, or where it is not known."""
        point = point_of(branch)
        if self.point is None or point is None or point == self.point:
            return ""
        return i18n.t("citizen.near_far", km=i18n.num(round(kilometres(self.point, point), 1)))

    def along(self) -> dict[str, str]:
        """What goes along in addresses and forms."""
        return {"near": self.code} if self.code else {}


def read(branches: Iterable[Branch], code: str) -> Near:
    """The branch named by this code, if it is one of these and its place is known."""
    found = next((branch for branch in branches if branch.code == code), None)
    point = point_of(found) if found else None
    return Near(found.code, point) if found and point else Near()


def placed(branches: Iterable[Branch]) -> list[Branch]:
    """Those whose place is known, to choose from; none where there is no choice."""
    known = [branch for branch in branches if point_of(branch)]
    return known if len(known) > 1 else []


def point_of(branch: Branch) -> Point | None:
    """Where a branch is, if that is known."""
    if branch.latitude is None or branch.longitude is None:
        return None
    return branch.latitude, branch.longitude
