"""The resource warehouse."""

import sqlite3
from contextlib import closing

from atoll import ConfigurableResource


class Warehouse(ConfigurableResource):
    """An SQLite database. A path that differs from machine to machine can be `EnvVar("WAREHOUSE")`."""

    path: str = "warehouse.db"

    def replace_day(self, day: str, rows: list) -> None:
        """Keep the orders of a day, in place of those that were kept before: (id, customer, cents)."""
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute("CREATE TABLE IF NOT EXISTS orders (day TEXT, id INTEGER, customer TEXT, cents INTEGER)")
            connection.execute("DELETE FROM orders WHERE day = ?", [day])
            connection.executemany("INSERT INTO orders VALUES (?, ?, ?, ?)", [(day, *row) for row in rows])

    def query(self, statement: str) -> list:
        """Give the rows that a statement selects."""
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(statement).fetchall()


warehouse = Warehouse()
