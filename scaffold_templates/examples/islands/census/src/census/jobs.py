"""A job that makes no asset: ops are steps, and a job says how they follow one another."""

import atoll

from .resources import Database


@atoll.op
def count_rows(database: Database) -> int:
    return int(database.read("SELECT count(*) AS rows FROM life_expectancy")["rows"][0])


@atoll.op
def compact(context: atoll.OpExecutionContext, database: Database, rows: int) -> None:
    """Give the space of deleted rows back to the disk."""
    database.execute("VACUUM")
    context.log.info("compacted a table of %d rows", rows)


@atoll.job
def housekeeping():
    compact(count_rows())
