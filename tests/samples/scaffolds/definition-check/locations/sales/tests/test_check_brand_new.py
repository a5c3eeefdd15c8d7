from sales.defs.checks.brand_new import brand_new


def test_brand_new_passes_where_there_are_rows():
    assert brand_new([{"id": 1}]).passed


def test_brand_new_fails_where_there_are_none():
    assert not brand_new([]).passed
