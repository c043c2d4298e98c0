"""Which part of the hall a board shows: what its device is set to, or what the address asks for."""

from dataclasses import dataclass

from flask import request
from sqlalchemy.orm import Session

from govdesk.catalog.models import Branch
from govdesk.catalog.service import offered
from govdesk.faces.devices import held

MOST = 20  # services or counters in an address


@dataclass(frozen=True, slots=True)
class Zone:
    """The services and counters of a board by their ids; None means all."""

    services: frozenset[int] | None = None
    counters: frozenset[int] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """What tells this zone from others."""
        kinds = (("s", self.services), ("c", self.counters))
        return tuple(kind + ",".join(map(str, sorted(ids))) for kind, ids in kinds if ids is not None)


def zone_of(session: Session, branch: Branch) -> Zone:
    """Return what the registered board is set to; of one that shows all, and without, what is asked for."""
    own = held()
    if own is not None and (own.service_ids or own.counter_ids):
        return Zone(own.service_ids or None, own.counter_ids or None)
    services, counters = _asked("services"), _asked("counters")
    return Zone(
        frozenset(one.id for one in offered(session, branch) if one.code in services) if services else None,
        frozenset(one.id for one in branch.counters if str(one.number) in counters) if counters else None,
    )


def _asked(name: str) -> set[str]:
    return {part for part in request.args.get(name, "").split(",")[:MOST] if part}
