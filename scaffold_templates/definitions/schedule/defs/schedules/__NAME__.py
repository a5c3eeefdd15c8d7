"""The schedule __NAME__."""

from atoll import RunRequest, schedule


@schedule(__CRON__, job_name=__JOB__, execution_timezone="UTC")
def __NAME__(context):
    """Start the job, and tag its run with the day."""
    day = context.scheduled_execution_time.strftime("%Y-%m-%d")
    return RunRequest(tags={"day": day})
