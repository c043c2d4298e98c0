"""`govdesk staff`."""

import sys

import click
from sqlalchemy import select

from govdesk.actor import ROLES, SYSTEM
from govdesk.catalog.models import Branch, Department
from govdesk.catalog.service import branch_of
from govdesk.commands.context import in_app
from govdesk.db import reading, transaction
from govdesk.errors import NotFoundError
from govdesk.people import staff as people
from govdesk.people.models import Staff
from govdesk.people.staff import Grant


@click.group()
def staff() -> None:
    """Add and manage those who serve."""


@staff.command()
@click.argument("username")
@click.option("--name-ar", required=True, help="Name in Arabic.")
@click.option("--name-en", required=True, help="Name in English.")
@click.option(
    "--role", "roles", type=click.Choice(ROLES), multiple=True, required=True, help="Repeat for more."
)
@click.option(
    "--branch", help="Code of the branch that reception, officer and supervisor roles are bound to."
)
@click.option("--department", help="Code of the department that a head's role is bound to.")
@in_app
def add(
    username: str,
    name_ar: str,
    name_en: str,
    roles: tuple[str, ...],
    branch: str | None,
    department: str | None,
) -> None:
    """Add someone who may sign in; the password comes by prompt, or as a line of standard input.

    Example: govdesk staff add omar --name-ar عمر --name-en Omar --role officer --branch rawdah
    """
    password = _password()
    with transaction() as session:
        branch_id = branch_of(session, branch).id if branch else None
        department_id = None
        if department:
            known = select(Department.id).where(Department.code == department)
            department_id = session.scalar(known)
            if department_id is None:
                raise NotFoundError("catalog.department_unknown", code=department)
        bound = people.BOUND_TO
        grants = [
            Grant(
                role,
                branch_id if bound.get(role) == "branch" else None,
                department_id if bound.get(role) == "department" else None,
            )
            for role in roles
        ]
        added = people.add(
            session,
            actor=SYSTEM,
            username=username,
            name_ar=name_ar,
            name_en=name_en,
            password=password,
            roles=grants,
        )
        said = added.username
    click.echo(f"added {said}: {', '.join(roles)}")


@staff.command("list")
@in_app
def list_staff() -> None:
    """List staff: username, state, names, roles with the place where each holds.

    Example: govdesk staff list
    """
    branches = {row.id: row.code for row in reading().scalars(select(Branch))}
    departments = {row.id: row.code for row in reading().scalars(select(Department))}
    for row in reading().scalars(select(Staff).order_by(Staff.username)):
        roles = []
        for grant in people.held(row):
            place = branches.get(grant.branch_id or 0) or departments.get(grant.department_id or 0)
            roles.append(f"{grant.role}@{place}" if place else grant.role)
        state = "active" if row.is_active else "disabled"
        click.echo(f"{row.username}\t{state}\t{row.name_ar}\t{row.name_en}\t{', '.join(roles)}")


@staff.command()
@click.argument("username")
@in_app
def reset(username: str) -> None:
    """Give a new password and end every open session; the password comes by prompt or standard input.

    Example: govdesk staff reset omar
    """
    people.find(reading(), username)
    password = _password()
    with transaction() as session:
        people.reset_password(session, actor=SYSTEM, staff=people.find(session, username), password=password)
    click.echo(f"{username} has a new password and is signed out everywhere")


@staff.command()
@click.argument("username")
@in_app
def disable(username: str) -> None:
    """Let someone sign in no more and end every open session; what they did stays in the records.

    Example: govdesk staff disable omar
    """
    with transaction() as session:
        people.disable(session, actor=SYSTEM, staff=people.find(session, username))
    click.echo(f"{username} cannot sign in any more")


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return password
