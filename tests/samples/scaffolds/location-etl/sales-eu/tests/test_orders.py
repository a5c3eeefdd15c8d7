from pathlib import Path

from atoll import build_asset_context

from sales_eu.defs.assets.order_totals import order_totals
from sales_eu.defs.assets.orders import orders
from sales_eu.defs.checks.orders_have_customers import orders_have_customers
from sales_eu.defs.resources.inbox import Inbox

INBOX = Inbox(folder=str(Path(__file__).parent.parent / "data" / "orders"))


def refresh(day, warehouse, inbox=INBOX):
    context = build_asset_context(partition_key=day)
    return orders(context, inbox=inbox, warehouse=warehouse)


def test_the_orders_of_a_day_are_read_from_its_file(warehouse):
    assert refresh("2024-01-01", warehouse).metadata == {"rows": 2, "cents": 2240}
    assert refresh("2024-01-03", warehouse).metadata == {"rows": 0, "cents": 0}


def test_a_day_that_is_refreshed_again_is_not_counted_twice(warehouse):
    for day in ("2024-01-01", "2024-01-02", "2024-01-02"):
        refresh(day, warehouse)
    totals = order_totals(warehouse=warehouse).metadata["totals"]
    assert totals == {"Ada": 1650, "Grace": 990}


def test_an_order_without_a_customer_is_found(warehouse, tmp_path):
    refresh("2024-01-01", warehouse)
    assert orders_have_customers(warehouse=warehouse).passed

    file = tmp_path / "2024-01-02.csv"
    file.write_text("id,customer,cents\n3,,400\n", encoding="utf-8")
    refresh("2024-01-02", warehouse, Inbox(folder=str(tmp_path)))
    assert not orders_have_customers(warehouse=warehouse).passed
