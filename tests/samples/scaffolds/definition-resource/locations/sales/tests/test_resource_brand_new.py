from sales.defs.resources.brand_new import BrandNew


def test_brand_new_knows_where_its_files_are():
    assert BrandNew(folder="elsewhere").path_of("a.csv") == "elsewhere/a.csv"
