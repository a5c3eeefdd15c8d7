"""What is left of a run that did not succeed, done in a new one: the body of `atoll runs retry`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atoll_host.cli.following import open_storage
from atoll_host.cli.running import RunDraft, carry_out_assets, carry_out_job, load_for_run
from atoll_host.runs.planning.retrying import find_rest

if TYPE_CHECKING:
    from atoll_host.cli.result import Result
    from atoll_host.cli.running import RunOptions
    from atoll_host.cli.session import Session
    from atoll_host.runs.launching.launcher import LocalLauncher


def perform_retry(session: Session, launcher: LocalLauncher, text: str, options: RunOptions) -> Result:
    """Do what is left of a run in a new one.

    Raises:
        UsageError: nothing is left, or it still goes on.
    """
    with open_storage(session) as storage:
        rest = find_rest(storage, text)
    draft = RunDraft("runs retry", options, rest.wanted, rest.facts)
    reports = load_for_run(session)
    if rest.job is None:
        draft.facts["selection"] = rest.run.selection
        return carry_out_assets(session, launcher, draft, reports, rest.choose_assets)
    steps, values_from = rest.list_steps(), rest.values_from
    return carry_out_job(session, launcher, draft, reports, rest.job, steps=steps, values_from=values_from)
