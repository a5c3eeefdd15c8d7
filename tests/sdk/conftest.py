"""Makes `import atoll` the SDK of this checkout."""

import sys
from pathlib import Path

import pytest

SDK = Path(__file__).resolve().parents[2] / "sdk"
SAMPLES = Path(__file__).resolve().parent / "samples"

if str(SDK) not in sys.path:
    sys.path.insert(0, str(SDK))


@pytest.fixture(scope="session")
def samples():
    """The folder of sample locations."""
    return SAMPLES


@pytest.fixture
def load_text(tmp_path):
    """Load a module written out in a test: its snapshot, or the problems of its LoadError as a list."""
    from support_sdk import load_module

    def load(text, attribute=None, name="location"):
        return load_module(tmp_path, text, attribute, name)

    return load


sys.path.insert(0, str(Path(__file__).resolve().parent / "support"))
