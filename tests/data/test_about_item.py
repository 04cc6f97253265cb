import pytest

from bundlert.data.about_item import about_item
from bundlert.errors import DataError, Mark

ITEM = {"image": "images/a.nii.gz", "name": "case_7", "age": 3}


def raised(error, item=ITEM):
    with pytest.raises(type(error)) as caught, about_item(4, item):
        raise error
    return caught.value


def test_an_error_in_the_data_is_told_with_the_item():
    told = raised(DataError("the images differ in shape", got="2 and 3"))
    assert str(told) == "the images differ in shape\n  at: item 4 'case_7' (images/a.nii.gz)\n  got: 2 and 3"


def test_without_a_name_or_a_file_the_number_is_told():
    assert str(raised(DataError("no"), {"age": 3})) == "no\n  at: item 4"


@pytest.mark.parametrize("error", [DataError("image 'images/a.nii.gz' is empty"), DataError("no", at=Mark("list.csv"))])
def test_what_names_its_file_or_place_stays_as_it_is(error):
    before = str(error)
    assert str(raised(error)) == before


def test_any_other_error_keeps_its_type_and_gains_a_note():
    assert raised(ZeroDivisionError("by 0")).__notes__ == ["  at: item 4 'case_7' (images/a.nii.gz)"]
