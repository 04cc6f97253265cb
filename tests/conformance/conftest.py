import pytest
from config import toy


@pytest.fixture
def calls():
    """The tags of the components that were called, in order."""
    toy.CALLS.clear()
    return toy.CALLS
