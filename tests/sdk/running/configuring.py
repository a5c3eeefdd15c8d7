"""Configuration: held against its schema before anything starts, every problem at once with its path."""

# ruff: noqa: UP006, UP035, UP045, RUF012, LOG001 -- the forms that users of 3.8 write

import enum
import os
from typing import Dict, List, Optional, Tuple

from helping import Watched, raises, taken

import atoll


class Color(enum.Enum):
    RED = "red"


class Table(atoll.Config):
    name: str
    rows: int = 0


class Settings(atoll.Config):
    label: str
    limit: int = 10
    ratio: float = 1.0
    color: Color = Color.RED
    tables: List[Table] = []
    named: Dict[str, Table] = {}
    main: Optional[Table] = None
    pair: Tuple[int, str] = (1, "a")


@atoll.asset
def configured(config: Settings):
    return config


@atoll.asset
def loose(context):
    return context.op_config


def _config(**values):
    return {"ops": {"configured": {"config": values}}}


def _problems(config, assets=(configured,), **options):
    with raises(atoll.InvalidConfigError) as caught:
        atoll.materialize(list(assets), config, **options)
    return {problem["path"]: problem["message"] for problem in caught[0].problems}


def values_become_the_objects_that_are_annotated():
    given = _config(
        label="x", ratio=2, color="red", tables=[{"name": "t"}], named={"a": {"name": "u", "rows": 2}},
        main={"name": "m"}, pair=[2, "b"],
    )  # fmt: skip
    found = atoll.materialize([configured], given).asset_value("configured")
    assert found == Settings(
        label="x", ratio=2.0, color=Color.RED, tables=[Table(name="t")], named={"a": Table(name="u", rows=2)},
        main=Table(name="m"), pair=(2, "b"),
    )  # fmt: skip
    assert isinstance(found.ratio, float)


def a_run_config_object_will_do():
    config = atoll.RunConfig(ops={"configured": Settings(label="y")})
    assert atoll.materialize([configured], config).asset_value("configured").label == "y"


def every_problem_is_told_with_its_path():
    config = {
        "ops": {
            "configured": {"config": {"limt": 1, "ratio": "a", "tables": [{"name": 1}, {}], "named": {"a": {"x": 1}}}},
            "confgured": {"config": {}},
            "loose": {"konfig": 1},
        },
        "resources": {"zzz": {"config": {}}},
        "loggers": {"zzz": {}},
        "opps": {},
    }
    with raises(atoll.DefinitionError, "unknown section 'opps'"):
        atoll.materialize([configured], config)
    del config["opps"]
    assert _problems(config, [configured, loose]) == {
        "ops.confgured": "there is no op or asset 'confgured'",
        "ops.loose.konfig": "there is no entry 'konfig'",
        "ops.configured.config.limt": "Settings has no field 'limt'",
        "ops.configured.config.label": "Settings needs a value",
        "ops.configured.config.ratio": "must be float, not 'a'",
        "ops.configured.config.tables[0].name": "must be str, not 1",
        "ops.configured.config.tables[1].name": "Table needs a value",
        "ops.configured.config.named.a.x": "Table has no field 'x'",
        "ops.configured.config.named.a.name": "Table needs a value",
        "resources.zzz": "there is no resource 'zzz'",
        "loggers.zzz": "there is no logger 'zzz'",
    }


def a_hint_names_what_was_meant():
    with raises(atoll.InvalidConfigError, "did you mean 'limit'?") as caught:
        atoll.materialize([configured], _config(label="x", limt=1))
    assert "ops.configured.config.limt: Settings has no field 'limt'" in str(caught[0])


def configuration_that_is_required_and_missing_is_told():
    assert _problems(None) == {"ops.configured.config.label": "Settings needs a value"}


def wrong_shapes_are_told():
    assert _problems({"ops": 5}) == {
        "ops": "must be an object, not 5", "ops.configured.config.label": "Settings needs a value",
    }  # fmt: skip
    assert _problems({"ops": {"configured": 5}})["ops.configured"] == "must be an object with 'config', not 5"
    assert _problems({"ops": {"configured": {"config": [1]}}}) == {
        "ops.configured.config": "must be an object, not [1]"
    }


def a_function_without_a_config_class_gets_what_is_given():
    config = {"ops": {"loose": {"config": {"any": [1, {"x": None}]}}}}
    assert atoll.materialize([loose], config).asset_value("loose") == {"any": [1, {"x": None}]}
    assert atoll.materialize([loose]).asset_value("loose") is None


def the_users_own_validation_is_a_problem_too():
    class Picky(atoll.Config):
        n: int

        def __init__(self, **values):
            super().__init__(**values)
            if self.n < 0:
                raise ValueError("n must not be negative")

    @atoll.asset
    def picky(config: Picky): ...

    problems = _problems({"ops": {"picky": {"config": {"n": -1}}}}, [picky])
    assert problems == {"ops.picky.config": "n must not be negative"}


def a_default_of_the_parameter_is_kept():
    @atoll.asset
    def a(config: Settings = Settings(label="default")):  # noqa: B008 -- what is tested
        return config.label

    assert atoll.materialize([a]).asset_value("a") == "default"


class Database(Watched):
    host: str
    port: int = 1
    password: str = ""

    def setup_for_execution(self, context):
        pass


@atoll.asset
def reading(db: Database):
    return f"{db.host}:{db.port}"


def configuration_changes_fields_of_a_resource():
    db = Database(name="db", host="h")
    config = {"resources": {"db": {"config": {"host": "other", "port": 2}}}}
    assert atoll.materialize([reading], config, resources={"db": db}).asset_value("reading") == "other:2"
    assert db.host == "h"
    taken()
    wrong = {"resources": {"db": {"config": {"host": 1, "prt": 2}}}}
    assert _problems(wrong, [reading], resources={"db": db}) == {
        "resources.db.config.host": "must be str, not 1",
        "resources.db.config.prt": "Database has no field 'prt'",
    }


def a_resource_without_fields_takes_no_configuration():
    config = {"resources": {"db": {"config": {"a": 1}}}}

    @atoll.asset(required_resource_keys={"db"})
    def a(): ...

    assert _problems(config, [a], resources={"db": object()}) == {
        "resources.db.config": "this resource takes no configuration"
    }


def variables_are_read_when_a_run_uses_them():
    db = Database(name="db", host=atoll.EnvVar("ATOLL_CASE_HOST"), port=atoll.EnvVar.int("ATOLL_CASE_PORT"))
    assert _problems(None, [reading], resources={"db": db}) == {
        "resources.db.host": "environment variable ATOLL_CASE_HOST is not set",
        "resources.db.port": "environment variable ATOLL_CASE_PORT is not set",
    }
    os.environ.update(ATOLL_CASE_HOST="example", ATOLL_CASE_PORT="7")
    try:
        assert atoll.materialize([reading], resources={"db": db}).asset_value("reading") == "example:7"
        os.environ["ATOLL_CASE_PORT"] = "seven"
        assert "must be a whole number" in _problems(None, [reading], resources={"db": db})["resources.db.port"]
    finally:
        del os.environ["ATOLL_CASE_HOST"], os.environ["ATOLL_CASE_PORT"]
    taken()


def configuration_may_name_variables():
    os.environ.update(ATOLL_CASE_LABEL="from outside", ATOLL_CASE_LIMIT="8")
    try:
        config = _config(label={"env": "ATOLL_CASE_LABEL"}, limit={"env": "ATOLL_CASE_LIMIT"})
        found = atoll.materialize([configured], config).asset_value("configured")
        assert (found.label, found.limit) == ("from outside", 8)
    finally:
        del os.environ["ATOLL_CASE_LABEL"], os.environ["ATOLL_CASE_LIMIT"]
    assert set(_problems(config)) == {"ops.configured.config.label", "ops.configured.config.limit"}


def ops_in_graphs_are_configured_by_their_path():
    @atoll.op
    def inner(config: Settings):
        return config.label

    @atoll.graph
    def part():
        return inner()

    @atoll.job
    def whole():
        part()

    def wrap(config):
        return {"ops": {"part": {"ops": {"inner": {"config": config}}}}}

    result = whole.execute_in_process(run_config=wrap({"label": "deep"}))
    assert result.output_for_node("part.inner") == "deep"
    with raises(atoll.InvalidConfigError, "ops.part.ops.inner.config.label: must be str, not 1"):
        whole.execute_in_process(run_config=wrap({"label": 1}))
    with raises(atoll.InvalidConfigError, "ops.part.ops.innr: there is no op or asset 'innr'"):
        whole.execute_in_process(run_config={"ops": {"part": {"ops": {"innr": {}}}}})


def a_jobs_own_configuration_is_used_where_none_is_given():
    job = atoll.define_asset_job("j", config=_config(label="own"))
    resolved = atoll.Definitions(assets=[configured], jobs=[job]).get_job_def("j")
    assert resolved.execute_in_process().asset_value("configured").label == "own"
    result = resolved.execute_in_process(run_config=_config(label="other"))
    assert result.asset_value("configured").label == "other"


def loggers_are_used_where_the_configuration_names_them():
    import logging

    records = []

    @atoll.logger(description="Keeps.")
    def keeping(context):
        logger = logging.Logger("kept", context.logger_config["level"])
        logger.addHandler(type("H", (logging.Handler,), {"emit": lambda _, record: records.append(record.msg)})())
        return logger

    @atoll.op
    def talk(context):
        context.log.info("low")
        context.log.error("high")

    @atoll.job(logger_defs={"keeping": keeping})
    def talking():
        talk()

    talking.execute_in_process(run_config={"loggers": {"keeping": {"config": {"level": "ERROR"}}}})
    assert records == ["high"]
