"""A location that uses every keyword argument of every public constructor and decorator of the SDK."""

import logging

import atoll

# --- partitions -----------------------------------------------------------------------------------------------------

hourly = atoll.HourlyPartitionsDefinition(
    start_date="2024-01-01-00:00",
    end_date="2025-01-01-00:00",
    minute_offset=15,
    timezone="Europe/Berlin",
    fmt="%Y-%m-%d-%H:%M",
    end_offset=2,
    exclusions=["2024-05-01-00:00"],
)
daily = atoll.DailyPartitionsDefinition(
    start_date="2024-01-01",
    end_date="2025-01-01",
    minute_offset=5,
    hour_offset=6,
    timezone="UTC",
    fmt="%Y-%m-%d",
    end_offset=1,
    exclusions=["2024-12-25"],
)
plain_daily = atoll.DailyPartitionsDefinition(start_date="2023-01-01")
weekly = atoll.WeeklyPartitionsDefinition(
    start_date="2024-01-07",
    end_date="2025-01-05",
    minute_offset=1,
    hour_offset=2,
    day_offset=3,
    timezone="America/New_York",
    fmt="%Y-%m-%d",
    end_offset=-1,
    exclusions=["2024-02-04"],
)
monthly = atoll.MonthlyPartitionsDefinition(
    start_date="2024/01",
    end_date="2025/01",
    minute_offset=4,
    hour_offset=5,
    day_offset=6,
    timezone="Asia/Tokyo",
    fmt="%Y/%m",
    end_offset=3,
    exclusions=["2024/02"],
)
windows = atoll.TimeWindowPartitionsDefinition(
    start="2024-01-01",
    fmt="%Y-%m-%d",
    end="2024-06-01",
    schedule_type=atoll.ScheduleType.MONTHLY,
    timezone="UTC",
    end_offset=1,
    minute_offset=7,
    hour_offset=8,
    day_offset=9,
    exclusions=["2024-03-01"],
)
cron_windows = atoll.TimeWindowPartitionsDefinition(start="2024-01-01", fmt="%Y-%m-%d", cron_schedule="0 0 * * 1-5")
regions = atoll.StaticPartitionsDefinition(partition_keys=["eu", "us"])
places = atoll.StaticPartitionsDefinition(partition_keys=["berlin", "boston"])
customers = atoll.DynamicPartitionsDefinition(name="customers")
grid = atoll.MultiPartitionsDefinition(partitions_defs={"day": plain_daily, "region": regions})

# --- resources ------------------------------------------------------------------------------------------------------


class Vault(atoll.ConfigurableResource):
    """Where secrets are."""

    address: str = "https://vault"
    token: str = "unsafe"


class Database(atoll.ConfigurableResource):
    """A database."""

    host: str
    port: int = 5432
    password: str = ""
    vault: Vault
    retries: int = 1


class Files(atoll.ConfigurableIOManager):
    folder: str

    def handle_output(self, context, obj):
        """Store nothing."""

    def load_input(self, context):
        return None


class Settings(atoll.Config):
    """How much."""

    limit: int = 10
    label: str
    api_key: str = "unsafe"


vault = Vault(token=atoll.EnvVar("VAULT_TOKEN"))
database = Database(
    host=atoll.EnvVar(name="DB_HOST"), port=atoll.EnvVar.int(name="DB_PORT"), password="unsafe", vault=vault
)

retry = atoll.RetryPolicy(max_retries=3, delay=1.5, backoff=atoll.Backoff.EXPONENTIAL, jitter=atoll.Jitter.PLUS_MINUS)


@atoll.logger(description="Writes to a file.")
def file_logger(init_context):
    return logging.getLogger("file")


console_logger = atoll.LoggerDefinition(logger_fn=lambda init_context: logging.getLogger("c"), description="Console.")


@atoll.success_hook(name="tell", required_resource_keys={"vault"})
def tell_success(context):
    """Tell that it went well."""


@atoll.failure_hook(name="complain", required_resource_keys={"vault"})
def complain_of(context):
    """Tell that it failed."""


tell, complain = tell_success, complain_of


@atoll.resource(description="A connection.", required_resource_keys={"vault"})
def connection(context):
    yield 1


@atoll.io_manager(description="Values in a table.", required_resource_keys={"vault"})
def tables(context):
    return Files(folder="t")


# --- assets ---------------------------------------------------------------------------------------------------------

raw = atoll.AssetSpec(
    key="lake/raw",
    deps=["upstream_of_raw"],
    description="Raw rows.",
    metadata={"rows": 3},
    skippable=True,
    group_name="lake",
    code_version="7",
    owners=["team:lake"],
    tags={"tier": "bronze"},
    kinds=["parquet"],
    partitions_def=daily,
)
columns = atoll.TableSchema(columns=[atoll.TableColumn(name="id", type="int", description="The number.")])
shown = atoll.AssetSpec(
    key="shown",
    metadata={
        "text": atoll.MetadataValue.text(text="t"),
        "md": atoll.MetadataValue.md(data="**m**"),
        "url": atoll.MetadataValue.url(url="https://x"),
        "path": atoll.MetadataValue.path(path="/p"),
        "notebook": atoll.MetadataValue.notebook(path="/n.ipynb"),
        "json": atoll.MetadataValue.json(data={"a": [1]}),
        "artifact": atoll.MetadataValue.python_artifact(python_artifact=logging.Logger),
        "int": atoll.MetadataValue.int(value=1),
        "float": atoll.MetadataValue.float(value=1.5),
        "bool": atoll.MetadataValue.bool(value=True),
        "null": atoll.MetadataValue.null(),
        "timestamp": atoll.MetadataValue.timestamp(value=1700000000.0),
        "asset": atoll.MetadataValue.asset(asset_key="lake/raw"),
        "job": atoll.MetadataValue.job(job_name="nightly"),
        "table": atoll.MetadataValue.table(records=[atoll.TableRecord(data={"id": 1})], schema=columns),
        "schema": atoll.MetadataValue.table_schema(schema=columns),
    },
)


@atoll.asset(
    name="orders",
    key_prefix=["shop", "core"],
    ins={
        "rows": atoll.AssetIn(
            key="lake/raw",
            metadata={"columns": ["id"]},
            input_manager_key="files",
            partition_mapping=atoll.TimeWindowPartitionMapping(
                start_offset=-1, end_offset=0, allow_nonexistent_upstream_partitions=True
            ),
        ),
        "prices": atoll.AssetIn(key_prefix=["lake"]),
    },
    deps=[
        atoll.AssetDep(
            asset="windowed",
            partition_mapping=atoll.TimeWindowPartitionMapping(end_offset=2),
            metadata={"why": "order"},
        )
    ],
    metadata={"unit": "EUR"},
    tags={"tier": "silver"},
    description="Orders of the shop.",
    required_resource_keys={"database"},
    io_manager_key="files",
    partitions_def=daily,
    op_tags={"cpu": "2"},
    group_name="shop",
    output_required=False,
    retry_policy=retry,
    pool="warehouse",
    code_version="12",
    check_specs=[
        atoll.AssetCheckSpec(
            name="not_empty",
            asset="shop/core/orders",
            description="Has rows.",
            additional_deps=["lake/raw"],
            blocking=True,
            metadata={"threshold": 1},
        )
    ],
    owners=["shop@example.com", "team:shop"],
    kinds={"python", "duckdb"},
)
def make_orders(context, rows, prices: int = 1, *, vault: Vault, config: Settings) -> list:
    return rows


@atoll.asset(key=["lake", "prices"])
def make_prices():
    """What things cost."""


@atoll.asset(partitions_def=hourly)
def ticks(): ...


@atoll.asset(partitions_def=weekly)
def weeks(ticks): ...


@atoll.asset(partitions_def=monthly)
def months(weeks): ...


@atoll.asset(partitions_def=windows)
def windowed(): ...


@atoll.asset(partitions_def=cron_windows)
def working_days(): ...


@atoll.asset(partitions_def=customers)
def profiles(): ...


@atoll.asset(partitions_def=regions)
def by_region(): ...


@atoll.asset(partitions_def=grid)
def by_both(): ...


@atoll.asset(
    partitions_def=places,
    deps=[
        atoll.AssetDep(
            "by_region",
            partition_mapping=atoll.StaticPartitionMapping(
                downstream_partition_keys_by_upstream_partition_key={"eu": "berlin", "us": ["boston"]}
            ),
        ),
        atoll.AssetDep("profiles", partition_mapping=atoll.AllPartitionMapping()),
        atoll.AssetDep("ticks", partition_mapping=atoll.LastPartitionMapping()),
        atoll.AssetDep(
            "weeks", partition_mapping=atoll.SpecificPartitionsPartitionMapping(partition_keys=["2024-01-07"])
        ),
    ],
)
def by_place(): ...


@atoll.asset(
    partitions_def=regions,
    deps=[
        atoll.AssetDep(
            "by_both",
            partition_mapping=atoll.MultiToSingleDimensionPartitionMapping(
                partition_dimension_name="region", partition_mapping=atoll.IdentityPartitionMapping()
            ),
        )
    ],
)
def from_both(): ...


@atoll.asset(
    partitions_def=atoll.MultiPartitionsDefinition({"date": plain_daily, "area": regions}),
    deps=[
        atoll.AssetDep(
            "by_both",
            partition_mapping=atoll.MultiPartitionMapping(
                downstream_mappings_by_upstream_dimension={
                    "day": atoll.DimensionPartitionMapping(
                        dimension_name="date", partition_mapping=atoll.TimeWindowPartitionMapping(-1, -1)
                    ),
                    "region": atoll.DimensionPartitionMapping("area", atoll.IdentityPartitionMapping()),
                }
            ),
        )
    ],
)
def turned(): ...


@atoll.multi_asset(
    outs={
        "left": atoll.AssetOut(
            key_prefix=["pair"],
            description="The left one.",
            is_required=False,
            io_manager_key="files",
            metadata={"side": "left"},
            code_version="3",
            owners=["team:pairs"],
            tags={"side": "left"},
            kinds=["csv"],
        ),
        "right": atoll.AssetOut(key="pair/other", group_name="pairs"),
    },
    name="make_pair",
    ins={"rows": atoll.AssetIn("lake/raw")},
    deps=["shown"],
    description="Makes both.",
    required_resource_keys=["database"],
    internal_asset_deps={"right": ["pair/left"]},
    partitions_def=daily,
    op_tags={"cpu": "4"},
    can_subset=True,
    group_name="pairs",
    retry_policy=atoll.RetryPolicy(max_retries=9),
    pool="warehouse",
)
def pair(context, rows): ...


@atoll.multi_asset(
    specs=[atoll.AssetSpec("twin_a"), atoll.AssetSpec("twin_b", deps=["twin_a"])],
    check_specs=[atoll.AssetCheckSpec("same", asset="twin_b")],
    code_version="2",
)
def twins(): ...


# --- ops and graphs -------------------------------------------------------------------------------------------------


@atoll.op(
    name="fetch",
    description="Gets them.",
    ins={
        "count": atoll.In(
            dagster_type=int,
            description="How many.",
            default_value=5,
            metadata={"least": 0},
            input_manager_key="files",
        ),
        "source": atoll.In(asset_key="lake/raw"),
        "start": atoll.In(atoll.Nothing),
    },
    out={
        "good": atoll.Out(
            dagster_type=str,
            description="Good ones.",
            is_required=False,
            io_manager_key="files",
            metadata={"kept": True},
            code_version="5",
        ),
        "bad": atoll.Out(),
    },
    required_resource_keys={"database"},
    tags={"cpu": "1"},
    code_version="8",
    retry_policy=atoll.RetryPolicy(max_retries=4, delay=2),
    pool="warehouse",
)
def fetch_op(context, count, source, config: Settings): ...


@atoll.op
def join(left, right):
    return [left, right]


@atoll.op(out=atoll.Out(description="The only one."))
def begin(): ...


@atoll.graph(name="cleaning", description="Cleans.", tags={"part": "clean"})
def clean(raw_rows):
    good, bad = fetch_op.alias("first_fetch")(start=raw_rows)
    return join(good, bad)


@atoll.job(
    name="cleanup",
    description="Cleans up.",
    resource_defs={"database": database},
    config=atoll.RunConfig(
        ops={"begin_2": Settings(label="x")},
        resources={"database": {"config": {"host": "h"}}},
        loggers={"console": {"config": {"level": "INFO"}}},
        execution={"config": {"max_concurrent": 2}},
    ),
    tags={"team": "a"},
    run_tags={"note": "any text!"},
    metadata={"page": "wiki"},
    logger_defs={"console": console_logger},
    executor_def=atoll.multiprocess_executor.configured(config={"max_concurrent": 2}),
    op_retry_policy=atoll.RetryPolicy(1, 0.5, atoll.Backoff.LINEAR, atoll.Jitter.FULL),
    hooks=[tell, complain],
    partitions_def=plain_daily,
)
def cleanup_job():
    clean(begin.tag({"node": "one"}).with_retry_policy(atoll.RetryPolicy(max_retries=6))())
    join(begin(), [begin.alias("third")()])


@atoll.graph(name="lone", tags={"from": "graph"})
def lone():
    begin()


graph_job = lone.to_job(
    name="lone_job",
    description="Alone.",
    resource_defs={"vault": vault},
    config={"ops": {"begin": {"config": 1}}},
    tags={"team": "b"},
    run_tags={"note": "other"},
    metadata={"page": "book"},
    logger_defs={"file": file_logger},
    executor_def=atoll.in_process_executor,
    op_retry_policy=atoll.RetryPolicy(max_retries=2),
    hooks=[tell],
    partitions_def=regions,
)


@atoll.graph_asset(
    name="merged",
    description="Of two ops.",
    ins={"twin": atoll.AssetIn("twin_a")},
    key_prefix="graphs",
    group_name="graphs",
    partitions_def=plain_daily,
    metadata={"made": "by graph"},
    tags={"kind": "graph"},
    owners=["team:graphs"],
    kinds=["python"],
    check_specs=[atoll.AssetCheckSpec("is_merged", asset="graphs/merged")],
    code_version="4",
)
def merged(twin):
    return join(twin, begin())


@atoll.graph_asset(key="graphs/second")
def second():
    return begin()


# --- checks ---------------------------------------------------------------------------------------------------------


@atoll.asset_check(
    asset=make_orders,
    name="plausible",
    description="Looks right.",
    blocking=True,
    additional_ins={"prices": atoll.AssetIn("lake/prices")},
    additional_deps=["shown"],
    required_resource_keys={"database"},
    metadata={"limit": 0.5},
    op_tags={"cpu": "1"},
    retry_policy=atoll.RetryPolicy(max_retries=7),
    pool="warehouse",
)
def check_plausible(context, orders, prices):
    return atoll.AssetCheckResult(passed=True)


@atoll.multi_asset_check(
    specs=[atoll.AssetCheckSpec("fresh", asset="shown"), atoll.AssetCheckSpec("fresh", asset="lake/prices")],
    name="freshness",
    description="All are fresh.",
    can_subset=True,
    required_resource_keys=["database"],
    op_tags={"cpu": "3"},
    retry_policy=atoll.RetryPolicy(max_retries=8),
    pool="warehouse",
)
def check_fresh(context): ...


# --- jobs, schedules, sensors ---------------------------------------------------------------------------------------

nightly = atoll.define_asset_job(
    name="nightly",
    selection='key:"shop/core/orders" or group:"nothing here"',
    config={"ops": {"shop__core__orders": {"config": {"label": "n"}}}},
    description="Every night.",
    tags={"team": "night"},
    run_tags={"note": "dark"},
    metadata={"page": "night"},
    partitions_def=daily,
    executor_def=atoll.in_process_executor,
    op_retry_policy=atoll.RetryPolicy(max_retries=5),
    hooks=[complain],
)

SELECTIONS = {
    "all_of_it": atoll.AssetSelection.all(include_sources=True) - atoll.AssetSelection.key_prefixes("shop"),
    "assets": atoll.AssetSelection.assets(make_prices, raw) | atoll.AssetSelection.keys("twin_a", "twin_b"),
    "groups": atoll.AssetSelection.groups("pairs", "graphs", include_sources=True),
    "tag": atoll.AssetSelection.tag(key="tier", value="silver", include_sources=True),
    "kind": atoll.AssetSelection.kind(kind="python", include_sources=True),
    "owner": atoll.AssetSelection.owner(owner="team:shop", include_sources=True),
    "prefixes": atoll.AssetSelection.key_prefixes(["lake"], include_sources=True),
    "substring": atoll.AssetSelection.key_substring(key_substring="win", include_sources=True),
    "checks": atoll.AssetSelection.checks(check_plausible) | atoll.AssetSelection.checks_for_assets("shown"),
    "all_checks": atoll.AssetSelection.all_asset_checks(),
    "text": atoll.AssetSelection.from_string(string='+key:"twin_b" and not tag:tier'),
    "upstream": atoll.AssetSelection.keys("months").upstream(depth=1, include_self=False),
    "downstream": atoll.AssetSelection.keys("ticks").downstream(depth=2, include_self=False),
    "shape": atoll.AssetSelection.keys("ticks").downstream().roots() | atoll.AssetSelection.keys("twin_b").sinks(),
    "rest": atoll.AssetSelection.keys("twin_a").required_multi_asset_neighbors().materializable().without_checks(),
}


def make_sensor(name, selection):
    @atoll.sensor(name=f"sensor_{name}", target=selection)
    def look(context): ...

    return look


selection_sensors = [make_sensor(name, selection) for name, selection in SELECTIONS.items()]


def never(context):
    return False


def decide(context):
    """Decides."""
    return atoll.RunRequest()


by_hand = atoll.ScheduleDefinition(
    name="by_hand",
    cron_schedule=["0 6 * * *", "30 18 * * MON-FRI"],
    job_name="cleanup",
    run_config={"ops": {}},
    tags={"when": "morning"},
    should_execute=never,
    execution_timezone="Europe/Paris",
    description="Mornings.",
    default_status=atoll.DefaultScheduleStatus.RUNNING,
    metadata={"page": "m"},
)
with_function = atoll.ScheduleDefinition(
    name="with_function",
    cron_schedule="@daily",
    job=nightly,
    execution_fn=decide,
    required_resource_keys={"database"},
)
of_assets = atoll.ScheduleDefinition(name="of_assets", cron_schedule="0 0 1 * *", target=[make_prices])


@atoll.schedule(
    cron_schedule="*/5 * * * *",
    job_name="lone_job",
    name="every_five",
    tags={"when": "often"},
    metadata={"page": "f"},
    should_execute=never,
    execution_timezone="UTC",
    description="Often.",
    default_status=atoll.DefaultScheduleStatus.RUNNING,
    required_resource_keys={"vault"},
)
def five(context, database: Database): ...


@atoll.schedule(cron_schedule="0 1 * * *", job=nightly)
def scheduled_job(context): ...


@atoll.schedule(cron_schedule="0 2 * * *", target="group:pairs")
def scheduled_selection(context): ...


followed = atoll.build_schedule_from_partitioned_job(
    job=atoll.define_asset_job(name="weekly_job", selection="weeks", partitions_def=weekly),
    name="weekly_by_hand",
    description="Weekly.",
    minute_of_hour=11,
    hour_of_day=12,
    day_of_week=5,
    default_status=atoll.DefaultScheduleStatus.RUNNING,
    tags={"when": "weekly"},
    execution_timezone="Europe/Rome",
)
followed_monthly = atoll.build_schedule_from_partitioned_job(
    atoll.define_asset_job("monthly_job", "months", partitions_def=monthly), day_of_month=17
)
followed_cron = atoll.build_schedule_from_partitioned_job(
    atoll.define_asset_job("cron_job", "ticks", partitions_def=hourly), cron_schedule="59 * * * *"
)


@atoll.sensor(
    job_name="nightly",
    name="watcher",
    minimum_interval_seconds=45,
    description="Watches.",
    default_status=atoll.DefaultSensorStatus.RUNNING,
    required_resource_keys={"vault"},
    tags={"kind": "watch"},
    metadata={"page": "w"},
)
def watch(context): ...


@atoll.sensor(job=nightly)
def watch_job(context): ...


@atoll.sensor(jobs=[nightly, cleanup_job])
def watch_jobs(context): ...


@atoll.sensor(asset_selection="group:pairs")
def watch_selection(context): ...


@atoll.asset_sensor(
    asset_key="lake/raw",
    job_name="nightly",
    name="raw_arrived",
    minimum_interval_seconds=60,
    description="Raw came.",
    default_status=atoll.DefaultSensorStatus.RUNNING,
    required_resource_keys={"vault"},
    tags={"kind": "asset"},
    metadata={"page": "a"},
)
def on_raw(context, asset_event): ...


@atoll.asset_sensor(asset_key="shown", job=nightly)
def on_shown_job(context, asset_event): ...


@atoll.asset_sensor(asset_key="shown", jobs=[nightly, graph_job])
def on_shown_jobs(context, asset_event): ...


@atoll.asset_sensor(asset_key="shown", target="lake/prices")
def on_shown_target(context, asset_event): ...


@atoll.run_status_sensor(
    run_status=atoll.RunStatus.SUCCEEDED,
    monitored_jobs=[nightly],
    monitor_all_locations=True,
    request_job=cleanup_job,
    name="nightly_done",
    minimum_interval_seconds=15,
    description="Nightly came to its end.",
    default_status=atoll.DefaultSensorStatus.RUNNING,
    required_resource_keys={"vault"},
    tags={"kind": "run"},
    metadata={"page": "r"},
)
def on_nightly(context): ...


@atoll.run_status_sensor(atoll.RunStatus.CANCELED, request_jobs=[nightly, cleanup_job])
def on_canceled(context): ...


@atoll.run_failure_sensor
def on_failure(context): ...


ASSETS = [
    raw, shown, make_orders, make_prices, ticks, weeks, months, windowed, working_days, profiles, by_region, by_both,
    by_place, from_both, turned, pair, twins, merged, second,
]  # fmt: skip
SENSORS = [
    *selection_sensors, watch, watch_job, watch_jobs, watch_selection, on_raw, on_shown_job, on_shown_jobs,
    on_shown_target, on_nightly, on_canceled, on_failure,
]  # fmt: skip

defs = atoll.Definitions(
    assets=ASSETS,
    schedules=[
        by_hand, with_function, of_assets, five, scheduled_job, scheduled_selection, followed, followed_monthly,
        followed_cron,
    ],
    sensors=SENSORS,
    jobs=[nightly, cleanup_job, graph_job],
    resources={
        "database": database, "vault": vault, "files": Files(folder="/data"), "plain": {"a": 1}, "connection": connection,
        "tables": tables,
    },
    executor=atoll.multiprocess_executor.configured(config={"max_concurrent": 3}),
    loggers={"file": file_logger, "console": console_logger},
    asset_checks=[check_plausible, check_fresh],
    metadata={"owner": "everyone"},
)  # fmt: skip
