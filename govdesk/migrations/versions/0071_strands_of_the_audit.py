"""The audit in several strands, so that those who write at once do not wait for each other's end."""

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """All entries so far are of the first strand; the heads of others are signed when the server starts."""
    with op.batch_alter_table("audit_entry") as batch:
        batch.add_column(sa.Column("strand", sa.Integer(), server_default="1", nullable=False))
        batch.drop_constraint("pk_audit_entry", type_="primary")
        batch.create_primary_key("pk_audit_entry", ["strand", "position"])
        batch.create_index("ix_audit_entry_at", ["at"])


def downgrade() -> None:
    """One strand again; what was written beside it cannot be told in its order."""
    others = op.get_bind().scalar(sa.text("SELECT count(*) FROM audit_entry WHERE strand <> 1"))
    if others:
        raise RuntimeError(f"{others} entries of the audit stand in other strands than the first")
    with op.batch_alter_table("audit_entry") as batch:
        batch.drop_index("ix_audit_entry_at")
        batch.drop_constraint("pk_audit_entry", type_="primary")
        batch.drop_column("strand")
        batch.create_primary_key("pk_audit_entry", ["position"])
