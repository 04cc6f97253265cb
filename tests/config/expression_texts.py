"""Strategies of expressions: of those whose value Python knows too, and of any at all."""

from copy import deepcopy

from config.toy import REGISTRY
from hypothesis import strategies as st

from bundlert.config.evaluation.evaluate import Evaluator
from bundlert.config.evaluation.expressions import parse_expression
from bundlert.config.evaluation.names import Names
from bundlert.errors import Mark

NAMES = st.sampled_from(["i", "j", "xs", "d", "t"])
VALUES = {"i": 3, "j": -2, "xs": [1, 2, 3], "d": {"k": 1, 2: [4]}, "t": "text"}
_LEAVES = (
    NAMES | st.integers(-5, 20).map(str) | st.sampled_from(["'a'", "2.5", "True", "None", "[]", "xs[0]", "d['k']"])
)
_BINARY = st.sampled_from(
    ["+", "-", "*", "/", "//", "%", "&", "|", "^", "<", "<=", "==", "!=", ">", ">=", "in", "not in", "and", "or"]
)


def _grown(kids):
    return st.one_of(
        st.builds("({} {} {})".format, kids, _BINARY, kids),
        st.builds("({} < {} <= {})".format, kids, kids, kids),
        st.builds(
            "({} is {})".format, kids, st.sampled_from(["None", "xs", "not None"])
        ),  # of literals it means nothing
        st.builds("({} {})".format, st.sampled_from(["-", "+", "not", "~"]), kids),
        st.builds("({} if {} else {})".format, kids, kids, kids),
        st.builds("[{}, {}]".format, kids, kids),
        st.builds("({}, *{})".format, kids, kids),
        st.builds("{{{}: {}}}".format, kids, kids),
        st.builds("{}[{}]".format, kids, kids),
        st.builds("{}[{}:]".format, kids, kids),
        st.builds("[({}) for i in {} if {}]".format, kids, kids, kids),
        st.builds("{{i: {} for i, j in {}}}".format, kids, kids),
        st.builds("{{{} for i in xs for q in {}}}".format, kids, kids),
        st.builds("{}({})".format, st.sampled_from(["len", "sum", "list", "str", "sorted", "max", "int", "abs"]), kids),
        st.builds("f'{{{}}} {{i:>{}}}'".format, NAMES, st.integers(0, 9)),
    )


SAFE = st.recursive(_LEAVES, _grown, max_leaves=8)

_WILD = st.sampled_from(
    [
        *("torch.zeros", "torch.tensor", "np.array", "np.arange", "np.linspace", "math.prod", "os.path.join", "range"),
        *("str", "int", "round", "sum", "dict", "zip", "print", "'x'.join", "'x'.replace", "t.ljust", "xs.append"),
        *("np.float64", "torch.device", "torch.float32", "os", "torch", "xs.sort", "d.update", "divmod", "set", "open"),
        *("10**9", "10**400", "'%d'", "b'x'", "...", "1j", "torch.ones(3)[:, None]", "np.arange(1000)", "getattr"),
    ]
)


def _wildly_grown(kids):
    return st.one_of(
        _grown(kids),
        st.builds("{}({}, {})".format, kids, kids, kids),
        st.builds("{}(*{}, **{})".format, kids, kids, kids),
        st.builds("sorted({}, key={})".format, kids, kids),
        st.builds("({} {} {})".format, kids, st.sampled_from(["**", "<<", "@", ">>", "%"]), kids),
        st.builds("{}.{}".format, kids, st.sampled_from(["append", "format", "shape", "tofile", "zfill", "item", "T"])),
        st.builds("f'{{i:{}}}'".format, st.integers(0, 10**12)),
    )


ANY = st.recursive(_LEAVES | _WILD, _wildly_grown, max_leaves=8)


class _Given(Names):
    """The names of the values, and those of every expression."""

    def __init__(self):
        super().__init__(REGISTRY)
        self._values = deepcopy(VALUES)  # an expression may change them

    def find(self, name):
        return self._values[name] if name in self._values else super().find(name)


def evaluated(text):
    """The value of an expression over fresh `VALUES`."""
    names = _Given()
    expression = parse_expression("$" + text, at=Mark("c.yaml"), path=("x",))
    return Evaluator(expression, names, names.find).evaluate()
