import pytest
import torch
from config import toy


@pytest.fixture
def calls():
    """The tags of the components that were called, in order."""
    toy.CALLS.clear()
    return toy.CALLS


@pytest.fixture
def restored():
    """The switches that a config may set, as they were before."""
    switches = torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic
    was_deterministic = torch.are_deterministic_algorithms_enabled()
    yield
    torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic = switches
    torch.use_deterministic_algorithms(was_deterministic)
