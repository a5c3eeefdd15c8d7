import pytest

from sales_eu.defs.resources.warehouse import Warehouse


@pytest.fixture
def warehouse(tmp_path):
    return Warehouse(path=str(tmp_path / "warehouse.db"))
