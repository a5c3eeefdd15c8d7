from datetime import datetime, timezone

from atoll import build_schedule_context

from __MODULE__ import __NAME__


def test___NAME___tags_its_run_with_the_day():
    moment = datetime(2024, 2, 29, 6, 0, tzinfo=timezone.utc)
    request = __NAME__(build_schedule_context(scheduled_execution_time=moment))
    assert request.tags == {"day": "2024-02-29"}
