import sys
from subprocess import run

import pytest

from bundlert.config.introspection.signatures import exists, signature_of
from bundlert.errors import ComponentError
from bundlert.registry.index import COMPONENTS, Component, translate_arguments


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.name)
def test_every_line_names_a_component_that_there_is(component):
    assert exists(component)
    assert signature_of(component) is not None
    assert component.summary
    assert component.module.startswith("bundlert.")


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.name)
def test_the_fields_arguments_mean_arguments_that_there_are(component):
    names = signature_of(component).names
    assert {meant for _, meant in component.renamed} <= set(names)
    assert not {theirs for theirs, _ in component.renamed} & set(names)


def test_no_name_stands_twice():
    names = [component.name for component in COMPONENTS]
    assert len(set(names)) == len(names)


def test_the_index_imports_no_component():
    code = "import sys, bundlert.registry.registry as r; r.standard(); print([m for m in sys.modules if 'torch' in m])"
    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


TRAINER = Component("engine", "Trainer", "somewhere", "", (("train_handlers", "handlers"), ("loss_function", "loss")))


def test_the_fields_arguments_become_ours():
    found = translate_arguments(TRAINER, ["network", "train_handlers", "loss"])
    assert found == {"network": "network", "train_handlers": "handlers", "loss": "loss"}


@pytest.mark.parametrize("names", [["handlers", "train_handlers"], ["train_handlers", "network", "handlers"]])
def test_an_argument_cannot_be_given_under_both_names(names):
    with pytest.raises(ComponentError) as caught:
        translate_arguments(TRAINER, names)
    assert str(caught.value) == (
        f"engine 'Trainer' is given 'handlers' twice\n  got: {names[0]} and {names[-1]}\n  try: leave one of them out"
    )
