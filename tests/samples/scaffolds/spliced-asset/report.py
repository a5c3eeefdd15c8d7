from atoll import Definitions, asset


@asset
def brand_new() -> list:
    """Rows of brand_new: say here what one of them is."""
    return [{"id": 1}, {"id": 2}]


defs = Definitions(assets=[brand_new])
