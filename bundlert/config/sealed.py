"""Names in an expression that its evaluation would refuse, seen without evaluating anything."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence

from bundlert.config import allowed
from bundlert.config.expressions import Expression, ExpressionError
from bundlert.config.names import Names
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

    def refused(
        self, expression: Expression, nodes: Sequence[ast.AST], used: Collection[str]
    ) -> Iterator[ExpressionError]:
        """What an expression may not name: unknown names, unlisted members of modules, unlisted methods of texts.

        Args:
            expression: What was parsed.
            nodes: All nodes of its syntax tree.
            used: Names that some expression uses. An import that nothing uses is never made.
        """
        if self._names.trusted:
            return
        for name, dotted in expression.imports.items():
            error = self._names.refusal(dotted) if name in used else None
            if error is not None:
                yield error
        own = {*expression.references}
        for node in nodes:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                own.add(node.id)
            elif isinstance(node, ast.Lambda):
                own.update(one.arg for one in node.args.args)
        found = [self._refused_node(node, own) for node in nodes]
        yield from {str(error): error for error in found if error is not None}.values()

    def _refused_node(self, node: ast.AST, own: Collection[str]) -> ExpressionError | None:
        if isinstance(node, ast.Name) and node.id not in own:
            return self._unknown(node.id)
        if isinstance(node, ast.Call):
            return self._unknown_call(node.func, own)
        if isinstance(node, ast.Attribute):
            module = self._module(node.value, own)
            return _refused_method(node) if module is None else self._names.refusal(f"{module}.{node.attr}")
        return None

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

    def _unknown_call(self, node: ast.AST, own: Collection[str]) -> ExpressionError | None:
        """A call of what the field has and this house hasn't."""
        steps: list[str] = []
        while isinstance(node, ast.Attribute):
            steps.insert(0, node.attr)
            node = node.value
        if not steps or not isinstance(node, ast.Name) or node.id in own:
            return None
        dotted = ".".join([self._imports.get(node.id, node.id), *steps])
        try:
            if dotted.partition(".")[0] in self._registry.dialects:
                self._registry.find(dotted)
        except BundlertError as error:
            return ExpressionError(error.what, error.hint)
        return None

    def _module(self, node: ast.AST, own: Collection[str]) -> str | None:
        """The listed module that a dotted name means, if it means one."""
        dotted: str | None = None
        if isinstance(node, ast.Name) and node.id not in own:
            is_builtin = node.id in allowed.BUILTINS and node.id not in self._imports
            dotted = None if is_builtin else self._imports.get(node.id) or allowed.NAMES.get(node.id)
        elif isinstance(node, ast.Attribute):
            parent = self._module(node.value, own)
            dotted = f"{parent}.{node.attr}" if parent is not None else None
        return dotted if dotted in allowed.MODULES else None


def _refused_method(node: ast.Attribute) -> ExpressionError | None:
    one = node.value
    is_text = isinstance(one, ast.JoinedStr) or (isinstance(one, ast.Constant) and isinstance(one.value, str))
    if not is_text or allowed.may_read("", node.attr):
        return None
    return ExpressionError(f"'.{node.attr}' of a str isn't listed for expressions")
