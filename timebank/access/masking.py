"""What is shown of a name to somebody who may not see all of it; of a telephone, see ``phones``."""

# fmt: off
COMPOUND_SURNAMES = frozenset({
    "欧阳", "太史", "端木", "上官", "司马", "东方", "独孤", "南宫", "万俟", "闻人", "夏侯", "诸葛",
    "尉迟", "公羊", "赫连", "澹台", "皇甫", "宗政", "濮阳", "公冶", "太叔", "申屠", "公孙", "慕容",
    "仲孙", "钟离", "长孙", "宇文", "司徒", "鲜于", "司空", "闾丘", "令狐", "百里", "呼延", "东郭",
    "南门", "微生", "轩辕", "西门", "第五",
})
# fmt: on
SHORTEST_WITH_COMPOUND = 3


def surname_of(name: str) -> str:
    """Return the surname of a Chinese name; of a name with a middle dot, the part before it."""
    if "·" in name:
        return name.split("·", 1)[0]
    if len(name) >= SHORTEST_WITH_COMPOUND and name[:2] in COMPOUND_SURNAMES:
        return name[:2]
    return name[:1]


def mask_name(name: str) -> str:
    """Return the surname and a star for each further character: 王**, 欧阳*."""
    rest = len(name) - len(surname_of(name))
    return surname_of(name) + "*" * max(rest, 1) if name else ""
