"""What the rules say of a visit names other visits without a reference that each write and removal checks.

SQLite would make the table anew and copy every visit. As its manual has it for a constraint that is only taken
away, the text of the table is changed instead (sqlite.org/lang_altertable.html, section 7).
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

COLUMNS = ("charged_visit_id", "index_visit_id", "repeat_visit_id")
PLACE = "CONSTRAINT pk_visit PRIMARY KEY (id)"


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        for name in COLUMNS:
            op.drop_constraint(f"fk_visit_{name}_visit", "visit", type_="foreignkey")
        return
    told = _table()
    for name in COLUMNS:
        told, count = re.subn(rf",\s*{re.escape(_reference(name))}", "", told)
        if count != 1:
            raise RuntimeError(f"the table of visits has no reference of {name} to take away")
    _tell(told)


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        for name in COLUMNS:
            op.create_foreign_key(f"fk_visit_{name}_visit", "visit", "visit", [name], ["id"])
        return
    _tell(_table().replace(PLACE, ", \n\t".join([PLACE, *map(_reference, COLUMNS)]), 1))


def _reference(name: str) -> str:
    return f"CONSTRAINT fk_visit_{name}_visit FOREIGN KEY({name}) REFERENCES visit (id)"


def _table() -> str:
    query = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'visit'")
    return str(op.get_bind().execute(query).scalar_one())


def _tell(told: str) -> None:
    version = op.get_bind().exec_driver_sql("PRAGMA schema_version").scalar_one()
    op.execute("PRAGMA writable_schema = ON")
    change = sa.text("UPDATE sqlite_master SET sql = :told WHERE type = 'table' AND name = 'visit'")
    op.get_bind().execute(change, {"told": told})
    op.execute(f"PRAGMA schema_version = {version + 1}")
    op.execute("PRAGMA writable_schema = OFF")
