from atoll import AssetJobDefinition

from sales.defs.jobs.brand_new import brand_new


def test_brand_new_is_a_job_of_this_name():
    assert isinstance(brand_new, AssetJobDefinition)
    assert brand_new.name == "brand_new"
