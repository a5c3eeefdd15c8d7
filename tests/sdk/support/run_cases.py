"""Runs every case of a file in this Python: `run_cases.py SDK FILE`; prints a line of JSON for each.

A case is a public function; one with a parameter gets an empty folder. It passes where it returns.
"""

import importlib.util
import inspect
import json
import sys
import tempfile
import traceback
from pathlib import Path

SDK, FILE = sys.argv[1:3]
sys.path[:0] = [SDK, str(Path(FILE).parent)]


def list_cases(module):
    found = [value for name, value in vars(module).items() if inspect.isfunction(value) and not name.startswith("_")]
    return [value for value in found if value.__module__ == module.__name__]


def run_case(case):
    with tempfile.TemporaryDirectory() as folder:
        arguments = [Path(folder)] if inspect.signature(case).parameters else []
        try:
            case(*arguments)
        except BaseException:  # noqa: BLE001 -- a case may leave an interrupt behind
            return traceback.format_exc()
    return None


def main():
    spec = importlib.util.spec_from_file_location(Path(FILE).stem, FILE)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    for case in list_cases(module):
        answer = {"case": case.__name__, "error": run_case(case)}
        sys.stdout.write("\n@" + json.dumps(answer) + "\n")
        sys.stdout.flush()


main()
