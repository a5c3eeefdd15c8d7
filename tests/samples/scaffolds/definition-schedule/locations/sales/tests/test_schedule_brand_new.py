from datetime import datetime, timezone

from atoll import build_schedule_context

from sales.defs.schedules.brand_new import brand_new


def test_brand_new_tags_its_run_with_the_day():
    moment = datetime(2024, 2, 29, 6, 0, tzinfo=timezone.utc)
    request = brand_new(build_schedule_context(scheduled_execution_time=moment))
    assert request.tags == {"day": "2024-02-29"}
