"""Who acts: every verb is told, every record says."""

from dataclasses import dataclass, field

Held = tuple[str, int | None, int | None]  # role, branch, department: in neither, it holds everywhere
ROLES = ("reception", "officer", "supervisor", "head", "admin", "auditor")


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone or something that acts, with the roles and the places to which they are bound."""

    kind: str  # staff | person | device | system
    id: str
    roles: frozenset[str] = field(default_factory=frozenset)
    branch_ids: frozenset[int] | None = None  # None = every branch
    department_ids: frozenset[int] | None = None  # None = every department
    grants: frozenset[Held] = field(default_factory=frozenset)  # the roles where they hold; staff have them

    @property
    def label(self) -> str:
        """How records name this actor: never a name, which can be removed."""
        return f"{self.kind}:{self.id}" if self.id else self.kind

    def has(self, *roles: str) -> bool:
        """Whether the actor holds one of these roles."""
        return not self.roles.isdisjoint(roles)

    def may(self, *roles: str, branch_id: int) -> bool:
        """Whether one of these roles is held at this branch; a role of a department holds in every branch.

        Who has no grants (the system, a program) is judged by roles and scope.
        """
        if not self.grants:
            return self.has(*roles) and self.sees_branch(branch_id)
        return any(role in roles and branch in (None, branch_id) for role, branch, _department in self.grants)

    def sees_branch(self, branch_id: int) -> bool:
        """Whether this branch is within the actor's scope."""
        return self.branch_ids is None or branch_id in self.branch_ids

    def sees_department(self, department_id: int) -> bool:
        """Whether this department is within the actor's scope."""
        return self.department_ids is None or department_id in self.department_ids


SYSTEM = Actor(kind="system", id="", roles=frozenset(ROLES))
VISITOR = Actor(kind="person", id="", branch_ids=frozenset(), department_ids=frozenset())
