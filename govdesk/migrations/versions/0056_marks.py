"""Notes at the days of figures, and signals that were told, with who has seen them."""

import sqlalchemy as sa
from alembic import op

from govdesk.db import Moment

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

GUARDED = ("figure_note", "note_withdrawal", "figure_signal", "signal_seen")


def upgrade() -> None:
    op.create_table('figure_note',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('measure', sa.Text(), nullable=True),
    sa.Column('branch_id', sa.Integer(), nullable=True),
    sa.Column('department_id', sa.Integer(), nullable=True),
    sa.Column('service_id', sa.Integer(), nullable=True),
    sa.Column('on_day', sa.Date(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('written_at', Moment(), nullable=False),
    sa.Column('written_by_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name='fk_figure_note_branch_id_branch'),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name='fk_figure_note_department_id_department'),
    sa.ForeignKeyConstraint(['service_id'], ['public_service.id'], name='fk_figure_note_service_id_public_service'),
    sa.ForeignKeyConstraint(['written_by_id'], ['staff.id'], name='fk_figure_note_written_by_id_staff'),
    sa.PrimaryKeyConstraint('id', name='pk_figure_note')
    )
    op.create_index('ix_figure_note_day', 'figure_note', ['measure', 'on_day'], unique=False)
    op.create_table('note_withdrawal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('note_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('withdrawn_at', Moment(), nullable=False),
    sa.Column('withdrawn_by_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['note_id'], ['figure_note.id'], name='fk_note_withdrawal_note_id_figure_note'),
    sa.ForeignKeyConstraint(['withdrawn_by_id'], ['staff.id'], name='fk_note_withdrawal_withdrawn_by_id_staff'),
    sa.PrimaryKeyConstraint('id', name='pk_note_withdrawal'),
    sa.UniqueConstraint('note_id', name='uq_note_withdrawal_note_id')
    )
    op.create_table('figure_watch',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('measure', sa.Text(), nullable=False),
    sa.Column('branch_id', sa.Integer(), nullable=True),
    sa.Column('department_id', sa.Integer(), nullable=True),
    sa.Column('service_id', sa.Integer(), nullable=True),
    sa.Column('time', sa.Text(), nullable=False),
    sa.Column('judged_until', sa.Text(), nullable=True),
    sa.Column('sense', sa.Text(), nullable=False),
    sa.Column('sense_before', sa.Text(), nullable=False),
    sa.Column('assurance', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name='fk_figure_watch_branch_id_branch'),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name='fk_figure_watch_department_id_department'),
    sa.ForeignKeyConstraint(['service_id'], ['public_service.id'], name='fk_figure_watch_service_id_public_service'),
    sa.PrimaryKeyConstraint('id', name='pk_figure_watch')
    )
    op.create_index('ix_figure_watch_measure', 'figure_watch', ['measure'], unique=False)
    op.create_table('figure_signal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('watch_id', sa.Integer(), nullable=False),
    sa.Column('target_id', sa.Integer(), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('period', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('sense', sa.Text(), nullable=False),
    sa.Column('rule', sa.Text(), nullable=True),
    sa.Column('value', sa.Double(), nullable=False),
    sa.Column('mean', sa.Double(), nullable=False),
    sa.Column('found_at', Moment(), nullable=False),
    sa.ForeignKeyConstraint(['owner_id'], ['staff.id'], name='fk_figure_signal_owner_id_staff'),
    sa.ForeignKeyConstraint(['target_id'], ['target.id'], name='fk_figure_signal_target_id_target'),
    sa.ForeignKeyConstraint(['watch_id'], ['figure_watch.id'], name='fk_figure_signal_watch_id_figure_watch'),
    sa.PrimaryKeyConstraint('id', name='pk_figure_signal'),
    sa.UniqueConstraint('watch_id', 'period', 'kind', 'sense', name='uq_figure_signal_watch_id_period_kind_sense')
    )
    op.create_index('ix_figure_signal_owner_id', 'figure_signal', ['owner_id'], unique=False)
    op.create_table('signal_seen',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('signal_id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('seen_at', Moment(), nullable=False),
    sa.ForeignKeyConstraint(['signal_id'], ['figure_signal.id'], name='fk_signal_seen_signal_id_figure_signal'),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name='fk_signal_seen_staff_id_staff'),
    sa.PrimaryKeyConstraint('id', name='pk_signal_seen')
    )
    op.create_index('ix_signal_seen_signal_id', 'signal_seen', ['signal_id'], unique=False)
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in GUARDED:
        for name, what in (("stays", "UPDATE"), ("kept", "DELETE")):
            begin = f"CREATE TRIGGER {table}_{name} BEFORE {what} ON {table}"
            if is_sqlite:
                op.execute(f"{begin} BEGIN SELECT RAISE(ABORT, 'rows of {table} are only ever added'); END")
            else:
                op.execute(f"{begin} FOR EACH ROW EXECUTE FUNCTION refuse_change()")


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in GUARDED:
        for name in ("stays", "kept"):
            op.execute(f"DROP TRIGGER {table}_{name}" + ("" if is_sqlite else f" ON {table}"))
    op.drop_index('ix_signal_seen_signal_id', table_name='signal_seen')
    op.drop_table('signal_seen')
    op.drop_index('ix_figure_signal_owner_id', table_name='figure_signal')
    op.drop_table('figure_signal')
    op.drop_index('ix_figure_watch_measure', table_name='figure_watch')
    op.drop_table('figure_watch')
    op.drop_table('note_withdrawal')
    op.drop_index('ix_figure_note_day', table_name='figure_note')
    op.drop_table('figure_note')
