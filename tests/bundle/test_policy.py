import pytest

from bundlert.bundle.policy import PolicedRegistry, read_policies, refuse_edits, refuse_size, refuse_trust
from bundlert.errors import PolicyError
from bundlert.registry.registry import standard


@pytest.fixture
def policies(monkeypatch, tmp_path):
    """Policies read from a text."""
    monkeypatch.delenv("BUNDLERT_POLICY", raising=False)
    monkeypatch.setenv("BUNDLERT_CONFIG", str(tmp_path))

    def read(text):
        (tmp_path / "policy.yaml").write_text(text)
        return read_policies()

    return read


def found(policies, name):
    return PolicedRegistry(standard(), policies).find(name).name


def test_without_a_file_there_is_none(monkeypatch, tmp_path):
    monkeypatch.setenv("BUNDLERT_CONFIG", str(tmp_path))
    assert read_policies() == []


def test_a_named_policy_takes_the_place_of_the_users(policies, monkeypatch, tmp_path):
    (tmp_path / "other.yaml").write_text("trust: never\n")
    monkeypatch.setenv("BUNDLERT_POLICY", str(tmp_path / "other.yaml"))
    (policy,) = policies("editable: []\n")
    assert policy.rule("editable") is None
    assert policy.rule("trust").value == "never"


def test_no_variable_hides_the_policy_of_the_machine(policies, monkeypatch, tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "policy.yaml").write_text("trust: never\n")
    monkeypatch.setattr("bundlert.bundle.policy.site_folders", lambda: [tmp_path / "site"])
    assert len(policies("trust: user\n")) == 2
    monkeypatch.setenv("BUNDLERT_POLICY", str(tmp_path / "policy.yaml"))
    with pytest.raises(PolicyError, match="lets no code of bundles run"):
        refuse_trust(read_policies())


def test_a_policy_that_was_named_must_be_there(monkeypatch, tmp_path):
    monkeypatch.setenv("BUNDLERT_POLICY", str(tmp_path / "none.yaml"))
    with pytest.raises(PolicyError, match=r"the policy '.*none.yaml' can't be used\n  got: there is no file"):
        read_policies()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("signers: [me]\n", "a policy has no 'signers'\n  at: FILE:1:1"),
        ("a: 1\neditible: []\n", "a policy has no 'a'\n  at: FILE:1:1"),
        ("editible: []\n", "a policy has no 'editible'\n  at: FILE:1:1\n  try: did you mean 'editable'?"),
        ("trust: always\n", "policy: 'always' is not one of ['never', 'user']\n  at: FILE:1:8 (trust)"),
        (
            "trust: never\nmax_file_mb: 0\n",
            "policy: 0 is less than or equal to the minimum of 0\n  at: FILE:2:14 (max_file_mb)",
        ),
        ("editable: epochs\n", "policy: 'epochs' is not of type 'array'\n  at: FILE:1:11 (editable)"),
        ("editable: [1]\n", "policy: 1 is not of type 'string'\n  at: FILE:1:12 (editable::0)"),
        ("a: [\n", "the policy 'FILE' can't be used\n  at: FILE:2:1\n  got: not valid YAML"),
    ],
)
def test_a_policy_that_is_wrong_lets_nothing_run(policies, tmp_path, text, message):
    with pytest.raises(PolicyError) as caught:
        policies(text)
    assert str(caught.value).startswith(message.replace("FILE", str(tmp_path / "policy.yaml")))


def test_only_allowed_components_are_found(policies):
    allowed = policies("allowed_components: [UNet, 'torch.optim.*']\n")
    assert found(allowed, "UNet") == "UNet"
    assert found(allowed, "torch.optim.SGD") == "SGD"
    for name in ("DiceLoss", "torch.nn.Linear", "torch.optim.lr_scheduler.StepLR"):
        if name.startswith("torch.optim"):
            assert found(allowed, name)
            continue
        with pytest.raises(PolicyError, match=rf"doesn't allow '{name}'\n  at: .*policy.yaml:1:1\n  got: it isn't in"):
            found(allowed, name)


def test_refused_components_arent_found_by_any_of_their_names(policies):
    refused = policies("trust: user\nrefused_components:\n- SaveImage\n- torch.nn.Conv*\n")
    assert found(refused, "UNet") == "UNet"
    for name, line in (("SaveImage", 3), ("torch.nn.Conv3d", 4)):
        with pytest.raises(PolicyError, match=rf"the policy refuses '{name}'\n  at: .*policy.yaml:{line}:3"):
            found(refused, name)


def test_the_fields_spelling_of_a_refused_name_is_refused(policies):
    with pytest.raises(PolicyError, match=r"refuses 'monai\.transforms\.SaveImaged'"):
        found(policies("refused_components: [SaveImage]\n"), "monai.transforms.SaveImaged")


def test_a_policed_registry_is_as_the_other_otherwise():
    policed = PolicedRegistry(standard(), [])
    assert "UNet" in policed
    assert [one.name for one in policed] == [one.name for one in standard()]
    assert policed.trusts_code is False
    assert PolicedRegistry(standard().trusted(), []).trusts_code is True


def test_only_editable_ids_can_be_set(policies):
    editable = policies("editable: [epochs, 'optimizer::*', network]\n")
    refuse_edits(editable, ["epochs", "optimizer::lr", "network::channels::0", "+network", "network#channels"])
    for config_id in ("optimizer", "epoch", "+loader", "a::epochs"):
        with pytest.raises(
            PolicyError, match=r"doesn't let anybody set '[\w:]+'\n  at: .*:1:1\n  expected: one of epochs,"
        ):
            refuse_edits(editable, [config_id])


def test_nothing_may_be_editable(policies):
    with pytest.raises(PolicyError, match="expected: nothing"):
        refuse_edits(policies("editable: []\n"), ["epochs"])
    refuse_edits(policies("trust: user\n"), ["epochs"])


def test_trust_is_the_users_unless_it_is_said_to_be_nobodys(policies):
    refuse_trust(policies("trust: user\n"))
    with pytest.raises(PolicyError, match=r"lets no code of bundles run\n  at: .*policy.yaml:1:1\n  got: trust: never"):
        refuse_trust(policies("trust: never\n"))


def test_a_bundle_may_be_too_large(policies, tmp_path):
    (tmp_path / "b").mkdir()
    for name in ("one", "two"):
        (tmp_path / "b" / name).write_bytes(b"x" * 600_000)
    refuse_size(policies("max_bundle_mb: 1.2\nmax_file_mb: 0.6\n"), tmp_path / "b")
    with pytest.raises(PolicyError, match=r"finds '.*b' too large\n  at: .*:1:1\n  got: 1.2 MB, more than 1.0 MB"):
        refuse_size(policies("max_bundle_mb: 1\n"), tmp_path / "b")
    with pytest.raises(PolicyError, match=r"finds '.*(one|two)' too large\n.*\n  got: 600.0 kB, more than 500.0 kB"):
        refuse_size(policies("max_file_mb: 0.5\n"), tmp_path / "b")
