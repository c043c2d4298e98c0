"""Groups of people whom the law puts first, as rows that an administrator edits."""

import sqlalchemy as sa
from alembic import op

revision = "0083"
down_revision = "0078"
branch_labels = None
depends_on = None

GROUPS = (
    ("elderly", "من كبار السن", "Older person"),
    ("disability", "من ذوي الإعاقة", "Person with a disability"),
    ("pregnant", "حامل", "Expectant mother"),
    ("infant", "مع رضيع", "With an infant"),
)


def upgrade() -> None:
    """Begin with the four groups that were fixed before."""
    groups = op.create_table(
        "priority_group",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_ar", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_stated", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_priority_group")),
    )
    op.bulk_insert(
        groups,
        [
            {
                "code": code, "name_ar": name_ar, "name_en": name_en, "position": place,
                "is_stated": True, "is_active": True,
            }
            for place, (code, name_ar, name_en) in enumerate(GROUPS, 1)
        ],
    )  # fmt: skip


def downgrade() -> None:
    """Know the four of before only."""
    op.drop_table("priority_group")
