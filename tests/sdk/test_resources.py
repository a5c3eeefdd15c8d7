"""Classes with typed fields: resources, config, environment variables."""

import enum
import textwrap
from typing import Any, ClassVar, Dict, List, Literal, Optional, Tuple, Union  # noqa: UP035 -- users of 3.8 write these

import pytest

import atoll
from atoll import DefinitionError, EnvVar


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Inner(atoll.Config):
    n: int = 1


class Everything(atoll.Config):
    """All kinds of fields."""

    # ruff: noqa: UP006, UP007, UP045, RUF012 -- the forms that users of 3.8 write

    whole: int
    real: float = 1.5
    text: Optional[str] = None
    flag: bool = False
    items: List[int] = []
    table: Dict[str, float] = {}
    pair: Tuple[int, str] = (1, "a")
    many: Tuple[int, ...] = ()
    either: Union[int, str] = 1
    word: Literal["a", "b"] = "a"
    color: Color = Color.RED
    inner: Inner = Inner()
    anything: Any = None
    constant: ClassVar[int] = 3
    _private: int = 4

    def double(self):
        return self.whole * 2


def test_fields_have_their_values_and_defaults():
    made = Everything(whole=3, color="blue", inner={"n": 5}, real=2)
    assert (made.whole, made.text, made.items, made.color, made.inner.n) == (3, None, [], Color.BLUE, 5)
    assert isinstance(made.real, float)
    assert made.double() == 6
    assert (made.constant, made._private) == (3, 4)
    assert made == Everything(whole=3, color=Color.BLUE, inner=Inner(n=5), real=2.0)
    assert made != Everything(whole=4)


def test_objects_share_no_default_list():
    one, two = Everything(whole=1), Everything(whole=1)
    one.items.append(5)
    assert two.items == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "Everything needs a value for 'whole'"),
        ({"whole": "3"}, "Everything.whole must be int, not '3'"),
        ({"whole": True}, "Everything.whole must be int, not True"),
        ({"whole": 1, "items": ["a"]}, "Everything.items must be List[int]"),
        ({"whole": 1, "items": "abc"}, "Everything.items must be List[int]"),
        ({"whole": 1, "table": {"a": "b"}}, "Everything.table must be Dict[str, float]"),
        ({"whole": 1, "pair": (1, 2)}, "Everything.pair must be Tuple[int, str]"),
        ({"whole": 1, "many": (1, "a")}, "Everything.many must be"),
        ({"whole": 1, "either": 1.5}, "Everything.either must be Union[int, str]"),
        ({"whole": 1, "word": "c"}, "Everything.word must be Literal['a', 'b']"),
        ({"whole": 1, "color": "green"}, "Everything.color must be"),
        ({"whole": 1, "inner": {"m": 1}}, "Inner has no field 'm'"),
        ({"whole": 1, "txt": "a"}, "Everything has no field 'txt' (did you mean 'text'?)"),
    ],
)
def test_a_wrong_value_is_said_with_class_and_field(values, said):
    with pytest.raises(DefinitionError) as caught:
        Everything(**values)
    assert said in f"{caught.value} ({caught.value.hint})"


def test_fields_cannot_be_changed_but_other_attributes_can():
    made = Inner(n=1)
    with pytest.raises(AttributeError, match=r"Inner\.n can't be changed"):
        made.n = 2
    made._cache = 5
    assert made._cache == 5
    assert made.copy_with(n=2).n == 2


def test_the_schema_tells_types_defaults_and_what_is_required():
    schema = Everything.to_config_schema()
    assert schema["required"] == ["whole"]
    assert schema["additionalProperties"] is False
    assert schema["description"] == "All kinds of fields."
    fields = schema["properties"]
    assert list(fields) == [
        "whole", "real", "text", "flag", "items", "table", "pair", "many", "either", "word", "color", "inner",
        "anything",
    ]  # fmt: skip
    assert fields["whole"] == {"type": "integer"}
    assert fields["real"] == {"type": "number", "default": 1.5}
    assert fields["text"] == {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}
    assert fields["items"] == {"type": "array", "items": {"type": "integer"}, "default": []}
    assert fields["table"]["additionalProperties"] == {"type": "number"}
    assert fields["pair"]["prefixItems"] == [{"type": "integer"}, {"type": "string"}]
    assert fields["many"]["items"] == {"type": "integer"}
    assert fields["word"] == {"enum": ["a", "b"], "default": "a"}
    assert fields["color"] == {"enum": ["red", "blue"], "default": "red"}
    assert fields["inner"]["properties"] == {"n": {"type": "integer", "default": 1}}
    assert fields["anything"] == {"default": None}


def test_subclasses_have_the_fields_of_their_bases():
    class Child(Everything):
        whole: int = 7
        real = 9.5
        more: str

    made = Child(more="x")
    assert (made.whole, made.real, made.more) == (7, 9.5, "x")
    assert Everything(whole=1).real == 1.5


class Database(atoll.ConfigurableResource):
    host: str
    port: int = 5432
    password: str = EnvVar("SDK_TEST_PASSWORD")


def test_a_variable_is_read_each_time_its_field_is(monkeypatch):
    made = Database(host=EnvVar("SDK_TEST_HOST"), port=EnvVar.int("SDK_TEST_PORT"))
    with pytest.raises(LookupError, match=r"Database\.host needs the environment variable SDK_TEST_HOST"):
        made.host  # noqa: B018 -- reading it raises
    monkeypatch.setenv("SDK_TEST_HOST", "one")
    monkeypatch.setenv("SDK_TEST_PORT", "12")
    assert (made.host, made.port) == ("one", 12)
    monkeypatch.setenv("SDK_TEST_HOST", "two")
    assert made.host == "two"
    monkeypatch.setenv("SDK_TEST_PORT", "x")
    with pytest.raises(ValueError, match="SDK_TEST_PORT must be a whole number"):
        made.port  # noqa: B018 -- reading it raises


def test_declaring_reads_no_variable(monkeypatch):
    import os

    def refuse(*_):
        raise AssertionError("read")

    monkeypatch.setattr(type(os.environ), "__getitem__", refuse)
    monkeypatch.setattr(type(os.environ), "get", refuse)
    made = Database(host=EnvVar("A"))
    repr(made)
    atoll.Definitions(resources={"db": made})


def test_a_variable_is_no_text_and_no_number():
    variable = EnvVar("A")
    for use in (str, "{}".format, lambda value: f"{value}"):
        with pytest.raises(RuntimeError, match="get_value"):
            use(variable)
    with pytest.raises(RuntimeError, match="get_value"):
        int(EnvVar.int("A"))
    assert repr(variable) == "EnvVar('A')"
    assert repr(EnvVar.int("A")) == "EnvVar.int('A')"


def test_a_variable_tells_its_value_on_request(monkeypatch):
    monkeypatch.setenv("SDK_TEST_A", "5")
    assert EnvVar("SDK_TEST_A").get_value() == "5"
    assert EnvVar.int("SDK_TEST_A").get_value() == 5
    assert EnvVar("SDK_TEST_B").get_value("x") == "x"
    assert EnvVar.int("SDK_TEST_B").get_value(default=3) == 3
    assert EnvVar("SDK_TEST_B").get_value() is None


def test_a_variable_goes_only_where_its_type_fits():
    with pytest.raises(DefinitionError, match=r"Database\.port must be int, not EnvVar\('A'\)"):
        Database(host="a", port=EnvVar("A"))
    with pytest.raises(DefinitionError, match=r"Database\.host must be str"):
        Database(host=EnvVar.int("A"))


def test_a_resource_prints_without_secrets():
    assert repr(Database(host="h", password="p")) == "Database(host='h', port=5432, password={'redacted': True})"


def test_resources_are_described_without_values_of_secrets(load_text):
    snapshot = load_text(
        textwrap.dedent(
            """
            import atoll
            from atoll import *
            class Vault(ConfigurableResource):
                api_token: str
                url: str = "https://user:pw@host/path"
            class Db(ConfigurableResource):
                '''A database.'''
                host: str
                vault: ResourceDependency[Vault]
                options: dict = {}
            class Disk(ConfigurableIOManager):
                folder: str
                def handle_output(self, context, obj): ...
                def load_input(self, context): ...
            vault = Vault(api_token="tok")
            @asset(io_manager_key="disk")
            def a(db: Db): ...
            @asset
            def b(context, a, db: "Db", other: ResourceParam[object], password="pw"): ...
            defs = Definitions(
                assets=[a, b],
                resources={
                    "vault": vault,
                    "db": Db(host=EnvVar("H"), vault=vault, options={"secret_key": "s", "n": EnvVar("N")}),
                    "lone": Db(host="x", vault=Vault(api_token=EnvVar("T"))),
                    "disk": Disk(folder="/x"),
                    "other": object(),
                    "io_manager": Disk(folder="/y"),
                },
            )
            """
        )
    )
    found = {entry["name"]: entry for entry in snapshot["resources"]}
    assert found["vault"]["config"] == {"api_token": {"redacted": True}, "url": {"redacted": True}}
    assert found["db"]["config"] == {
        "host": {"env": "H"},
        "vault": {"resource": "vault"},
        "options": {"secret_key": {"redacted": True}, "n": {"env": "N"}},
    }
    assert found["db"]["type"] == "location.Db"
    assert found["db"]["description"] == "A database."
    assert found["db"]["environment_variables"] == ["H", "N"]
    assert found["db"]["used_by"] == ["a", "b"]
    assert found["db"]["source"]["line"] == 25
    assert found["lone"]["config"]["vault"]["config"]["api_token"] == {"env": "T"}
    assert found["disk"]["used_by"] == ["a"]
    assert found["io_manager"]["used_by"] == ["b"]
    assert found["other"]["type"] == "object"
    assert [v["name"] for v in snapshot["environment_variables"]] == ["H", "N", "T"]
    parameters = {p["name"]: p for p in snapshot["computations"][1]["parameters"]}
    assert {name: p["role"] for name, p in parameters.items()} == {
        "context": "context", "a": "upstream", "db": "resource", "other": "resource", "password": "upstream",
    }  # fmt: skip
    assert parameters["password"]["default"] == {"redacted": True}
    assert "'pw'" not in str(snapshot)


def test_annotations_written_as_text_are_understood(load_text):
    snapshot = load_text(
        textwrap.dedent(
            """
            from __future__ import annotations
            import atoll
            from typing import TYPE_CHECKING, Optional
            if TYPE_CHECKING:
                import numpy as np
            def build():
                class Local(atoll.ConfigurableResource):
                    size: int
                @atoll.asset
                def a(local: Local, later: Later, frame: np.array, maybe: Optional[Later] = None) -> np.array: ...
                return atoll.Definitions(assets=[a], resources={"local": Local(size=1), "later": Later()})
            class Later(atoll.ConfigurableResource):
                size: int = 3
            defs = build()
            """
        )
    )
    assert isinstance(snapshot, dict), snapshot
    (computation,) = snapshot["computations"]
    assert [p["role"] for p in computation["parameters"]] == ["resource", "resource", "upstream", "resource"]
    assert computation["resources"] == ["local", "later"]
    assert computation["signature"].endswith("frame: np.array, maybe: Optional[location.Later] = None) -> np.array")


def test_methods_an_io_manager_lacks_are_said():
    class Lazy(atoll.IOManager):
        pass

    with pytest.raises(NotImplementedError, match="Lazy must define handle_output"):
        Lazy().handle_output(atoll.OutputContext(), 1)
    with pytest.raises(NotImplementedError, match="Lazy must define load_input"):
        Lazy().load_input(atoll.InputContext())
