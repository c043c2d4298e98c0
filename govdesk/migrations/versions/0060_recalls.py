"""A fault found late: everyone it touched, and all that is done to reach them."""

import sqlalchemy as sa
from alembic import op

from govdesk.db import Moment

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

KEPT = (  # of a member: whom it is about is written once
    "id", "token", "recall_id", "person_id", "source", "visit_no", "visits", "service_id", "branch_id",
    "visited_on", "language",
)  # fmt: skip
GUARDS: dict[str, tuple[str, ...]] = {
    "recall_member": KEPT,
    "recall_step": ("id", "recall_id", "member_id", "at", "kind", "actor", "channel", "is_reached", "what"),
}


def upgrade() -> None:
    op.create_table('recall',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('fault_ar', sa.Text(), nullable=False),
    sa.Column('fault_en', sa.Text(), nullable=False),
    sa.Column('asked', sa.JSON(), nullable=False),
    sa.Column('branch_id', sa.Integer(), nullable=True),
    sa.Column('visits', sa.Integer(), nullable=False),
    sa.Column('started_at', Moment(), nullable=False),
    sa.Column('started_by_id', sa.Integer(), nullable=True),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('telling_at', Moment(), nullable=True),
    sa.Column('reminded_for', sa.Date(), nullable=True),
    sa.Column('escalated_at', Moment(), nullable=True),
    sa.Column('ended_at', Moment(), nullable=True),
    sa.Column('reopened', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_recall_branch_id_branch')),
    sa.ForeignKeyConstraint(['owner_id'], ['staff.id'], name=op.f('fk_recall_owner_id_staff')),
    sa.ForeignKeyConstraint(['started_by_id'], ['staff.id'], name=op.f('fk_recall_started_by_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recall'))
    )
    op.create_index(op.f('ix_recall_owner_id'), 'recall', ['owner_id'], unique=False)
    op.create_table('recall_member',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token', sa.Text(), nullable=False),
    sa.Column('recall_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('visit_no', sa.Text(), nullable=False),
    sa.Column('visits', sa.Integer(), nullable=False),
    sa.Column('service_id', sa.Integer(), nullable=False),
    sa.Column('branch_id', sa.Integer(), nullable=False),
    sa.Column('visited_on', sa.Date(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('wish', sa.Text(), nullable=True),
    sa.Column('told_at', Moment(), nullable=True),
    sa.Column('came_no', sa.Text(), nullable=True),
    sa.Column('end', sa.Text(), nullable=True),
    sa.Column('ended_at', Moment(), nullable=True),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_recall_member_branch_id_branch')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_recall_member_person_id_person')),
    sa.ForeignKeyConstraint(['recall_id'], ['recall.id'], name=op.f('fk_recall_member_recall_id_recall')),
    sa.ForeignKeyConstraint(['service_id'], ['public_service.id'], name=op.f('fk_recall_member_service_id_public_service')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recall_member')),
    sa.UniqueConstraint('recall_id', 'person_id', name=op.f('uq_recall_member_recall_id_person_id')),
    sa.UniqueConstraint('token', name=op.f('uq_recall_member_token'))
    )
    op.create_index('ix_recall_member_open', 'recall_member', ['recall_id', 'state'], unique=False, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
    op.create_index(op.f('ix_recall_member_person_id'), 'recall_member', ['person_id'], unique=False)
    op.create_table('recall_step',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('recall_id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=True),
    sa.Column('at', Moment(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=True),
    sa.Column('is_reached', sa.Boolean(), nullable=True),
    sa.Column('what', sa.Text(), nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['recall_member.id'], name=op.f('fk_recall_step_member_id_recall_member')),
    sa.ForeignKeyConstraint(['recall_id'], ['recall.id'], name=op.f('fk_recall_step_recall_id_recall')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recall_step'))
    )
    op.create_index(op.f('ix_recall_step_member_id'), 'recall_step', ['member_id'], unique=False)
    op.create_index(op.f('ix_recall_step_recall_id'), 'recall_step', ['recall_id'], unique=False)
    for table, columns in GUARDS.items():
        _guard(table, "stays", f"UPDATE OF {', '.join(columns)}")
        _guard(table, "kept", "DELETE")


def _guard(table: str, name: str, what: str) -> None:
    begin = f"CREATE TRIGGER {table}_{name} BEFORE {what} ON {table}"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"{begin} BEGIN SELECT RAISE(ABORT, 'rows of {table} are only ever added'); END")
    else:
        op.execute(f"{begin} FOR EACH ROW EXECUTE FUNCTION refuse_change()")


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in GUARDS:
        for name in ("stays", "kept"):
            op.execute(f"DROP TRIGGER {table}_{name}" + ("" if is_sqlite else f" ON {table}"))
    for table in ("recall_step", "recall_member", "recall"):
        op.drop_table(table)
