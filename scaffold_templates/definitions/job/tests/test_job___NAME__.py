from atoll import AssetJobDefinition

from __MODULE__ import __NAME__


def test___NAME___is_a_job_of_this_name():
    assert isinstance(__NAME__, AssetJobDefinition)
    assert __NAME__.name == "__NAME__"
