"""How the schema came to be what it is, step by step (Alembic).

A new step: change ``storage/tables.py``, write ``versions/NNNN_name.py`` with the next number as ``revision`` and the
one before as ``down_revision``, let it set ``schema_info``, and raise ``VERSION`` in ``storage/schema.py``. A test
fails until steps and models agree on both databases. Tables are changed with ``op.batch_alter_table``, which SQLite
needs. There are no steps back: the way back is the copy that is made before an upgrade.
"""
