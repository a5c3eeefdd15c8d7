"""The sensor brand_new."""

from pathlib import Path

from atoll import RunRequest, SkipReason, sensor


@sensor(job_name="refresh", minimum_interval_seconds=60)
def brand_new(context):
    """Start the job when a file has come into the folder `inbox`."""
    newest = max((file.name for file in Path("inbox").glob("*")), default=None)
    if newest is None or newest == context.cursor:
        return SkipReason("no new file in inbox")
    context.update_cursor(newest)
    return RunRequest(run_key=newest)
