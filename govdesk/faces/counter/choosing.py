"""Which counter to sit down at."""

from flask import Response
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from govdesk import i18n
from govdesk.catalog.models import Branch, Counter
from govdesk.faces.counter.forms import OpenForm
from govdesk.faces.navigation import branches_of
from govdesk.queue import counters, live
from govdesk.web import actor, page


def show(session: Session, form: OpenForm) -> Response:
    """The free counters of the officer's branches (those left open too), and who sits at the others."""
    branches = branches_of(actor(), "officer")
    open_now = [seat for branch in branches for seat in live.seats(session, branch.id)]
    seats = {seat.counter_id: seat for seat in open_now if not counters.is_left(session, seat)}
    rows = [(branch, counter) for branch in branches for counter in _counters(session, branch)]
    is_one = len(branches) == 1
    words = {counter.id: _word(branch, counter, is_one=is_one) for branch, counter in rows}
    form.counter.choices = [SelectChoice(key, word) for key, word in words.items() if key not in seats]
    if len(form.counter.choices) == 1 and form.counter.data is None:
        form.counter.data = form.counter.choices[0].value
    taken = [(word, seats[counter_id]) for counter_id, word in words.items() if counter_id in seats]
    zones = {branch.id: branch.timezone for branch in branches}
    return page("counter/choose.html", form=form, taken=taken, zones=zones)


def _counters(session: Session, branch: Branch) -> list[Counter]:
    query = select(Counter).where(Counter.branch_id == branch.id, Counter.is_active).order_by(Counter.number)
    return list(session.scalars(query))


def _word(branch: Branch, counter: Counter, *, is_one: bool) -> str:
    word = i18n.t("counter.numbered", number=i18n.num(counter.number))
    return word if is_one else f"{i18n.named(branch)} · {word}"
