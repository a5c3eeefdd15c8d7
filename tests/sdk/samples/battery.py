"""Run by every Python: loads the sample twice, and calls definitions; prints what the test compares."""

import json
import sys

sys.path[:0] = sys.argv[1:3]

import everything  # noqa: E402 -- the path is set first

import atoll  # noqa: E402 -- as above
from atoll._loading import load  # noqa: E402 -- as above

snapshot = load(everything)
assert load(everything) == snapshot


@atoll.asset
def total(context, rows: "list[int]", database: "everything.Database", config: everything.Settings) -> "int | None":
    return sum(rows) + config.limit


class Fake:
    host = "x"


value = total(atoll.build_asset_context(partition_key="p"), [1, 2], database=Fake(), config={"label": "a"})

for wrong in (
    lambda: atoll.asset(nam="x"),
    lambda: atoll.AssetSpec("a b"),
    lambda: everything.Database(hots="x"),
    lambda: atoll.AssetSelection.from_string("a b"),
    lambda: atoll.DailyPartitionsDefinition("20240101", fmt="%Y-%m"),
):
    try:
        wrong()
    except (atoll.DefinitionError, TypeError) as error:
        snapshot.setdefault("errors", []).append(str(error))

sys.stdout.write(json.dumps({"value": value, "snapshot": snapshot}, allow_nan=False))
