"""What is wrong with an expression, before anybody knows where it stands."""

from __future__ import annotations


class ExpressionError(Exception):
    """What is wrong with a text as an expression; `hint` says what to do."""

    def __init__(self, what: str, hint: str | None = None) -> None:
        super().__init__(what)
        self.hint = hint
