"""Whatever is merged, split, linked and unlinked in whatever order: classes equal those from nothing."""

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk import clock
from govdesk.cases.linking import merging
from govdesk.cases.linking import service as linking
from govdesk.cases.linking.merging import MergeError
from govdesk.cases.linking.models import PersonMerge
from govdesk.cases.linking.service import LinkError
from govdesk.cases.models import Visit
from govdesk.cases.service import reclassify_all
from govdesk.catalog.models import Branch
from govdesk.db import db, transaction
from govdesk.people import same
from govdesk.people.models import Person
from tests.flows import office_days as day
from tests.fuzz import examples
from tests.makers import Cast, make_person

PEOPLE = 3
NAMED = (0, 1, 0, 2, None, 1, 2)  # in whose names the visits were, six days apart
Act = tuple[str, int, int, int]
acts = st.lists(
    st.tuples(
        st.sampled_from(["merge", "merge", "split", "link", "link", "unlink", "object"]),
        st.integers(0, PEOPLE - 1),
        st.integers(0, PEOPLE - 1),
        st.integers(0, len(NAMED) - 1),
    ),
    min_size=1,
    max_size=8,
)


class TakenBackError(Exception):
    """Each example begins with the same days."""


@pytest.mark.hypothesis
def test_classes_follow_every_link(cast: Cast) -> None:
    day.sit_down(cast)
    with transaction() as session:
        people = [make_person(session, certainty="probable") for _ in range(PEOPLE)]
    for number, place in enumerate(NAMED):
        person = None if place is None else people[place]
        day.serve(cast, number * 6, person, "unresolved", cause="papers")
    visits = [visit.id for visit in day.visits()]
    ids = [person.id for person in people]

    @settings(
        max_examples=examples(25),
        phases=[Phase.explicit, Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(acts)
    def hold(told: list[Act]) -> None:
        with (
            pytest.raises(TakenBackError),
            clock.at(day.when(60, "09:00")),
            transaction() as session,
        ):
            for act in told:
                do(session, cast, act, ids, visits)
            for visit in session.scalars(select(Visit)):
                named = visit.named_id or visit.person_id
                assert named is None or visit.person_id == same.whole(session, named)
            assert reclassify_all(session) == 0
            raise TakenBackError

    hold()
    db.session.rollback()


def do(session: Session, cast: Cast, act: Act, people: list[int], visits: list[int]) -> None:
    """One act of staff; what is refused changes nothing."""
    what, one, other, number = act
    actor, visit_id = cast.staff["sara"].actor, visits[number]
    try:
        if what == "merge":
            merge(session, cast, people[one], people[other])
        elif what == "split":
            joined = session.scalars(select(PersonMerge).where(PersonMerge.state == "confirmed")).first()
            if joined is not None:
                merging.undo(session, actor=actor, merge_id=joined.id, reason="told")
        elif what == "link":
            person = session.get_one(Person, people[one])
            linking.link(session, actor=actor, visit_id=visit_id, person=person, reason="told")
        elif what == "unlink":
            linking.unlink(session, actor=actor, visit_id=visit_id, reason="told")
        else:
            about = f"car-{other}"
            linking.say_object(session, actor=actor, visit_id=visit_id, object_ref=about, reason="told")
    except (LinkError, MergeError):
        return


def merge(session: Session, cast: Cast, kept: int, other: int) -> None:
    """Reem proposes and Sara confirms."""
    proposed = merging.propose(
        session,
        actor=cast.staff["reem"].actor,
        kept=session.get_one(Person, kept),
        other=session.get_one(Person, other),
        branch=session.get_one(Branch, cast.north.id),
        reason="told",
    )
    merging.confirm(session, actor=cast.staff["sara"].actor, merge_id=proposed.id)
