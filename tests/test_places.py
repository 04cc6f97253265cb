import stat

from bundlert.places import cache_folder, private, site_folders, user_folder


def test_a_variable_names_the_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("BUNDLERT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("BUNDLERT_CONFIG", str(tmp_path / "config"))
    assert (cache_folder(), user_folder()) == (tmp_path / "cache", tmp_path / "config")


def test_without_one_the_system_says_where(monkeypatch, tmp_path):
    for name in ("BUNDLERT_CACHE", "BUNDLERT_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    for folder in (cache_folder(), user_folder()):
        assert tmp_path in folder.parents
        assert "bundlert" in folder.parts


def test_no_variable_moves_the_settings_of_the_machine(monkeypatch, tmp_path):
    before = site_folders()
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path))
    assert site_folders() == before


def test_a_private_folder_can_be_opened_by_its_owner_only(tmp_path):
    assert stat.S_IMODE(private(tmp_path / "a" / "b").stat().st_mode) == 0o700
    assert private(tmp_path / "a" / "b").is_dir()
