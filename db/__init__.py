"""The truth: tables, migrations, the pool, and every SQL statement of the project.

tables/        SQLModel classes: the tables and the typed rows
states         the words that stand in the rows
connection     Database, open_pool, connect, transaction, Executor, Pool
crypto         sealing provider keys, fingerprints of keys
accept         creating jobs        reads           what the faces show
fairness       a queued row's tag   lane_settings   lanes found, made and changed
create_calls   creates sent again    idempotency     writes under a key, with their answers
claims         queued -> submitting submissions     facts about paid calls
transitions    the owner's steps    steering        a person's steps: cancel, retry, resolve, delete
workers        leases and adoption  ledger          reserve, settle, release
copies         providers' copies to remove
labels         ids that a submission's label brings back
pooler          what a transaction pooler takes from a session
images         inputs, each kept once  files           uploads of clients
history        is it the newest?    restoring       what a restored dump does not know
installation   id and pause of all  retention       what may go, and when
"""
