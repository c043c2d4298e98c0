"""A priority group says in a sentence who is meant."""

import sqlalchemy as sa
from alembic import op

revision = "0084"
down_revision = "0083"
branch_labels = None
depends_on = None

TONGUES = ("meant_ar", "meant_en")
MEANT = {
    "elderly": ("من تقدّمت به السن.", "Whoever is advanced in years."),
    "disability": ("ظاهرة كانت الإعاقة أو غير ظاهرة.", "Whether it can be seen or not."),
    "pregnant": ("في أي شهر من الحمل.", "In any month of the pregnancy."),
    "infant": ("من معه طفل يُحمل أو في عربة.", "Whoever has a child in arms or in a pram."),
}


def upgrade() -> None:
    """Say it of the four groups of the beginning; the others say nothing yet."""
    for tongue in TONGUES:
        op.add_column("priority_group", sa.Column(tongue, sa.Text(), nullable=False, server_default=""))
    groups = sa.table("priority_group", *(sa.column(name) for name in ("code", *TONGUES)))
    for code, said in MEANT.items():
        op.execute(groups.update().where(groups.c.code == code).values(dict(zip(TONGUES, said, strict=True))))


def downgrade() -> None:
    """Leave it to the name."""
    for tongue in TONGUES:
        op.drop_column("priority_group", tongue)
