"""Targets of figures with their history, and the days on which limits begin anew."""

import sqlalchemy as sa
from alembic import op

from govdesk.db import Moment

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table('rebase',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('measure', sa.Text(), nullable=False),
    sa.Column('branch_id', sa.Integer(), nullable=True),
    sa.Column('department_id', sa.Integer(), nullable=True),
    sa.Column('service_id', sa.Integer(), nullable=True),
    sa.Column('begins_on', sa.Date(), nullable=False),
    sa.Column('is_undone', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('set_at', Moment(), nullable=False),
    sa.Column('set_by_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name='fk_rebase_branch_id_branch'),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name='fk_rebase_department_id_department'),
    sa.ForeignKeyConstraint(['service_id'], ['public_service.id'], name='fk_rebase_service_id_public_service'),
    sa.ForeignKeyConstraint(['set_by_id'], ['staff.id'], name='fk_rebase_set_by_id_staff'),
    sa.PrimaryKeyConstraint('id', name='pk_rebase')
    )
    op.create_index('ix_rebase_measure', 'rebase', ['measure', 'begins_on'], unique=False)
    op.create_table('target',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('measure', sa.Text(), nullable=False),
    sa.Column('branch_id', sa.Integer(), nullable=True),
    sa.Column('department_id', sa.Integer(), nullable=True),
    sa.Column('service_id', sa.Integer(), nullable=True),
    sa.Column('value', sa.Double(), nullable=True),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('set_at', Moment(), nullable=False),
    sa.Column('set_by_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name='fk_target_branch_id_branch'),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name='fk_target_department_id_department'),
    sa.ForeignKeyConstraint(['owner_id'], ['staff.id'], name='fk_target_owner_id_staff'),
    sa.ForeignKeyConstraint(['service_id'], ['public_service.id'], name='fk_target_service_id_public_service'),
    sa.ForeignKeyConstraint(['set_by_id'], ['staff.id'], name='fk_target_set_by_id_staff'),
    sa.PrimaryKeyConstraint('id', name='pk_target')
    )
    op.create_index('ix_target_measure', 'target', ['measure', 'from_on'], unique=False)


def downgrade() -> None:

    op.drop_index('ix_target_measure', table_name='target')
    op.drop_table('target')
    op.drop_index('ix_rebase_measure', table_name='rebase')
    op.drop_table('rebase')
