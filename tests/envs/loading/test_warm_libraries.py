"""Libraries that start native threads when they are imported: held by a parent, used by its forks."""

from __future__ import annotations

import subprocess
import sys

import pytest
import uv

from atoll_host.envs.loading.warm import SUPPORTED

pytestmark = [
    pytest.mark.skipif(not SUPPORTED, reason="platform: warm parents are Linux's own"),
    pytest.mark.soak,
]

PACKAGES = ["numpy", "pandas", "polars", "pyarrow", "scikit-learn"]
USES = {
    "numpy": "import numpy\nresult = int((numpy.ones((300, 300)) @ numpy.ones((300, 300))).sum())\n",
    "pandas": "import pandas\nresult = int(pandas.DataFrame({'a': range(1000), 'b': 1}).groupby('b')['a'].sum().iloc[0])\n",
    "polars": "import polars\nresult = polars.DataFrame({'a': range(1000), 'b': [1] * 1000}).lazy().group_by('b').agg(polars.col('a').sum()).collect()['a'][0]\n",
    "pyarrow": "import pyarrow, pyarrow.compute\nresult = pyarrow.compute.sum(pyarrow.chunked_array([range(1000), range(1000)])).as_py()\n",
    "scikit-learn": "import sklearn.cluster\nresult = len(sklearn.cluster.KMeans(2, n_init=1).fit([[0.0], [1.0], [9.0], [10.0]]).labels_)\n",
}  # fmt: skip
DEFINITIONS = "import atoll\ndefs = atoll.Definitions(metadata={{'result': int(result), 'number': {}}})\n"


@pytest.fixture(scope="module")
def libraries(tmp_path_factory):
    """Give the interpreter of an environment that has all of them."""
    prefix = tmp_path_factory.mktemp("libraries") / "environment"
    subprocess.run([uv.find_uv_bin(), "venv", "--quiet", "--python", sys.executable, prefix], check=True)
    python = prefix / "bin" / "python"
    built = subprocess.run(
        [uv.find_uv_bin(), "pip", "install", "--quiet", "--only-binary", ":all:", "--python", python, *PACKAGES],
        check=False,
        capture_output=True,
    )
    if built.returncode:
        pytest.skip("platform: no package index, or no wheels for this Python")
    return python


@pytest.mark.parametrize("used", [*([name] for name in PACKAGES), PACKAGES], ids=[*PACKAGES, "all"])
def test_forks_of_a_parent_that_has_only_imported_it_can_use_it(warm, libraries, used):
    text = "".join(USES[name] for name in used)
    one = warm(text + DEFINITIONS.format(0), python=libraries)
    for number in range(1, 11):
        outcome = one.load(text + DEFINITIONS.format(number))
        assert outcome is not None, one.parent.failed_reason
        assert outcome.problems == ()
        assert outcome.definitions["metadata"]["number"]["value"] == number
    assert one.said(one.load()) == one.said(one.fresh())
