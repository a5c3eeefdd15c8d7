"""`breakpoint()` and `pdb` in a module that is loaded where no debugger is."""

from __future__ import annotations

GOOD = "import atoll\ndefs = atoll.Definitions()\n"


def test_a_breakpoint_is_passed_and_said_once(each_python, loading):
    _, python = each_python
    outcome = loading.text(GOOD + "for _ in range(3):\n    breakpoint()\n", python=python)
    assert outcome.problems == ()
    file = loading.folder / "module.py"
    assert outcome.output.text == (
        f"breakpoint() at {file}:4 does nothing here: atoll dev --debug LOCATION lets an editor attach\n"
    )


def test_a_hook_of_the_users_own_is_called(loading):
    outcome = loading.text("import sys\nsys.breakpointhook = lambda: print('mine')\nbreakpoint()\n" + GOOD)
    assert outcome.output.text == "mine\n"


def test_a_breakpoint_without_streams_is_passed_too(loading):
    assert loading.text("import sys\nsys.stderr = None\nbreakpoint()\n" + GOOD).problems == ()


def test_pdb_without_a_terminal_is_explained(each_python, loading):
    _, python = each_python
    outcome = loading.text(GOOD + "import pdb\npdb.set_trace()\nx = 1\n", python=python)
    (problem,) = outcome.problems
    assert problem.kind == "exception"
    assert problem.message == "BdbQuit: pdb found no terminal here, and gave up"
    assert "atoll dev --debug" in problem.hint
    assert problem.file == str(loading.folder / "module.py")
    assert problem.line in (4, 5)
