"""What is done with a case from its file. Each press goes through `once`: pressed twice, done once."""

from collections.abc import Callable

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from govdesk.cases.linking import service as linking
from govdesk.cases.models import Case
from govdesk.cases.work import asking, promising, scope, service
from govdesk.db import reading
from govdesk.errors import DeskError, NotAllowedError, NotFoundError
from govdesk.faces.cases.file import joinable, moved, shown
from govdesk.faces.cases.forms import (
    ActForm,
    AskForm,
    AssignForm,
    HandOverForm,
    JoinForm,
    PromiseForm,
    ResolveForm,
    WordsForm,
)
from govdesk.faces.cases.lists import bp
from govdesk.i18n import t
from govdesk.once import once
from govdesk.web import DeskForm, actor, staff_only

Act = Callable[[Session], object]


@bp.post("/<int:case_id>/take")
@staff_only(*scope.WORKERS)
def take(case_id: int) -> ResponseReturnValue:
    """Make it one's own."""
    return _done(
        case_id, ActForm(), "take", lambda session: service.take(session, actor=actor(), case_id=case_id)
    )


@bp.post("/<int:case_id>/assign")
@staff_only(*service.MANAGERS)
def assign(case_id: int) -> ResponseReturnValue:
    """Give it to somebody of the unit."""
    form = AssignForm(prefix="assign-")

    def act(session: Session) -> None:
        staff_id, _branch = _target(form.to.data)
        service.assign(session, actor=actor(), case_id=case_id, staff_id=staff_id or 0)

    return _done(case_id, form, "assign", act)


@bp.post("/<int:case_id>/hand-over")
@staff_only(*scope.WORKERS)
def hand_over(case_id: int) -> ResponseReturnValue:
    """Hand it on, with a note."""
    form = HandOverForm(prefix="hand-over-")

    def act(session: Session) -> None:
        staff_id, branch_id = _target(form.to.data)
        service.hand_over(
            session, actor=actor(), case_id=case_id, words=form.words.data or "", staff_id=staff_id,
            branch_id=branch_id,
        )  # fmt: skip

    return _done(case_id, form, "hand-over", act)


@bp.post("/<int:case_id>/ask")
@staff_only(*scope.WORKERS)
def ask(case_id: int) -> ResponseReturnValue:
    """Ask something of the person, and wait."""
    form = AskForm(prefix="ask-")

    def act(session: Session) -> None:
        if form.until.data is None:
            raise DeskError("errors.required", field="until", status=422)
        asking.ask(
            session, actor=actor(), case_id=case_id, reason=form.reason.data or "",
            asked=form.asked.data or "", until=form.until.data,
        )  # fmt: skip

    return _done(case_id, form, "ask", act)


@bp.post("/<int:case_id>/resolve")
@staff_only(*scope.WORKERS)
def resolve(case_id: int) -> ResponseReturnValue:
    """Meet the need without the person."""
    form = ResolveForm(prefix="resolve-")

    def act(session: Session) -> None:
        by = "telephone" if form.by.data == "telephone" else "message"
        service.resolve(session, actor=actor(), case_id=case_id, words=form.words.data or "", by=by)

    return _done(case_id, form, "resolve", act)


@bp.post("/<int:case_id>/promise")
@staff_only(*scope.WORKERS)
def promise(case_id: int) -> ResponseReturnValue:
    """Promise the person something by a day; they are told."""
    form = PromiseForm(prefix="promise-")

    def act(session: Session) -> None:
        promising.promise(
            session, actor=actor(), case_id=case_id, what=form.what.data or "", due_on=form.due_on.data
        )

    return _done(case_id, form, "promise", act)


@bp.post("/<int:case_id>/reopen")
@staff_only(*scope.WORKERS)
def reopen(case_id: int) -> ResponseReturnValue:
    """Open it again."""
    form = WordsForm(prefix="reopen-")

    def act(session: Session) -> None:
        service.reopen(session, actor=actor(), case_id=case_id, words=form.words.data or "")

    return _done(case_id, form, "reopen", act)


@bp.post("/<int:case_id>/note")
@staff_only(*scope.READERS)
def note(case_id: int) -> ResponseReturnValue:
    """Write something down."""
    form = WordsForm(prefix="note-")

    def act(session: Session) -> None:
        service.note(session, actor=actor(), case_id=case_id, words=form.words.data or "")

    return _done(case_id, form, "note", act)


@bp.post("/<int:case_id>/join")
@staff_only(*linking.ROLES)
def join(case_id: int) -> ResponseReturnValue:
    """Say that it is one with another case of the same person and need."""
    form = JoinForm(prefix="join-")

    def act(session: Session) -> Case:
        scope.file_of(session, actor(), case_id)
        typed = form.to.data or ""
        here = {case.id for case in joinable(session, case_id)}
        if not typed.isdecimal() or int(typed) not in here:
            raise DeskError("errors.choose_known", field="to", status=422)
        return linking.join_cases(
            session, actor=actor(), case_id=case_id, into_id=int(typed), reason=form.reason.data or ""
        )

    return _done(case_id, form, "join", act)


def _done(case_id: int, form: DeskForm, name: str, act: Act) -> ResponseReturnValue:
    """Do it and come back to the file; a refusal stands beside its field, or above the form."""

    def acted(session: Session) -> ResponseReturnValue:
        done = act(session)
        flash(t(f"cases.said_{name.replace('-', '_')}"), "good")
        return redirect(url_for("cases.show", case_id=done.id if isinstance(done, Case) else case_id))

    if form.validate_on_submit():
        try:
            return once(acted)
        except NotAllowedError:
            raise
        except NotFoundError:
            return moved(case_id)
        except DeskError as refusal:
            if name == "take":
                flash(t(refusal.key, **refusal.params), "warn")
                return redirect(url_for("cases.show", case_id=case_id))
            form.refuse(refusal)
    return shown(reading(), case_id, wrong=form, opened=name)


def _target(chosen: str | None) -> tuple[int | None, int | None]:
    """Whom or which branch a choice names; neither, where it names nothing that there is."""
    kind, _, number = (chosen or "").partition("-")
    if not number.isdecimal() or len(number) > 9:  # noqa: PLR2004 - of a row
        return None, None
    return (
        (int(number), None) if kind == "staff" else (None, int(number)) if kind == "branch" else (None, None)
    )
