from sales.defs.assets.brand_new import brand_new


def test_each_row_of_brand_new_has_an_id_of_its_own():
    rows = brand_new()
    assert len({row["id"] for row in rows}) == len(rows) > 0
