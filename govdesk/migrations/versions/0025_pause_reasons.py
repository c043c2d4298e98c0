"""Reasons of breaks and of closing early, as rows that an administrator edits."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

BREAKS = (
    ("rest", "راحة", "Rest"),
    ("prayer", "صلاة", "Prayer"),
    ("training", "تدريب أو اجتماع", "Training or meeting"),
    ("technical", "عطل تقني", "Technical fault"),
    ("errand", "عمل بعيدًا عن النافذة", "Work away from the counter"),
    ("other", "سبب آخر", "Something else"),
)
CLOSINGS = (
    ("shift_over", "انتهاء المناوبة", "End of the shift"),
    ("other_counter", "الانتقال إلى نافذة أخرى", "Moving to another counter"),
    ("called_away", "تكليف بعمل آخر", "Called to other work"),
    ("leave", "استئذان أو ظرف صحي", "Leave or illness"),
    ("fault", "عطل تقني", "Technical fault"),
    ("other_closing", "سبب آخر", "Something else"),
)


def upgrade() -> None:
    reasons = op.create_table(
        "pause_reason",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_ar", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_closing", sa.Boolean(), nullable=False),
        sa.Column("asks_words", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_pause_reason")),
    )
    op.bulk_insert(
        reasons,
        [
            {
                "code": code, "name_ar": name_ar, "name_en": name_en, "position": place,
                "is_closing": listed is CLOSINGS, "asks_words": place == len(listed),
                "is_active": True,
            }
            for listed in (BREAKS, CLOSINGS)
            for place, (code, name_ar, name_en) in enumerate(listed, 1)
        ],
    )  # fmt: skip
    op.create_table(
        "early_closing",
        sa.Column("seat_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["seat_id"], ["counter_session.id"], name=op.f("fk_early_closing_seat_id_counter_session")
        ),
        sa.PrimaryKeyConstraint("seat_id", name=op.f("pk_early_closing")),
    )


def downgrade() -> None:
    op.drop_table("early_closing")
    op.drop_table("pause_reason")
