import json
from itertools import chain
from pathlib import Path

import pytest
import yaml

from bundlert.config.build import Builder
from bundlert.config.check import find_problems
from bundlert.config.load import parse
from bundlert.errors import BundlertError
from bundlert.registry.registry import standard

TABLES = yaml.safe_load((Path(__file__).parent / "field_expressions.yaml").read_text(encoding="utf-8"))
ROWS = [tuple(row) for row in chain.from_iterable(TABLES.values())]

IMPORTS = [
    *("import copy", "import datetime", "import functools", "import glob", "import ignite", "import json"),
    *("import logging", "import pathlib", "import torch.distributed as dist", "import matplotlib.pyplot as plt"),
    *("import pandas as pd", "import skimage", "import scripts", "import sys", "import urllib", "import zipfile"),
    *("from PIL import Image", "from scipy import ndimage", "from monai.networks import trt_compile"),
]
CONFIG = """
network: {_target_: torch.nn.Linear, in_features: 2, out_features: 2}
tensor: $torch.ones(1, 2)
array: $np.arange(3)
event: $ignite.engine.Events.STARTED
function: '$lambda x: x'
items: [1, 2]
mapping: {a: 1}
number: 4
thing: null
"""


class Thing:
    """A component that has whatever is asked for."""

    __module__ = "bundlert.toy"

    def __getattr__(self, name):
        return lambda *_arguments, **_named: None


@pytest.fixture(scope="module")
def builder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("field")
    data_list = folder / "dataset.json"
    data_list.write_text(json.dumps({"training": [{"image": "a.nii.gz", "label": "b.nii.gz"}]}))
    for name in ("a.nii.gz", "b.nii.gz"):
        (folder / name).write_text("")
    root = parse(CONFIG, "c.yaml")
    more = {"imports": [f"${text}" for text in IMPORTS], "folder": str(folder), "decathlon": str(data_list)}
    more |= {f"x{index}": text for index, (_, text, *_) in enumerate(ROWS)}
    root.value.update(parse(json.dumps(more), "c.json").value)
    built = Builder(root, standard())
    built._built[root.value["thing"]] = Thing()
    return built


@pytest.mark.parametrize("row", [row for row in ROWS if len(row) == 2], ids=lambda row: row[1])
def test_what_the_field_writes_runs_sealed(row, builder, restored):
    builder.get(f"x{ROWS.index(row)}")


@pytest.mark.parametrize("row", [row for row in ROWS if len(row) > 2], ids=lambda row: row[1])
def test_what_does_not_is_refused_with_its_reason(row, builder):
    with pytest.raises(BundlertError, match=row[2]):
        builder.get(f"x{ROWS.index(row)}")


def test_what_runs_sealed_is_no_alarm_to_the_static_check():
    texts = [row[1] for row in ROWS if len(row) == 2]
    given = {"imports": [f"${text}" for text in IMPORTS], "folder": ".", "decathlon": "a.json", "x": texts}
    root = parse(CONFIG, "c.yaml")
    root.value.update(parse(json.dumps(given), "c.json").value)
    assert [str(one) for one in find_problems(root, standard()) if one.path.startswith("x")] == []


def share(rows):
    """How many of 100 uses run sealed."""
    return 100 * sum(row[0] for row in rows if len(row) == 2) / sum(row[0] for row in rows)


def test_at_least_95_of_100_run_that_need_no_code_of_their_bundle():
    assert share([row for row in ROWS if len(row) < 4]) >= 95
    assert share([row for row in ROWS if row[3:] != ("scripts",)]) >= 94  # with components that aren't here yet
