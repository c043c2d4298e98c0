"""The whole catalog as one TOML file, with how each branch calls: loaded, and written."""

import dataclasses
import tomllib
from collections.abc import Mapping
from typing import Any

import tomli_w
from sqlalchemy import select
from sqlalchemy.orm import Session

from govdesk.actor import Actor
from govdesk.booking import catalog_document as booked
from govdesk.booking.catalog_document import Loaded
from govdesk.catalog.models import Branch, PublicService
from govdesk.catalog.toml_table import CatalogError
from govdesk.queue import policies, policy
from govdesk.queue.policy import CLASSES, Policy, PolicyError

TABLE = "dispatch"


def without_dispatch(text: str) -> tuple[str, list[Any]]:
    """A document without its `[[dispatch]]` tables, and these; as it is where it is no TOML."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return text, []
    if TABLE not in document:
        return text, []
    tables = document.pop(TABLE)
    if not isinstance(tables, list):
        raise CatalogError("catalog.not_a_table", TABLE)
    return tomli_w.dumps(document), tables


def load(session: Session, *, actor: Actor, text: str) -> Loaded:
    """Take over a catalog document (TOML) with its `[[dispatch]]` tables; a second time nothing changes.

    A branch of which it does not speak keeps its policy. Raises CatalogError with the place.
    """
    rest, tables = without_dispatch(text)
    done = booked.load(session, actor=actor, text=rest)
    changed = 0
    for number, table in enumerate(tables, 1):
        branch, wanted = _read(session, table, f"{TABLE}[{number}]")
        try:
            changed += policies.switch_on(session, actor=actor, branch=branch, policy=wanted)
        except policies.PolicyRefusedError as refusal:
            raise CatalogError("catalog.invalid", f"{TABLE}[{number}].{refusal.field}") from refusal
    return dataclasses.replace(done, changes=done.changes + changed)


def dump(session: Session) -> str:
    """Write the catalog as a document that `load` takes; CatalogEditError while the agency has no name."""
    text = booked.dump(session)
    codes = dict(session.execute(select(PublicService.id, PublicService.code)).all())
    branches = session.scalars(select(Branch).where(Branch.is_imported.is_(False)).order_by(Branch.code))
    tables = [
        _written(branch, policies.in_force(session, branch.id), codes)
        for branch in branches
        if policies.versions(session, branch.id)
    ]
    return text + ("\n" + tomli_w.dumps({TABLE: tables}) if tables else "")


def _read(session: Session, table: Any, place: str) -> tuple[Branch, Policy]:
    if not isinstance(table, dict):
        raise CatalogError("catalog.not_a_table", place)
    values = dict(table)
    code = values.pop("branch", None)
    branch = session.scalars(select(Branch).where(Branch.code == code)).one_or_none()
    if branch is None:
        raise CatalogError("catalog.invalid", f"{place}.branch")
    try:
        for name in CLASSES:
            if name in values and values[name].get("ageing") == 0:
                values[name] = {**values[name], "ageing": None}
        values["helps"] = [
            {"service_id": _service(session, one, place), "after": one["after"]}
            for one in values.get("helps", ())
        ]
        return branch, policy.of_document(values)
    except PolicyError as error:
        raise CatalogError("catalog.invalid", f"{place}.{error.problems[0].field}") from error
    except (AttributeError, KeyError, TypeError) as error:
        raise CatalogError("catalog.invalid", place) from error


def _service(session: Session, table: Mapping[str, Any], place: str) -> int:
    known = session.scalar(select(PublicService.id).where(PublicService.code == table["service"]))
    if known is None:
        raise CatalogError("catalog.invalid", f"{place}.helps")
    return known


def _written(branch: Branch, in_force: Policy, codes: Mapping[int, str]) -> dict[str, Any]:
    values = policy.document(in_force)
    for name in CLASSES:
        values[name]["ageing"] = values[name]["ageing"] or 0  # TOML has no word for "never"
    values["helps"] = [{"service": codes[help_.service_id], "after": help_.after} for help_ in in_force.helps]
    return {"branch": branch.code, **values}
