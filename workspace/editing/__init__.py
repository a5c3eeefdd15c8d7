"""Change a workspace's files without losing a comment or an ordering, all or nothing."""

from atoll_host.workspace.editing.additions import add_location
from atoll_host.workspace.editing.edit import Edit
from atoll_host.workspace.editing.removals import remove_location
from atoll_host.workspace.editing.renames import rename_location
from atoll_host.workspace.editing.transaction import EditRefusedError, Transaction

__all__ = ["Edit", "EditRefusedError", "Transaction", "add_location", "remove_location", "rename_location"]
