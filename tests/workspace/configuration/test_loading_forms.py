"""What is configured can be imported: every form and layout, through the real shim."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from atoll_host.envs.loading.target import LoadRequest
from atoll_host.envs.loading.variables import location_variables
from atoll_host.envs.loading.worker import load
from atoll_host.envs.processes import Runner

SDK = Path(__file__).parents[3] / "sdk"
DEFINITIONS = """
import atoll
{imports}

@atoll.asset
def found():
    return {value}

defs = atoll.Definitions(assets=[found])
"""
PLAIN = DEFINITIONS.format(imports="", value=1)
TOML = "[project]\nname = 'sales'\n"


@pytest.mark.parametrize(
    ("entry", "files"),
    [
        pytest.param("project: p", {"p/pyproject.toml": TOML, "p/sales.py": PLAIN}, id="flat-module"),
        pytest.param(
            "project: p",
            {
                "p/pyproject.toml": TOML,
                "p/src/sales/__init__.py": "",
                "p/src/sales/definitions.py": DEFINITIONS.format(imports="from .data import N", value="N"),
                "p/src/sales/data.py": "N = 1\n",
            },
            id="src-layout-and-relative-import",
        ),
        pytest.param(
            "project: p",
            {
                "p/pyproject.toml": "[project]\nname = 'acme-sales'\n[tool.atoll]\nmodule = 'acme.sales.defs'\n",
                "p/acme/sales/defs.py": DEFINITIONS.format(imports="from acme.sales.data import N", value="N"),
                "p/acme/sales/data.py": "N = 1\n",
            },
            id="namespace-package",
        ),
        pytest.param(
            "project: p",
            {
                "p/pyproject.toml": TOML,
                "p/sales/__init__.py": "from .definitions import defs\n",
                "p/sales/definitions.py": PLAIN,
            },
            id="package-that-imports-its-definitions",
        ),
        pytest.param(
            "python_file: reports/monthly.py",
            {
                "reports/monthly.py": DEFINITIONS.format(imports="from helper import N", value="N"),
                "reports/helper.py": "from pathlib import Path\nN = Path('data.txt').read_text()\n",
                "data.txt": "",
            },
            id="file-beside-its-helper",
        ),
        pytest.param("python_file: json.py", {"json.py": PLAIN}, id="file-called-like-a-standard-module"),
        pytest.param(
            "python_file: lib/pkg/defs.py",
            {
                "lib/pkg/__init__.py": "",
                "lib/pkg/defs.py": DEFINITIONS.format(imports="from .data import N", value="N"),
                "lib/pkg/data.py": "N = 1\n",
            },
            id="file-in-a-package",
        ),
        pytest.param(
            "python_module: {module_name: legacy.defs, working_directory: old}",
            {"old/legacy/defs.py": PLAIN},
            id="module",
        ),
        pytest.param("python_package: pkg", {"pkg/__init__.py": PLAIN}, id="package"),
    ],
)
def test_what_is_configured_loads(tree, entry, files):
    location = tree.write({"workspace.yaml": f"load_from:\n  - {entry}\n", **files}).location()
    executable = Path(sys.executable)
    request = LoadRequest(
        executable=executable,
        isolated=True,
        directory=location.root,
        search_paths=location.search_paths,
        variables=location_variables(dict(os.environ), prefix=None, executable=executable),
        sdk=SDK,
        target=location.target,
    )

    with Runner() as runner:
        outcome = load(runner, request)

    assert outcome.definitions is not None, outcome.problems
    assert [asset["key"] for asset in outcome.definitions["assets"]] in ([["found"]], ["found"])
