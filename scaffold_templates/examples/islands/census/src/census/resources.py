"""The database, as SQLAlchemy 1.4 sees it."""

import atoll
import pandas
from sqlalchemy import create_engine
from sqlalchemy.engine import Engine


class Database(atoll.ConfigurableResource):
    """Where the figures are kept."""

    url: str

    def connect(self) -> Engine:
        return create_engine(self.url)

    def write(self, frame: pandas.DataFrame, table: str) -> None:
        frame.to_sql(table, self.connect(), if_exists="replace", index=False)

    def read(self, statement: str) -> pandas.DataFrame:
        return pandas.read_sql(statement, self.connect())

    def execute(self, statement: str) -> None:
        # An engine that executes plain text is what SQLAlchemy 2 took away.
        self.connect().execute(statement)
