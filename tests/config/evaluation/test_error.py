from bundlert.config.evaluation.error import ExpressionError


def test_it_tells_what_is_wrong_and_what_to_do():
    error = ExpressionError("no", "do that")
    assert (str(error), error.hint, ExpressionError("no").hint) == ("no", "do that", None)
