"""Tiny components, and trees and values from short texts."""

from bundlert.config.build import Builder
from bundlert.config.check import find_problems
from bundlert.config.load import parse
from bundlert.config.macros import expand
from bundlert.registry.index import Component
from bundlert.registry.registry import Registry

CALLS = []


class Pair:
    __module__ = "bundlert.toy"  # as if it were the house's own, whose attributes may be read

    def __init__(self, left=None, right=None):
        self.left = left
        self.right = right
        self._secret = 1

    def total(self):
        return self.left + self.right


def logged(tag, **needs):
    """Tell that it was called."""
    CALLS.append(tag)
    return needs or {"tag": tag}


def same(value):
    return value


def nothing():
    return None


def positive(width, height=1):
    for name, value in (("width", width), ("height", height)):
        if value <= 0:
            raise ValueError(f"{name} must be > 0, got {value}")
    return width * height


def wide(width):
    return width


def broken():
    raise RuntimeError("a bug")


NAMES = ("Pair", "logged", "same", "nothing", "positive", "broken")
REGISTRY = Registry(Component("toy", name, "config.toy", "for tests") for name in NAMES)


def tree_of(text):
    """The tree of a YAML text, its macros expanded."""
    root = parse(text, "c.yaml")
    expand(root)
    return root


def built(text, config_id=""):
    """The value of a node of a YAML text."""
    return Builder(tree_of(text), REGISTRY).get(config_id)


def computed(expression, **values):
    """The value of an expression; keywords are what it may refer to."""
    root = tree_of("{}")
    root.value.update(parse(repr({"x": expression}), "c.yaml").value)
    builder = Builder(root, REGISTRY)
    for name, value in values.items():
        root.value[name] = tree_of("a: 0").value["a"]
        builder._built[root.value[name]] = value
    return builder.get("x")


def told(text):
    """The words of all mistakes that are seen without building."""
    return [str(problem) for problem in find_problems(tree_of(text), REGISTRY)]


def written(folder, **texts):
    """Write files; the keyword `a_yaml` is `a.yaml`."""
    for name, text in texts.items():
        file = folder / name.replace("__", "/").replace("_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder
