"""${message}.

A migration must work while the previous release still runs: expand, backfill, contract, in
releases of their own. Data migrations use SQL text and never import app.models. Write the
downgrade, or raise with the reason. Put the new revision into versions/HEAD.
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '10min'")
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
