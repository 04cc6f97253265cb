"""Names in an expression that its evaluation would refuse, seen without evaluating anything."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence

from bundlert.config.evaluation import allowed
from bundlert.config.evaluation.error import ExpressionError
from bundlert.config.evaluation.expressions import Expression
from bundlert.config.evaluation.foreseen import Foresight
from bundlert.config.evaluation.functions import Module
from bundlert.config.evaluation.names import Names
from bundlert.errors import BundlertError
from bundlert.registry.registry import Registry
from bundlert.text import did_you_mean


def nodes_of(body: ast.expr) -> list[ast.AST]:
    """The nodes of a syntax tree from left to right, without operators and contexts; faster than `ast.walk`."""
    found: list[ast.AST] = []
    pending: list[ast.AST] = [body]
    while pending:
        node = pending.pop()
        found.append(node)
        kids: list[ast.AST] = []
        for field in node._fields:
            value = getattr(node, field, None)
            if isinstance(value, list):
                kids.extend(one for one in value if isinstance(one, ast.AST) and one._fields)
            elif isinstance(value, ast.AST) and value._fields:
                kids.append(value)
        pending.extend(reversed(kids))
    return found


class Seal:
    """What expressions of one config may name.

    Args:
        registry: The components.
        imports: Name -> dotted name, for what the config's import statements bind.
    """

    def __init__(self, registry: Registry, imports: Mapping[str, str]) -> None:
        self._registry = registry
        self._imports = imports
        self._names = Names(registry, lambda: imports)
        self._sight = Foresight(registry, imports)

    def refused(
        self, expression: Expression, nodes: Sequence[ast.AST], used: Collection[str]
    ) -> Iterator[ExpressionError]:
        """What an expression may not do: name what isn't listed, look into what has no such attribute, write a file.

        Args:
            expression: What was parsed.
            nodes: All nodes of its syntax tree, the whole first.
            used: Names that some expression uses. An import that nothing uses is never made.
        """
        if self._names.trusted:
            return
        for name, dotted in expression.imports.items():
            error = self._names.refusal(dotted) if name in used else None
            if error is not None:
                yield error
        if expression.imports:
            return
        inner = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
        found = [self._refused_node(node, bound, id(node) in inner) for node, bound in _placed(expression, nodes)]
        found.append(self._refused_whole(expression, nodes[0]))
        yield from {str(error): error for error in found if error is not None}.values()

    def refused_step(self, steps: Sequence[str]) -> ExpressionError | None:
        """Why a reference may not go on by some steps into a value that is built first, if one of them is private."""
        private = None if self._names.trusted else next((step for step in steps if step.startswith("__")), None)
        return ExpressionError(f"the private name '{private}' can't be used in a reference") if private else None

    def _refused_node(self, node: ast.AST, bound: Collection[str], is_inner: bool) -> ExpressionError | None:
        """Why a node is refused, where some names are bound, and where a longer name may go on from it."""
        if isinstance(node, ast.Name) and node.id not in bound:
            error = self._unknown(node.id)
            if error is not None:
                return error
        try:
            self._sight.check(node, bound)
        except ExpressionError as error:
            return error
        parent, _, _ = (dotted := self._sight.dotted(node, bound) or "").rpartition(".")
        if parent and self._sight.is_of_field(dotted):
            return None if is_inner else self._refused_of_field(dotted)
        return self._names.refusal(dotted) if isinstance(node, ast.Attribute) and parent in allowed.MODULES else None

    def _unknown(self, name: str) -> ExpressionError | None:
        if name in self._imports or name in allowed.BUILTINS or name in allowed.NAMES or name in self._registry:
            return None
        try:
            if name not in self._registry.dialects:
                self._registry.find(name)
        except BundlertError:
            known = [*allowed.BUILTINS, *allowed.NAMES, *self._imports, *(one.name for one in self._registry)]
            return ExpressionError(f"the name '{name}' isn't listed for expressions", did_you_mean(name, known))
        return None

    def _refused_of_field(self, dotted: str) -> ExpressionError | None:
        """What the field has and this house hasn't."""
        if dotted.rpartition(".")[0].rpartition(".")[2] in allowed.TEXTS:
            return None
        try:
            self._registry.find(dotted)
        except BundlertError as error:
            return ExpressionError(error.what, error.hint)
        return None

    def _refused_whole(self, expression: Expression, body: ast.AST) -> ExpressionError | None:
        value = self._sight.value(body, expression.references)
        return ExpressionError(f"'{value.dotted}' is a module, not a value") if isinstance(value, Module) else None


def _placed(expression: Expression, nodes: Sequence[ast.AST]) -> Iterator[tuple[ast.AST, Collection[str]]]:
    """Each node with the names that references, loops and lambdas bind where it stands."""
    outside = frozenset(expression.references)
    if any(isinstance(node, ast.comprehension | ast.Lambda) for node in nodes):
        return _within(nodes[0], outside)
    return ((node, outside) for node in nodes)


def _within(node: ast.AST, bound: frozenset[str]) -> Iterator[tuple[ast.AST, Collection[str]]]:
    yield node, bound
    if isinstance(node, ast.Lambda):
        yield from _within(node.body, bound.union(one.arg for one in node.args.args))
        return
    for loop in getattr(node, "generators", ()):
        yield from _within(loop.iter, bound)
        bound = bound.union(one.id for one in ast.walk(loop.target) if isinstance(one, ast.Name))
        for part in (loop.target, *loop.ifs):
            yield from _within(part, bound)
    for kid in ast.iter_child_nodes(node):
        if not isinstance(kid, ast.comprehension):
            yield from _within(kid, bound)
