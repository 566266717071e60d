"""Jobs: the queue, its workers, the result store, and the session that holds them together.

session = Session(board, store_path | None)      # nothing runs yet
session.start(report=None)                       # predictions of all examples, behind
session.attributions(request) -> list[dict] | Job    # the stored metas, or the job under way
session.measurements(request, metrics) -> list[dict] | Job   # how far they can be trusted
session.sweeps.state(query, request) -> SweepState   # contributions of very many examples
session.sweeps.start(query, request) -> Job | None   # None where all are there
session.estimate(request) -> {"passes", "examples", "stored"}
session.result(key) -> bytes | None              # a stored result's safetensors
session.snapshot(key) -> bytes | None            # an unfinished one's, while its job runs
session.predict(model, example index) -> Tensor  # the model's raw output, (1, ...)
session.predict_job -> Job | None
session.close()                                  # cancels and joins; bounded time
session.board, .catalog, .queue, .store

job.view() -> {"id", "kind", "state", "progress", "results", "error"?}
job.events(after) / job.subscribe(listener, after=None) -> unsubscribe
job.acquire() / job.release() while someone waits; job.touch() when someone only looks
job.cancel(), job.wait(timeout)
queue.get(id), queue.jobs(), queue.cancel(id)
"""
