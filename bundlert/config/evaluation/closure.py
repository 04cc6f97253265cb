"""Lambdas of a config: called by expressions and components, evaluated as everything else is."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from bundlert.config.evaluation.budget import Budget
from bundlert.config.evaluation.error import ExpressionError
from bundlert.config.evaluation.pieces import Piece
from bundlert.errors import ConfigError

if TYPE_CHECKING:
    from bundlert.config.evaluation.evaluate import Evaluator

MAX_CALLS = 25  # lambdas within lambdas

# What is left for a lambda that runs, and for those that it calls, however that comes about.
_running: ContextVar[Budget | None] = ContextVar("running", default=None)


class Closure:
    """A lambda of a config, called by an expression or a component; each call of a component has a budget of its own.

    Args:
        evaluator: That of the expression that it stands in.
        piece: The lambda.
        scope: What is bound where it is made.
    """

    __slots__ = ("_body", "_cost", "_evaluator", "_names", "_scope", "_text")
    __name__ = "lambda"

    def __init__(self, evaluator: Evaluator, piece: Piece, scope: dict[str, Any]) -> None:
        self._evaluator = evaluator
        _, self._names, self._body, self._cost, self._text = piece
        self._scope = dict(scope)  # loops go on binding other values in theirs

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """The value of the lambda's body."""
        budget = _running.get() or self._evaluator.new_budget()
        token = _running.set(budget)
        try:
            return self.within(budget, arguments, named)
        except ExpressionError as error:
            raise ConfigError(str(error), got=self._text, hint=error.hint) from error
        finally:
            _running.reset(token)

    def within(self, budget: Budget, arguments: Sequence[Any], named: dict[str, Any]) -> Any:
        """The value of the body, computed within a budget.

        Raises:
            ExpressionError: It calls itself without end.
            TypeError: It takes other arguments.
        """
        names = self._names
        given = {**dict(zip(names, arguments, strict=False)), **named}
        if len(arguments) + len(named) != len(names) or set(given) != set(names):
            raise TypeError(f"'{self._text}' takes {len(names)} values, got {[*arguments, *named]}")
        budget.step(self._cost)
        budget.calls += 1
        try:
            if budget.calls > MAX_CALLS:
                raise ExpressionError(f"lambdas call each other more than {MAX_CALLS} deep")
            return self._evaluator.within(budget).value(self._body, {**self._scope, **given})
        finally:
            budget.calls -= 1
