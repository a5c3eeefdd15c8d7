"""A location as a strict type checker sees it; `reveal_type` lines are compared by the test."""

from typing import Any

import atoll


class Database(atoll.ConfigurableResource):
    host: str
    port: int = 5432

    def read(self) -> list[int]:
        return [self.port]


class Settings(atoll.Config):
    limit: int = 3


class Report(atoll.ConfigurableResource):
    database: atoll.ResourceDependency[Database]


@atoll.asset
def bare() -> int:
    return 1


@atoll.asset(group_name="g", partitions_def=atoll.DailyPartitionsDefinition("2024-01-01"))
def called(context: atoll.AssetExecutionContext, bare: int, database: Database, config: Settings) -> list[int]:
    context.log.info("%s", context.partition_key)
    return [*database.read(), bare, config.limit]


@atoll.asset_check(asset=called)
def check(called: list[int], other: atoll.ResourceParam[Database]) -> atoll.AssetCheckResult:
    return atoll.AssetCheckResult(passed=bool(called and other.host))


@atoll.op
def step() -> int:
    return 1


@atoll.job
def pipeline() -> None:
    step()


@atoll.sensor(job=pipeline)
def watch(context: atoll.SensorEvaluationContext) -> atoll.RunRequest:
    return atoll.RunRequest(run_key=context.cursor)


def build(**options: Any) -> atoll.Definitions:
    return atoll.Definitions(
        assets=[bare, called],
        asset_checks=[check],
        jobs=[pipeline, atoll.define_asset_job("all", atoll.AssetSelection.all() - atoll.AssetSelection.keys("bare"))],
        sensors=[watch],
        resources={"database": Database(host=atoll.EnvVar("HOST"), port=atoll.EnvVar.int("PORT")), **options},
    )


defs = atoll.Definitions.merge(build())
reveal_type(bare)  # noqa: F821 -- known to type checkers alone
reveal_type(called)  # noqa: F821 -- known to type checkers alone
reveal_type(pipeline)  # noqa: F821 -- known to type checkers alone
reveal_type(Report(database=Database(host="x")).database)  # noqa: F821 -- known to type checkers alone
reveal_type(atoll.Output(3))  # noqa: F821 -- known to type checkers alone
Database(host=3)
Database()
atoll.asset(nam="x")
