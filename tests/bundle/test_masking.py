import pytest

from bundlert.bundle.masking import masked_tree, masked_word, secrets_of
from bundlert.config.load import parse
from bundlert.config.merge import parse_override
from bundlert.config.tree import plain


def secrets(*overrides):
    return secrets_of(map(parse_override, overrides))


@pytest.mark.parametrize(
    "override",
    [
        *("token=hunter2", "password=hunter2", "api_key=hunter2", "HF_TOKEN=hunter2", "+secret=hunter2"),
        *("login::password=hunter2", "secrets::0=hunter2", "login={user: me, password: hunter2}", "db_pass='hunter2'"),
    ],
)
def test_what_sounds_secret_is_one(override):
    assert secrets(override) == ["hunter2"]
    assert "hunter2" not in masked_word(override, secrets(override))


@pytest.mark.parametrize(
    "override",
    [
        *("epochs=2", "keys=[image]", "transforms::0::keys=image", "key=image", "token=null", "use_token=true"),
        *("token=@other", "token=$1 + 1", "password=''", "image=ct.nii.gz"),
    ],
)
def test_what_does_not_is_none(override):
    assert secrets(override) == []


def test_a_word_keeps_its_id():
    assert masked_word("token=a") == "token=***"
    assert masked_word("login::token=[a, b]") == "login::token=***"
    assert masked_word("image=a=b.nii", ["a"]) == "image=a=b.nii"
    assert masked_word("url=http://me:hunter2@x", ["hunter2"]) == "url=http://me:***@x"


def test_a_tree_is_masked_wherever_a_secret_stands_and_stays_as_it_is():
    text = "token: hunter2\nurl: http://me:hunter2@x\ncopy: [hunter2, 1234, '$@token']\npin_token: 1234\n"
    root = parse(text, "c.yaml")
    given = secrets("token=hunter2", "pin_token=1234")
    assert plain(masked_tree(root, given)) == {
        "token": "***",
        "url": "http://me:***@x",
        "copy": ["***", 1234, "$@token"],
        "pin_token": "***",
    }
    assert plain(root) == plain(parse(text, "c.yaml"))
    assert masked_tree(root, []) is root


def test_a_short_secret_is_masked_where_it_is_the_whole_text():
    root = parse("a: {_target_: it, _disabled_: true, b: x}\nb: box\n", "c.yaml")
    assert plain(masked_tree(root, ["x"])) == {"a": {"_target_": "it", "_disabled_": True, "b": "***"}, "b": "box"}
