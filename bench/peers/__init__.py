"""What a user could take instead of our engine, at the same work: runs in `.peers`, an environment of its own.

The work is an approval by county, city and province. Every approval is one durable transaction, begun from a task and
a person alone: the case is locked, guard and permission are checked, its state changes, a history row is added, the
task is closed, the next one opened with a deadline in working days, a message put out. Held equal with ours: database
and server, WAL with `synchronous=FULL` or `fsync` and `synchronous_commit` on, one commit an approval. In the peers'
favour: their working days know no holidays, their history is not chained, nothing is repeatable.
"""
