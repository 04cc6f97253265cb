"""What is done with a text that may be anything: read, merge, expand, check, build. Only our errors may come out."""

from pathlib import Path

from bundlert.config.build import Builder
from bundlert.config.check import find_problems
from bundlert.config.confined import within
from bundlert.config.dump import dump
from bundlert.config.load import parse
from bundlert.config.macros import expand
from bundlert.config.merge import layer, merge, override, parse_override
from bundlert.config.tree import plain
from bundlert.errors import BundlertError
from bundlert.files import Bounds, confined
from bundlert.registry.registry import standard

NOWHERE = Path("/nonexistent/fuzz")
SPLIT = "\n===\n"


def try_config(text):
    """Take a text for one or two configs (`===` between them) and do all that is done with configs.

    Returns:
        Whether it could be built.
    """
    with within([NOWHERE]), confined(Bounds((NOWHERE,), (), (NOWHERE,))):
        try:
            return _built(text)
        except BundlertError as error:
            assert len(str(error)) < 100_000  # noqa: PT017 (whatever it is, it is short)
            return False


def try_override(text):
    """Take a text for an override."""
    root = parse("a: {b: [1, {c: 2}]}\nn: {_target_: dict, x: 1}\n", "c.yaml")
    with within([NOWHERE]), confined(Bounds()):
        try:
            override(root, *parse_override(text))
            expand(root)
            Builder(root, standard()).get()
        except BundlertError:
            return False
    return True


def try_expression(text):
    """Take a text for an expression that may refer to a few values."""
    root = parse("a: 3\nb: [1, {c: 2}]\nx: 0\n", "c.yaml")
    root.value["x"].value = f"$(lambda i, j, xs, d, t: {text}\n)(3, -2, [1, 2, 3], {{'k': 1, 2: [4]}}, 'text')"
    with within([NOWHERE]), confined(Bounds()):
        try:
            find_problems(root, standard())
            Builder(root, standard()).get("x")
        except BundlertError:
            return False
    return True


def _built(text):
    first, *more = text.split(SPLIT)
    name = "c.json" if first.lstrip()[:1] == "{" else "c.yaml"
    root = parse(first, name)
    for one in more[:3]:
        top = parse(one, "d.yaml")
        layer(parse("a: 1\n", "e.yaml"), top)
        merge(root, top)
    expand(root)
    again = parse(dump(root), "c.yaml")
    assert repr(plain(again)) == repr(plain(root)), "what is dumped reads back as something else"
    find_problems(root, standard())
    Builder(root, standard()).get()
    return True
