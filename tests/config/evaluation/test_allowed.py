from functools import cache

import numpy as np
import pytest
import torch
from config.expression_texts import evaluated
from config.toy import Pair, computed

from bundlert.config.evaluation.error import ExpressionError
from bundlert.errors import ConfigError

UNLISTED = """
eval('1')
exec('1')
getattr(xs, 'append')
type(1)
vars()
globals()
input()
compile('1', '', 'eval')
setattr(d, 'x', 1)
object()
super()
breakpoint()
memoryview(b'')
os.environ['API_TOKEN']
os.environ.get('AWS_REGION')
os.environ.items()
os.environ.setdefault('X', '1')
list(os.environ)
open('f', 'w')
pathlib.Path('f')
os.popen('ls')
os.path.os
os.path.genericpath
torch.os
torch.hub
torch.jit
torch.save(1, 'f')
torch.from_file('f')
torch.nn.functional
torch.cuda.torch
np.load('f')
np.lib
np.fromfile('f')
np.save('f', xs)
numpy.core
math.os
torch.ops
torch.classes
np.memmap
'{0.__class__}'.format(xs)
'{x}'.format_map(d)
'x'.encode()
''.maketrans('a', 'b')
b'x'.decode()
np.array([1]).tofile('f')
np.array([1]).dump('f')
np.float64(1).tofile('f')
np.float64(1).dump('f')
np.float64(1).data
np.array([1]).data
np.array([1]).ctypes
np.array([1]).setflags(write=True)
torch.ones(1).storage()
torch.ones(1).untyped_storage()
torch.ones(1).data_ptr()
torch.ones(1).apply_(abs)
torch.ones(1).numpy().tofile('f')
torch.ones(1).share_memory_()
torch.ones(1).resize_(10**9)
torch.ones(1).set_(torch.ones(2))
torch.ones(1).register_hook(print)
torch.ones(1).repeat(10**9)
len.denominator
print.func_globals
int.mro()
(x for x in xs).gi_frame
[].append.real
dict.fromkeys(xs)
(1).to_bytes(10**9, 'big')
xs.sort.self
torch.float32.torch.os
""".strip().splitlines()


@pytest.mark.parametrize("text", UNLISTED)
def test_nothing_leads_to_code_files_or_modules(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        (ExpressionError, ConfigError), match=r"isn't listed for expressions|has no|private|can't be|may hold a secret"
    ):
        evaluated(text)
    assert list(tmp_path.iterdir()) == []


@cache
def component_values():
    net = torch.nn.Linear(1, 1)
    return {"net": net, "tensor": net.weight, "array": np.ones(2), "scalar": np.float64(1), "pair": Pair()}


@pytest.mark.parametrize(
    "text",
    [
        "@net.compile()",
        "@net.forward.func",
        "@tensor.tofile('f')",
        "@tensor.data",
        "@tensor.untyped_storage()",
        "@array.tofile('f')",
        "@array.base",
        "@scalar.tofile('f')",
        "@scalar.dumps()",
        "@pair._secret",
        "@pair.__dict__",
        "@pair.total.__func__",
        "@net._modules",
        "@net.__class__",
        "@tensor.new_empty(10**12)",
        "@array.resize(10**9)",
    ],
)
def test_nothing_does_from_the_values_of_references_either(text):
    with pytest.raises(ConfigError, match=r"isn't listed for expressions|private name"):
        computed("$" + text, **component_values())
