"""Verbs of questionnaires: create, rename, revise, publish, retire; and what is asked now."""

import hashlib
import json
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from govdesk import audit, chance, clock, outbox
from govdesk.actor import Actor
from govdesk.catalog.models import Department
from govdesk.errors import DeskError, NotAllowedError, NotFoundError
from govdesk.feedback.forms.models import Questionnaire, QuestionnaireVersion
from govdesk.feedback.forms.rules import KINDS, Form, dump, follow, parse
from govdesk.feedback.forms.soundness import problems

DRAFT, PUBLISHED, FOLLOWED = "draft", "published", "followed"
BUILDERS = ("admin", "head")
LONGEST_NAME = 120
KEPT_FORMS = 500
_forms: dict[str, Form] = {}


class QuestionnaireError(DeskError):
    """What a questionnaire does not allow; the key says why."""

    key = "questionnaires.refused"
    status = 422


def create(
    session: Session, *, actor: Actor, kind: str, name_ar: str, name_en: str, form: Form,
    department: Department | None = None,
) -> Questionnaire:  # fmt: skip
    """Begin a questionnaire with a draft of its first version; of a department, or of the whole agency."""
    if kind not in KINDS:
        raise QuestionnaireError("errors.choose_known", field="kind")
    questionnaire = Questionnaire(
        code=chance.token(), kind=kind, department=department, created_at=clock.now(), versions=[],
        **_names(name_ar, name_en),
    )  # fmt: skip
    refuse_others(actor, questionnaire)
    questionnaire.versions.append(_draft(1, follow(form, Form(sections=()))))
    session.add(questionnaire)
    session.flush()
    questionnaire.code = f"{kind}-{questionnaire.id}"
    session.flush()
    _record(session, actor, "created", questionnaire, kind=kind)
    outbox.emit(session, "questionnaire.created", questionnaire_id=questionnaire.id)
    return questionnaire


def rename(
    session: Session, *, actor: Actor, questionnaire: Questionnaire, name_ar: str, name_en: str
) -> None:
    """Call it something else; nobody who is asked reads its name."""
    refuse_others(actor, questionnaire)
    names = _names(name_ar, name_en)
    questionnaire.name_ar, questionnaire.name_en = names["name_ar"], names["name_en"]
    session.flush()
    _record(session, actor, "renamed", questionnaire, **names)


def revise(
    session: Session, *, actor: Actor, questionnaire: Questionnaire, form: Form
) -> QuestionnaireVersion:
    """Write the draft anew; where there is none, begin the next version with it."""
    hold(session, actor=actor, questionnaire=questionnaire)
    draft = draft_of(questionnaire)
    if draft is None:
        draft = _draft(1 + max((one.number for one in questionnaire.versions), default=0), form)
        questionnaire.versions.append(draft)
    else:
        draft.content = dump(form)
    session.flush()
    _record(session, actor, "revised", questionnaire, number=draft.number)
    return draft


def drop_draft(session: Session, *, actor: Actor, questionnaire: Questionnaire) -> None:
    """Give up the draft of a questionnaire that has a published version."""
    hold(session, actor=actor, questionnaire=questionnaire)
    draft = draft_of(questionnaire)
    if draft is None:
        return
    if len(questionnaire.versions) == 1:
        raise QuestionnaireError("questionnaires.only_draft", status=409)
    questionnaire.versions.remove(draft)
    session.delete(draft)
    session.flush()
    _record(session, actor, "draft_dropped", questionnaire, number=draft.number)


def publish(session: Session, *, actor: Actor, questionnaire: Questionnaire) -> QuestionnaireVersion:
    """Ask by the draft from now on; its content never changes again, which the database holds too.

    1. The row of the questionnaire is locked: of two presses the second finds no draft any more.
    2. The version before is followed first, since a partial index admits one published version only.
    3. Who was invited before keeps the version of the invitation.
    """
    hold(session, actor=actor, questionnaire=questionnaire)
    draft = draft_of(questionnaire)
    if draft is None:
        raise QuestionnaireError("questionnaires.no_draft", status=409)
    form = parse(draft.content)
    if wrong := problems(form):
        raise QuestionnaireError(wrong[0][1])
    before = published_of(questionnaire)
    if before is not None:
        form = follow(form, parse(before.content))
        before.state = FOLLOWED
        session.flush()
    draft.content = dump(form)
    draft.digest = digest(draft.content)
    draft.state, draft.published_at = PUBLISHED, clock.now()
    draft.published_by_id = int(actor.id) if actor.kind == "staff" else None
    session.flush()
    _record(session, actor, "published", questionnaire, number=draft.number, digest=draft.digest)
    outbox.emit(
        session, "questionnaire.published", questionnaire_id=questionnaire.id, version_id=draft.id,
        kind=questionnaire.kind,
    )  # fmt: skip
    return draft


def retire(session: Session, *, actor: Actor, questionnaire: Questionnaire) -> None:
    """Ask by it no more; what was answered stays, and who was invited may still answer."""
    _use(session, actor, questionnaire, is_used=False)


def resume(session: Session, *, actor: Actor, questionnaire: Questionnaire) -> None:
    """Ask by it again."""
    _use(session, actor, questionnaire, is_used=True)


def published(
    session: Session, kind: str, *, department_id: int | None = None
) -> QuestionnaireVersion | None:
    """Return what is asked now on an occasion: by the department's own questionnaire, else by the agency's.

    Of several it is the one that was published last.
    """
    theirs = or_(Questionnaire.department_id.is_(None), Questionnaire.department_id == department_id)
    asked = (
        select(QuestionnaireVersion)
        .join(QuestionnaireVersion.questionnaire)
        .where(
            Questionnaire.kind == kind, Questionnaire.is_used, theirs, QuestionnaireVersion.state == PUBLISHED
        )
        .order_by(
            Questionnaire.department_id.is_(None),
            QuestionnaireVersion.published_at.desc(),
            QuestionnaireVersion.id.desc(),
        )
        .limit(1)
    )
    return session.scalars(asked).first()


def form_of(version: QuestionnaireVersion) -> Form:
    """Return what a version asks; of a published one it is read once."""
    if version.digest is None:
        return parse(version.content)
    form = _forms.get(version.digest)
    if form is None:
        if len(_forms) >= KEPT_FORMS:
            _forms.clear()
        form = _forms[version.digest] = parse(version.content)
    return form


def form_by(session: Session, version_id: int, digest: str | None) -> Form:
    """The same of a version whose digest was read already; the version itself only where it must be."""
    known = _forms.get(digest) if digest is not None else None
    return known or form_of(session.get_one(QuestionnaireVersion, version_id))


def found(session: Session, questionnaire_id: int) -> Questionnaire:
    """Return a questionnaire, or raise NotFoundError."""
    questionnaire = session.get(Questionnaire, questionnaire_id)
    if questionnaire is None:
        raise NotFoundError
    return questionnaire


def may_change(actor: Actor, department_id: int | None) -> bool:
    """Whether someone builds the questionnaires of a department, or (None) of the agency."""
    if actor.kind == "system":
        return True
    return any(
        role in BUILDERS and branch is None and department in (None, department_id)
        for role, branch, department in actor.grants
    )


def may_read(actor: Actor, questionnaire: Questionnaire) -> bool:
    """Whether someone reads a questionnaire: their own ones, and the agency's."""
    return may_change(actor, questionnaire.department_id) or (
        questionnaire.department_id is None and actor.has(*BUILDERS)
    )


def refuse_others(actor: Actor, questionnaire: Questionnaire) -> None:
    """Raise NotAllowedError for who does not build it."""
    own = questionnaire.department
    if not may_change(actor, own.id if own is not None else questionnaire.department_id):
        raise NotAllowedError


def hold(session: Session, *, actor: Actor, questionnaire: Questionnaire) -> None:
    """Lock a questionnaire for who builds it, and read its versions anew."""
    refuse_others(actor, questionnaire)
    session.refresh(questionnaire, ["is_used"], with_for_update={"of": Questionnaire})
    session.expire(questionnaire, ["versions"])


def draft_of(questionnaire: Questionnaire) -> QuestionnaireVersion | None:
    """Return the version that is being written."""
    return next((one for one in questionnaire.versions if one.state == DRAFT), None)


def published_of(questionnaire: Questionnaire) -> QuestionnaireVersion | None:
    """Return the version by which is asked now."""
    return next((one for one in questionnaire.versions if one.state == PUBLISHED), None)


def digest(content: dict[str, Any]) -> str:
    """Return what tells a content from every other."""
    plain = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def _draft(number: int, form: Form) -> QuestionnaireVersion:
    return QuestionnaireVersion(number=number, state=DRAFT, content=dump(form), created_at=clock.now())


def _names(name_ar: str, name_en: str) -> dict[str, str]:
    names = {"name_ar": name_ar.strip(), "name_en": name_en.strip()}
    for field, name in names.items():
        if not name:
            raise QuestionnaireError("errors.required", field=field)
        if len(name) > LONGEST_NAME:
            raise QuestionnaireError("errors.too_long", field=field)
    return names


def _use(session: Session, actor: Actor, questionnaire: Questionnaire, *, is_used: bool) -> None:
    refuse_others(actor, questionnaire)
    if questionnaire.is_used == is_used:
        return
    questionnaire.is_used = is_used
    session.flush()
    _record(session, actor, "resumed" if is_used else "retired", questionnaire)
    outbox.emit(session, "questionnaire.used", questionnaire_id=questionnaire.id, is_used=is_used)


def _record(session: Session, actor: Actor, what: str, questionnaire: Questionnaire, **detail: Any) -> None:
    audit.record(
        session, actor=actor, action=f"questionnaire.{what}", subject=f"questionnaire:{questionnaire.id}",
        **detail,
    )  # fmt: skip
