"""Reporting periods with their reflections, published versions and papers; files that go along with messages."""

import sqlalchemy as sa
from alembic import op

from govdesk.db import Moment

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

GUARDED = ("period_reflection", "period_version", "period_paper", "period_mailing")


def upgrade() -> None:
    op.create_table('enclosure',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('mimetype', sa.Text(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('made_at', Moment(), nullable=False),
    sa.PrimaryKeyConstraint('id', name='pk_enclosure')
    )
    op.create_table('message_enclosure',
    sa.Column('message_id', sa.Integer(), nullable=False),
    sa.Column('enclosure_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['enclosure_id'], ['enclosure.id'], name='fk_message_enclosure_enclosure_id_enclosure'),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name='fk_message_enclosure_message_id_message', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('message_id', name='pk_message_enclosure')
    )
    op.create_table('report_period',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('first_on', sa.Date(), nullable=False),
    sa.Column('last_on', sa.Date(), nullable=False),
    sa.Column('department_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('drafted_at', Moment(), nullable=False),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name='fk_report_period_department_id_department'),
    sa.PrimaryKeyConstraint('id', name='pk_report_period'),
    sa.UniqueConstraint('code', name='uq_report_period_code')
    )
    op.create_index('ix_report_period_last_on', 'report_period', ['last_on'], unique=False)
    op.create_table('report_recipient',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('department_id', sa.Integer(), nullable=True),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('added_at', Moment(), nullable=False),
    sa.Column('added_by_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['added_by_id'], ['staff.id'], name='fk_report_recipient_added_by_id_staff'),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name='fk_report_recipient_department_id_department'),
    sa.PrimaryKeyConstraint('id', name='pk_report_recipient')
    )
    op.create_table('period_reflection',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('period_id', sa.Integer(), nullable=False),
    sa.Column('topic', sa.Text(), nullable=False),
    sa.Column('saw_ar', sa.Text(), nullable=False),
    sa.Column('saw_en', sa.Text(), nullable=False),
    sa.Column('will_ar', sa.Text(), nullable=False),
    sa.Column('will_en', sa.Text(), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('obstacle_id', sa.Integer(), nullable=True),
    sa.Column('written_at', Moment(), nullable=False),
    sa.Column('written_by_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['obstacle_id'], ['obstacle.id'], name='fk_period_reflection_obstacle_id_obstacle'),
    sa.ForeignKeyConstraint(['owner_id'], ['staff.id'], name='fk_period_reflection_owner_id_staff'),
    sa.ForeignKeyConstraint(['period_id'], ['report_period.id'], name='fk_period_reflection_period_id_report_period'),
    sa.ForeignKeyConstraint(['written_by_id'], ['staff.id'], name='fk_period_reflection_written_by_id_staff'),
    sa.PrimaryKeyConstraint('id', name='pk_period_reflection')
    )
    op.create_index('ix_period_reflection_period_id', 'period_reflection', ['period_id'], unique=False)
    op.create_table('period_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('period_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('frozen', sa.Text(), nullable=False),
    sa.Column('hash', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('published_at', Moment(), nullable=False),
    sa.Column('published_by_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['period_id'], ['report_period.id'], name='fk_period_version_period_id_report_period'),
    sa.ForeignKeyConstraint(['published_by_id'], ['staff.id'], name='fk_period_version_published_by_id_staff'),
    sa.PrimaryKeyConstraint('id', name='pk_period_version'),
    sa.UniqueConstraint('period_id', 'number', name='uq_period_version_period_id_number')
    )
    op.create_table('period_paper',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('enclosure_id', sa.Integer(), nullable=False),
    sa.Column('made_at', Moment(), nullable=False),
    sa.ForeignKeyConstraint(['enclosure_id'], ['enclosure.id'], name='fk_period_paper_enclosure_id_enclosure'),
    sa.ForeignKeyConstraint(['version_id'], ['period_version.id'], name='fk_period_paper_version_id_period_version'),
    sa.PrimaryKeyConstraint('id', name='pk_period_paper'),
    sa.UniqueConstraint('version_id', 'language', name='uq_period_paper_version_id_language')
    )
    op.create_table('period_mailing',
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('at', Moment(), nullable=False),
    sa.Column('recipients', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['version_id'], ['period_version.id'], name='fk_period_mailing_version_id_period_version'),
    sa.PrimaryKeyConstraint('version_id', name='pk_period_mailing')
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in GUARDED:
        _guard(table, "stays", "UPDATE", is_sqlite=is_sqlite)
        _guard(table, "kept", "DELETE", is_sqlite=is_sqlite)


def _guard(table: str, name: str, what: str, *, is_sqlite: bool) -> None:
    begin = f"CREATE TRIGGER {table}_{name} BEFORE {what} ON {table}"
    if is_sqlite:
        op.execute(f"{begin} BEGIN SELECT RAISE(ABORT, 'rows of {table} are only ever added'); END")
    else:
        op.execute(f"{begin} FOR EACH ROW EXECUTE FUNCTION refuse_change()")


def downgrade() -> None:
    for table in (
        "period_mailing", "period_paper", "period_version", "period_reflection", "report_recipient",
        "report_period", "message_enclosure", "enclosure",
    ):
        op.drop_table(table)
