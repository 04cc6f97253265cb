import pytest
import torch
from config import toy

from bundlert.errors import ComponentError
from bundlert.registry.index import COMPONENTS, Component
from bundlert.registry.registry import Registry, load, standard

PAIR = Component("toy", "Pair", "config.toy", "two values")


def test_a_component_is_found_by_its_name():
    registry = Registry([PAIR])
    assert registry.find("Pair") == PAIR
    assert "Pair" in registry
    assert "Pear" not in registry
    assert list(registry) == [PAIR]
    assert load(PAIR) is toy.Pair


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(ComponentError) as caught:
        Registry([PAIR]).find("pair")
    assert str(caught.value) == "there is no component called 'pair'\n  try: did you mean 'Pair'?"
    with pytest.raises(ComponentError) as caught:
        Registry([PAIR]).find("Zebra")
    assert str(caught.value) == "there is no component called 'Zebra'\n  try: see `bundlert list components`"


def test_two_components_cannot_have_one_name():
    with pytest.raises(ComponentError) as caught:
        Registry([PAIR, Component("toy", "Pair", "other.place", "")])
    assert str(caught.value) == (
        "toy 'Pair' is registered twice\n  got: config.toy and other.place\n  try: rename one of the two"
    )


def test_listed_libraries_are_known_by_dotted_names():
    assert load(standard().find("torch.nn.Linear")) is torch.nn.Linear
    assert load(standard().find("torch.optim.Adam")) is torch.optim.Adam
    schedule = standard().find("torch.optim.lr_scheduler.StepLR")
    assert (schedule.kind, load(schedule)) == ("schedule", torch.optim.lr_scheduler.StepLR)


@pytest.mark.parametrize(
    "name",
    [
        *("torch.load", "torch.hub.load", "torch.nn.functional.relu", "torch.nn.modules.Linear", "torch.optim.adam"),
        *("os.system", "builtins.eval", "config.toy.Pair", "bundlert.networks.unet.UNet", "torch.nn", "", "torch.nn."),
    ],
)
def test_other_dotted_names_are_unknown(name):
    with pytest.raises(ComponentError, match=f"there is no component called '{name}'"):
        standard().find(name)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("torch.nn.Linnear", r"'torch.nn' has nothing called 'Linnear'\n  try: did you mean 'Linear'\?"),
        ("torch.optim.lr_scheduler.Counter", "'torch.optim.lr_scheduler' has nothing called 'Counter'"),
        ("torch.optim.lr_scheduler.EPOCH_DEPRECATION_WARNING", "has nothing called 'EPOCH_DEPRECATION_WARNING'"),
        ("torch.optim.lr_scheduler.Optimizer", "has nothing called 'Optimizer'"),
    ],
)
def test_only_a_librarys_own_classes_can_be_had(name, message):
    with pytest.raises(ComponentError, match=message):
        load(standard().find(name))


def test_the_standard_registry_is_the_index():
    assert list(standard()) == list(COMPONENTS)
    assert standard() is standard()
