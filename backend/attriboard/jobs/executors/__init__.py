"""Where work on the models runs. Nothing outside this folder knows which executor it is.

executor.run(model name, work, run) -> what work(model, run=run) returns

A work is called with a model and the keyword `run`, and can be pickled:
`partial(engine.attribute, inputs=..., method=...)`.
"""

from attriboard.jobs.executors.base import Executor, Work, WorkerDied
from attriboard.jobs.executors.isolated import Isolated
from attriboard.jobs.executors.local import Local
from attriboard.jobs.executors.on_ray import OnRay

__all__ = ["Executor", "Isolated", "Local", "OnRay", "Work", "WorkerDied"]
