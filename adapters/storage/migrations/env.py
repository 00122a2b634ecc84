"""What Alembic runs for each command: all steps of a command in one transaction, on a connection that the caller made.

There is no ini file and no URL here.
"""

from __future__ import annotations

from alembic import context

from paystate.adapters.storage.schema import METADATA

_connection = context.config.attributes.get("connection")
if _connection is None:
    raise RuntimeError("migrations are run by paystate.adapters.storage.migrations.steps")
context.configure(connection=_connection, target_metadata=METADATA, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
