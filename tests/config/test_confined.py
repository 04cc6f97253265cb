import pytest

from bundlert.config.confined import checked, within
from bundlert.config.load import load
from bundlert.errors import ConfigError, PolicyError


def test_without_roots_a_config_may_name_any_file(tmp_path):
    assert checked(tmp_path / "a.yaml") == tmp_path / "a.yaml"


def test_below_a_root_it_may(tmp_path):
    with within([tmp_path / "in"]):
        assert checked(tmp_path / "in" / "deep" / "a.yaml")
        assert checked(tmp_path / "in" / ".." / "in" / "a.yaml")


@pytest.mark.parametrize(
    "name", ["a.yaml", "in/../a.yaml", "inside/a.yaml", "/etc/passwd", "http://example.org/a.yaml"]
)
def test_elsewhere_it_may_not(tmp_path, name):
    with (
        within([tmp_path / "in"]),
        pytest.raises(PolicyError, match=r"lies outside of the bundle and isn't read\n  try"),
    ):
        checked(tmp_path / name)


def test_a_link_counts_as_what_it_leads_to(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link.yaml").symlink_to(tmp_path / "out.yaml")
    (tmp_path / "in" / "circle.yaml").symlink_to("circle.yaml")
    with within([tmp_path / "in"]):
        with pytest.raises(PolicyError):
            checked(tmp_path / "in" / "link.yaml")
        with pytest.raises(ConfigError, match=r"can't read|there is no file"):
            load(tmp_path / "in" / "circle.yaml")


def test_a_name_with_a_nul_is_told(tmp_path):
    with within([tmp_path]), pytest.raises(PolicyError, match="can't be a path"):
        checked(tmp_path / "a\0.yaml")


def test_the_roots_are_gone_after_the_block(tmp_path):
    with within([tmp_path]):
        pass
    assert checked(tmp_path.parent)
