"""The schedule brand_new."""

from atoll import RunRequest, schedule


@schedule("0 6 * * *", job_name="refresh", execution_timezone="UTC")
def brand_new(context):
    """Start the job, and tag its run with the day."""
    day = context.scheduled_execution_time.strftime("%Y-%m-%d")
    return RunRequest(tags={"day": day})
