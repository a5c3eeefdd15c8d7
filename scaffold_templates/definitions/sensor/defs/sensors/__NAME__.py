"""The sensor __NAME__."""

from pathlib import Path

from atoll import RunRequest, SkipReason, sensor


@sensor(job_name=__JOB__, minimum_interval_seconds=60)
def __NAME__(context):
    """Start the job when a file has come into the folder `inbox`."""
    newest = max((file.name for file in Path("inbox").glob("*")), default=None)
    if newest is None or newest == context.cursor:
        return SkipReason("no new file in inbox")
    context.update_cursor(newest)
    return RunRequest(run_key=newest)
