"""The only layer that starts processes, and the one that ends them."""

from atoll_host.envs.processes.child import Child
from atoll_host.envs.processes.runner import Completed, Runner, RunnerClosedError

__all__ = ["Child", "Completed", "Runner", "RunnerClosedError"]
