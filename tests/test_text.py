import pytest

from bundlert.text import chained, did_you_mean, human_size, human_time, listed, may_be_secret, nearest

NAMES = ["DiceLoss", "DiceCELoss", "UNet", "channels"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("DiceLos", "DiceLoss"),
        ("unet", "UNet"),
        ("CHANNELS", "channels"),
        ("chanels", "channels"),
        ("xyz", None),
        ("", None),
    ],
)
def test_the_nearest_name_is_found(name, expected):
    assert nearest(name, NAMES) == expected


def test_a_guess_is_a_question():
    assert did_you_mean("chanels", iter(NAMES)) == "did you mean 'channels'?"
    assert did_you_mean("xyz", NAMES) is None
    assert did_you_mean("x", []) is None


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (999.6, "1.0 kB"),
        (1000, "1.0 kB"),
        (3_440_000, "3.4 MB"),
        (999_940, "999.9 kB"),
        (999_960, "1.0 MB"),
        (2.5e9, "2.5 GB"),
        (7.2e12, "7.2 TB"),
        (4e15, "4000.0 TB"),
    ],
)
def test_a_size_has_the_unit_that_people_use(size, text):
    assert human_size(size) == text


@pytest.mark.parametrize(
    ("time_s", "text"),
    [
        (0, "0.0 s"),
        (3.14, "3.1 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (185, "3 min 05 s"),
        (3599.6, "1 h 00 min"),
        (7800, "2 h 10 min"),
        (200_000, "55 h 33 min"),
    ],
)
def test_a_duration_has_the_unit_that_people_use(time_s, text):
    assert human_time(time_s) == text


def test_a_list_is_cut_after_so_many():
    assert listed([]) == ""
    assert listed("abc") == "a, b, c"
    assert listed("abc", most=3) == "a, b, c"
    assert listed("abcdefg", most=3) == "a, b, c and 4 more"
    assert listed(str(number) for number in range(13)).endswith("10, 11 and 1 more")


def test_a_long_chain_is_shown_by_its_ends():
    assert chained(["a", "b", "a"]) == "a -> b -> a"
    assert chained(map(str, range(100)), most=4) == "0 -> 1 -> ... 96 more ... -> 98 -> 99"


@pytest.mark.parametrize("name", ["HF_TOKEN", "token", "api_key", "AWS_REGION", "db_password", "DATABASE_URL"])
def test_some_names_sound_secret(name):
    assert may_be_secret(name)


@pytest.mark.parametrize("name", ["RANK", "epochs", "image", "MY_AWS", "HOME"])
def test_others_do_not(name):
    assert not may_be_secret(name)
