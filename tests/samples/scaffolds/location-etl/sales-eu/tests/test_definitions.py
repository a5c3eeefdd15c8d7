from atoll import Definitions

from sales_eu.definitions import defs


def test_everything_below_defs_can_be_imported():
    assert isinstance(defs, Definitions)
