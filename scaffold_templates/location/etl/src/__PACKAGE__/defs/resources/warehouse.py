"""The resource warehouse."""

import sqlite3
from contextlib import closing

from atoll import ConfigurableResource

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    day TEXT, id INTEGER, customer TEXT, cents INTEGER
)
"""


class Warehouse(ConfigurableResource):
    """An SQLite database.

    A path that differs from machine to machine can be `EnvVar("WAREHOUSE")`.
    """

    path: str = "warehouse.db"

    def replace_day(self, day: str, rows: list) -> None:
        """Keep the orders of a day (id, customer, cents), in place of earlier ones."""
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute(SCHEMA)
            connection.execute("DELETE FROM orders WHERE day = ?", [day])
            filled = [(day, *row) for row in rows]
            connection.executemany("INSERT INTO orders VALUES (?, ?, ?, ?)", filled)

    def query(self, statement: str) -> list:
        """Give the rows that a statement selects."""
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(statement).fetchall()


warehouse = Warehouse()
