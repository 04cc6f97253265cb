import sys
from subprocess import run

import pytest

from bundlert.config.signatures import exists, signature_of
from bundlert.registry.index import COMPONENTS


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.name)
def test_every_line_names_a_component_that_there_is(component):
    assert exists(component)
    assert signature_of(component) is not None
    assert component.summary
    assert component.module.startswith("bundlert.")


def test_no_name_stands_twice():
    names = [component.name for component in COMPONENTS]
    assert len(set(names)) == len(names)


def test_the_index_imports_no_component():
    code = "import sys, bundlert.registry.registry as r; r.standard(); print([m for m in sys.modules if 'torch' in m])"
    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
