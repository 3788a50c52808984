"""What is left of a name and a number that are hidden."""

import pytest

from timebank.access.masking import mask_name, surname_of
from timebank.phones import mask_phone


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王秀兰", "王**"),
        ("王兰", "王*"),
        ("欧阳兰", "欧阳*"),
        ("欧阳秀兰", "欧阳**"),
        ("欧阳", "欧*"),
        ("王", "王*"),
        ("买买提·艾力", "买买提***"),
        ("", ""),
    ],
)
def test_a_name_keeps_its_surname_only(name: str, masked: str) -> None:
    """A star stands for each further character; a name of one character gets one too."""
    assert mask_name(name) == masked


@pytest.mark.parametrize(("phone", "masked"), [("13812341234", "138****1234"), ("053288880000", "**********00"), ("", ""), ("110", "*10")])
def test_a_number_keeps_its_ends_only(phone: str, masked: str) -> None:
    """A mobile keeps three and four digits, another number its last two."""
    assert mask_phone(phone) == masked


def test_a_surname_of_two_characters_is_one_surname() -> None:
    """诸葛 is a surname, 王小 is not."""
    assert (surname_of("诸葛明亮"), surname_of("王小明")) == ("诸葛", "王")
