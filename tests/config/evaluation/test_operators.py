import ast

import pytest

from bundlert.config.evaluation.operators import BINARY, COMPARE, CONVERSIONS, UNARY


@pytest.mark.parametrize(("table", "kind"), [(BINARY, ast.operator), (UNARY, ast.unaryop), (COMPARE, ast.cmpop)])
def test_there_is_a_function_for_each_operator_of_python(table, kind):
    assert set(table) == set(kind.__subclasses__())


def test_operands_come_in_the_order_of_writing():
    assert BINARY[ast.Sub](5, 3) == 2
    assert COMPARE[ast.In](1, [1, 2])
    assert COMPARE[ast.NotIn](3, [1, 2])
    assert CONVERSIONS[ord("r")]("a") == "'a'"
