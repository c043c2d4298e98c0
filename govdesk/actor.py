"""Who acts: every verb is told, every record says."""

from dataclasses import dataclass, field

ROLES = ("reception", "officer", "supervisor", "head", "admin", "auditor")


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone or something that acts, with the roles and the places to which they are bound."""

    kind: str  # staff | person | device | system
    id: str
    roles: frozenset[str] = field(default_factory=frozenset)
    branch_ids: frozenset[int] | None = None  # None = every branch
    department_ids: frozenset[int] | None = None  # None = every department

    @property
    def label(self) -> str:
        """How records name this actor: never a name, which can be removed."""
        return f"{self.kind}:{self.id}" if self.id else self.kind

    def has(self, *roles: str) -> bool:
        """Whether the actor holds one of these roles."""
        return not self.roles.isdisjoint(roles)

    def sees_branch(self, branch_id: int) -> bool:
        """Whether this branch is within the actor's scope."""
        return self.branch_ids is None or branch_id in self.branch_ids

    def sees_department(self, department_id: int) -> bool:
        """Whether this department is within the actor's scope."""
        return self.department_ids is None or department_id in self.department_ids


SYSTEM = Actor(kind="system", id="", roles=frozenset(ROLES))
VISITOR = Actor(kind="person", id="", branch_ids=frozenset(), department_ids=frozenset())
