import pytest

from bundlert.registry.libraries import LISTED, MODULES, listed_name


def test_a_public_class_of_a_listed_module_may_be_named():
    assert listed_name("torch.nn.Linear") == ("network", "torch.nn", "Linear")
    assert listed_name("torch.optim.lr_scheduler.StepLR") == ("schedule", "torch.optim.lr_scheduler", "StepLR")


def test_of_other_modules_only_what_is_listed_by_its_whole_name():
    assert listed_name("torch.device") == ("value", "torch", "device")
    assert listed_name("ignite.metrics.Accuracy") == ("metric", "ignite.metrics", "Accuracy")
    assert listed_name("ignite.metrics.FID") is None


@pytest.mark.parametrize("name", ["torch.nn.linear", "torch.nn._Loss", "torch.nn.", "torch.nn", "Linear", "torch.load"])
def test_nothing_else_may(name):
    assert listed_name(name) is None


def test_no_listed_place_leads_to_files_processes_or_foreign_code():
    places = {place for _, place, _ in LISTED.values()} | set(MODULES)
    feared = (
        "os",
        "subprocess",
        "functools",
        "importlib",
        "pickle",
        "multiprocessing",
        "hub",
        "jit",
        "distributed.rpc",
    )
    assert [place for place in places if set(place.split(".")) & set(feared)] == []
