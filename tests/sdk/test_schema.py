"""The snapshot is what the host's published schema says."""

import json

import jsonschema
import pytest
from support_sdk import SAMPLE_NAME, import_file

from atoll._loading import load


@pytest.fixture(scope="module")
def schema(samples):
    path = samples.parents[2] / "workspace" / "schemas" / "snapshot.schema.json"
    definitions = json.loads(path.read_text(encoding="utf-8"))["$defs"]
    return {"$ref": "#/$defs/definitions", "$defs": definitions}


def test_the_sample_follows_the_published_schema(samples, schema):
    snapshot = json.loads(json.dumps(load(import_file(samples / "everything.py", SAMPLE_NAME))))
    jsonschema.validate(snapshot, schema)


def test_an_empty_location_follows_the_published_schema(load_text, schema):
    jsonschema.validate(load_text("import atoll\ndefs = atoll.Definitions()"), schema)
