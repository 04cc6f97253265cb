import os
import sys

import pytest
from config.toy import built, computed

from bundlert.errors import ConfigError


@pytest.mark.parametrize("name", ["GITHUB_TOKEN", "api_key", "DB_PASSWORD", "AWS_REGION", "HTTP_PROXY", "MY_SECRET"])
def test_variables_that_may_hold_a_secret_are_not_read(name, monkeypatch):
    monkeypatch.setenv(name, "hidden")
    for text in (
        f"os.environ['{name}']",
        f"os.environ.get('{name}')",
        f"os.getenv('{name}')",
        f"'{name}' in os.environ",
    ):
        with pytest.raises(ConfigError, match=f"the variable '{name}' may hold a secret") as caught:
            computed(f"${text}")
        assert "hidden" not in str(caught.value)


def test_other_variables_are(monkeypatch):
    monkeypatch.setenv("LOCAL_RANK", "3")
    assert computed("$[os.environ['LOCAL_RANK'], os.environ.get('NO_SUCH'), 'LOCAL_RANK' in os.environ]") == [
        *("3", None, True)
    ]
    assert os.environ["LOCAL_RANK"] == "3"


def test_a_search_path_stays_as_it_is():
    before = list(sys.path)
    assert built("i: $import sys\nx: $sys.path.append('code')\n", "x") is None
    assert sys.path == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("setattr(torch.backends.cudnn, 'benchmark', 1)", "'benchmark' of 'torch.backends.cudnn' can't be set"),
        ("setattr(torch.backends.cudnn, 'enabled', True)", "'enabled' of 'torch.backends.cudnn' can't be set"),
        ("setattr(torch, 'load', True)", "'load' of 'torch' can't be set"),
        ("setattr([], 'append', True)", "'append' of 'list' can't be set"),
        ("open('a', 'w')", "can't be opened with the mode 'w'"),
        ("open('/dev/null').read()", "'/dev/null' isn't a file"),
        ("os.listdir('/no/such/folder')", "No such file"),
        ("pathlib.Path('x').parents", "the name 'pathlib' isn't listed"),
        ("torch.distributed.init_process_group('gloo', 'tcp://h:1')", "processes can't meet at 'tcp://h:1'"),
    ],
)
def test_what_is_not_offered_is_told(text, message):
    with pytest.raises(ConfigError, match=message):
        computed(f"${text}")


def test_growing_a_mask_is_bounded():
    text = (
        "i: $from scipy import ndimage\nx: $ndimage.binary_dilation(np.array([0, 1, 0, 0]), iterations={}).tolist()\n"
    )
    assert built(text.format(1), "x") == [True, True, True, False]
    with pytest.raises(ConfigError, match="10000 rounds by a structure of 1 are more than 1000 in all"):
        built(text.format(10_000), "x")
