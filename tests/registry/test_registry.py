import subprocess
import sys
import time
from contextlib import suppress

import ignite.handlers
import ignite.metrics
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from registry.toy import PAIR, Pair

from bundlert.errors import ComponentError
from bundlert.registry.index import COMPONENTS, Component
from bundlert.registry.libraries import LISTED
from bundlert.registry.registry import Registry, load, standard

TRUSTED = standard().trusted()


def test_a_component_is_found_by_its_name():
    registry = Registry([PAIR])
    assert registry.find("Pair") == PAIR
    assert "Pair" in registry
    assert "Pear" not in registry
    assert list(registry) == [PAIR]
    assert load(PAIR) is Pair


def told(registry, name):
    with pytest.raises(ComponentError) as caught:
        registry.find(name)
    return str(caught.value)


def test_an_unknown_name_is_answered_with_the_nearest():
    registry = Registry([PAIR])
    assert told(registry, "pair") == "there is no component called 'pair'\n  try: did you mean 'Pair'?"
    assert told(registry, "Zebra") == "there is no component called 'Zebra'\n  try: see `bundlert list components`"
    assert told(standard(), "bundlert.networks.unet.UNet").endswith("\n  try: did you mean 'UNet'?")


def test_two_components_cannot_have_one_name():
    with pytest.raises(ComponentError) as caught:
        Registry([PAIR, Component("toy", "Pair", "other.place", "")])
    assert str(caught.value) == (
        "toy 'Pair' is registered twice\n  got: registry.toy and other.place\n  try: rename one of the two"
    )


def test_the_standard_registry_is_the_index():
    assert list(standard()) == list(COMPONENTS)
    assert standard() is standard()
    assert not standard().trusts_code
    assert standard().dialects == {"monai"}


def test_more_components_make_another_registry():
    more = standard().extended([PAIR])
    assert more.find("Pair") == PAIR
    assert "Pair" not in standard()
    assert not more.trusts_code
    with pytest.raises(ComponentError, match="'UNet' is registered twice"):
        standard().extended([Component("network", "UNet", "elsewhere", "")])


def test_what_a_bundle_would_add_is_known_but_not_run():
    registry = Registry(COMPONENTS, withheld=[PAIR])
    assert "Pair" not in registry
    for one in (registry, registry.extended([])):
        assert told(one, "Pair") == (
            "toy 'Pair' is the bundle's own code, which isn't run\n  got: registry.toy\n"
            "  try: code of others runs only if you trust it: read it, then give `--trust`"
        )


# ---- trusted libraries


def test_listed_libraries_are_known_by_dotted_names():
    assert load(standard().find("torch.nn.Linear")) is torch.nn.Linear
    assert load(standard().find("torch.optim.Adam")) is torch.optim.Adam
    schedule = standard().find("torch.optim.lr_scheduler.StepLR")
    assert (schedule.kind, load(schedule)) == ("schedule", torch.optim.lr_scheduler.StepLR)


@pytest.mark.parametrize("name", LISTED)
def test_each_listed_class_is_there(name):
    found = load(standard().find(name))
    assert isinstance(found, type)
    assert found.__name__ == name.rpartition(".")[2]


def test_some_of_them():
    assert load(standard().find("dict")) is dict
    assert load(standard().find("torch.device")) is torch.device
    assert load(standard().find("ignite.metrics.Accuracy")) is ignite.metrics.Accuracy
    assert load(standard().find("ignite.handlers.TerminateOnNan")) is ignite.handlers.TerminateOnNan
    sampler = standard().find("torch.utils.data.WeightedRandomSampler")
    assert (sampler.kind, load(sampler)) == ("sampler", torch.utils.data.WeightedRandomSampler)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("torch.nn.Linnear", r"'torch.nn' has nothing called 'Linnear'\n  try: did you mean 'Linear'\?"),
        ("torch.optim.lr_scheduler.Counter", "'torch.optim.lr_scheduler' has nothing called 'Counter'"),
        ("torch.optim.lr_scheduler.Any", "'torch.optim.lr_scheduler' has nothing called 'Any'"),
        ("torch.optim.lr_scheduler.EPOCH_DEPRECATION_WARNING", "has nothing called 'EPOCH_DEPRECATION_WARNING'"),
        ("torch.optim.lr_scheduler.Optimizer", "has nothing called 'Optimizer'"),
    ],
)
def test_only_a_librarys_own_classes_can_be_had(name, message):
    with pytest.raises(ComponentError, match=message):
        load(standard().find(name))


# ---- what nobody gets without trust

HOSTILE = [
    *("os.system", "os.popen", "os.remove", "os.path.join", "posix.system", "subprocess.Popen", "subprocess.run"),
    *("builtins.eval", "builtins.exec", "builtins.open", "builtins.__import__", "builtins.getattr", "builtins.type"),
    *("eval", "exec", "open", "__import__", "getattr", "setattr", "type", "object", "compile", "print", "list"),
    *(
        "torch.load",
        "torch.save",
        "torch.hub.load",
        "torch.hub.download_url_to_file",
        "torch.jit.load",
        "torch.compile",
    ),
    *(
        "torch.jit.script",
        "torch.package.PackageImporter",
        "torch.utils.cpp_extension.load",
        "torch.nn.functional.relu",
    ),
    *("torch.multiprocessing.spawn", "torch.multiprocessing.Process", "torch.distributed.init_process_group"),
    *("torch.utils.data.DataLoader", "torch.serialization.load", "torch.ops.load_library", "torch.Tensor", "torch.nn"),
    *("torch.nn.modules.Linear", "torch.nn.modules.module.torch.load", "torch.nn.modules.module.Module", "torch.nn."),
    *("torch.nn.Module.load_state_dict", "torch.nn.Module.__init__.__globals__", "torch.nn.__builtins__", "torch"),
    *("torch.nn.Linear.__init__", "torch.nn.init.normal_", "torch.nn.utils.parametrize", "torch.optim.adam"),
    *("torch.optim.lr_scheduler.partial", "torch.optim.lr_scheduler.math", "torch.optim.Adam.step", ".torch.nn.Linear"),
    *("ignite.metrics.FID", "ignite.metrics.MetricsLambda", "ignite.metrics.EpochMetric", "ignite.handlers.Checkpoint"),
    *("ignite.handlers.DiskSaver", "ignite.engine.Engine", "ignite.handlers.BasicTimeProfiler"),
    *("numpy.load", "numpy.save", "numpy.fromfile", "numpy.lib.npyio.load", "numpy.ctypeslib.load_library"),
    *("importlib.import_module", "importlib.machinery.SourceFileLoader", "pydoc.locate", "pkgutil.resolve_name"),
    *("functools.partial", "functools.reduce", "operator.methodcaller", "operator.attrgetter", "itertools.count"),
    *("pathlib.Path.write_text", "pathlib.Path.unlink", "pathlib.PosixPath", "pathlib.os.system", "shutil.rmtree"),
    *(
        "shutil.copyfile",
        "runpy.run_path",
        "ctypes.CDLL",
        "pickle.loads",
        "marshal.loads",
        "shelve.open",
        "code.interact",
    ),
    *("timeit.timeit", "pdb.run", "cProfile.run", "logging.config.dictConfig", "logging.FileHandler", "yaml.load"),
    *("tempfile.NamedTemporaryFile", "socket.create_connection", "urllib.request.urlopen", "webbrowser.open"),
    *(
        "multiprocessing.Process",
        "threading.Thread",
        "signal.signal",
        "sys.exit",
        "gc.get_objects",
        "inspect.getsource",
    ),
    *("safetensors.safe_open", "nibabel.load", "matplotlib.pyplot.savefig", "zipfile.ZipFile", "tarfile.open"),
    *("bundlert.networks.unet.UNet", "bundlert.files.write_text", "bundlert.registry.registry.standard"),
    *("registry.toy.Pair", "scripts.net.Net", "monai.bundle.run", "monai.apps.utils.extractall", "monai.os.system"),
    *("monai", "monai.", "monai.transforms", "monai.transforms.os.system", "collections.OrderedDict.fromkeys"),
    *("", " ", ".", "..", "UNet ", " UNet", "UNet\n", "UNet\0", "U\u200bNet", "torch.nn. Linear", "torch.nn.Linear\n"),
    *("torch.nn\n.Linear", "torch.nn.Li\u200dnear", "torch.nn.\u041binear", "\u0421ompose", "\uff35\uff2eet", "UNet()"),
    *("torch.nn.Linear()", "torch.nn.Linear;import os", "os;system", "../UNet", "/bin/sh", "$UNet", "@UNet", "%UNet"),
    *(
        "torch..nn.Linear",
        "torch.nn..Linear",
        "torch/nn/Linear",
        "torch:nn.Linear",
        "torch.nn:Linear",
        "torch.nn._Loss",
    ),
]


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_other_names_are_refused(name):
    text = told(standard(), name)
    assert name not in standard()
    assert text.startswith("there is no component called '")
    assert "\n  try: " in text
    assert all(line.isprintable() for line in text.splitlines())
    assert len(text.splitlines()) <= 3


def test_a_foreign_name_is_refused_with_the_way_to_have_it():
    assert told(standard(), "os.system") == (
        "there is no component called 'os.system'\n"
        "  try: code of others runs only if you trust it: read it, then give `--trust`"
    )


def test_a_letter_that_only_looks_like_another_is_told():
    assert told(standard(), "\u0421ompose") == (
        "there is no component called '\u0421ompose'\n  got: letters beyond ASCII: U+0421\n"
        "  try: did you mean 'Compose'?"
    )


def test_a_name_of_a_million_letters_is_refused_at_once():
    begin = time.perf_counter()
    for name in ("U" * 10**6, "a." * 10**6 + "B", "torch.nn." + "L" * 10**6, "monai.transforms." + "d" * 10**6):
        text = told(standard(), name)
        assert text.startswith("there is no component with a name so long\n  got: '")
        assert len(text) < 200
    assert time.perf_counter() - begin < 0.1


PARTS = st.sampled_from(
    ["monai", "torch", "nn", "transforms", "UNet", "Spacingd", "os", ".", "_", "d", "\n", "scripts"]
)


@given(st.one_of(st.text(), st.lists(PARTS).map("".join), st.lists(PARTS).map(".".join)))
def test_no_text_whatever_surprises_it(name):
    for registry in (standard(), TRUSTED):
        assert isinstance(name in registry, bool)
        with suppress(ComponentError):
            assert isinstance(registry.find(name), Component)


def test_refusing_imports_nothing():
    code = (
        f"import sys\nfrom bundlert.registry.registry import standard\nfrom bundlert.errors import ComponentError\n"
        f"before = set(sys.modules)\nfor name in {HOSTILE!r}:\n"
        "    try:\n        standard().find(name)\n    except ComponentError:\n        pass\n"
        "print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
