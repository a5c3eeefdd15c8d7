"""What evaluations say is kept with their tick, and no more than can be kept of all of them."""

from __future__ import annotations

from atoll_host.runs.automation.saying import Said


def record(message):
    return {"time": 1.5, "level": "info", "message": message, "file": "/x.py", "line": 3}


def test_nothing_said_is_nothing_kept():
    said = Said()
    said.add((), "")
    assert said.to_json() is None


def test_what_several_evaluations_say_is_kept_in_order():
    said = Said()
    said.add([record("one")], "first\n")
    said.add([record("two")], "second\n")
    assert said.to_json() == {
        "logs": [{"time": 1.5, "level": "info", "message": text} for text in ("one", "two")],
        "output": "first\nsecond\n",
    }


def test_of_very_much_the_first_records_and_the_end_of_the_output_are_kept():
    said = Said()
    for number in range(4):
        said.add([record(f"{number} {'x' * 5000}") for _ in range(100)], f"{number} " + "y" * 8000)
    found = said.to_json()
    assert len(found["logs"]) == 51
    assert found["logs"][-1] == {"time": None, "level": None, "message": "… 350 more records are not kept"}
    assert len(found["logs"][0]["message"]) == 1000
    assert (len(found["output"]), found["output"].count("3 ")) == (10_000, 1)
