"""What `workspace.yaml` and `[tool.atoll]` say, read into code locations."""

from atoll_host.workspace.configuration.gathering import open_sources
from atoll_host.workspace.configuration.opening import open_module, open_script, open_workspace

__all__ = ["open_module", "open_script", "open_sources", "open_workspace"]
