"""The words of deeds of import and export, between communities, in families, and at posts and stations: what was done to duties and the posts they are turns of."""

from typing import Final

MINUTES, LOOKED, PEOPLE, OTHER = "minutes", "looked", "people", "other"

IN_AND_OUT: Final[dict[str, tuple[str, str, str]]] = {
    # import and export
    "accept older_batch": ("收下了旧系统的服务记录", "Accepted service of an older system", OTHER),
    "refuse older_batch": ("没有收旧系统的服务记录", "Refused service of an older system", OTHER),
    "reconcile community": ("和全国系统的导出核对了", "Held records against the national system's export", LOOKED),
    "undo_import import_batch": ("撤销了一次导入", "Took a whole import back", PEOPLE),
    "export_rosters community": ("导出了社区的名册", "Took out the rosters of a community", LOOKED),
    "export_person elder": ("导出了一位老人的全部资料", "Took out all that is kept about an elder", LOOKED),
    "export_person volunteer": ("导出了一位志愿者的全部资料", "Took out all that is kept about a volunteer", LOOKED),
    "export_whole database": ("导出了全部资料", "Took out everything", LOOKED),
    "import_whole database": ("把全部资料放进了空的数据库", "Put everything into an empty database", OTHER),
}

BETWEEN_COMMUNITIES: Final[dict[str, tuple[str, str, str]]] = {
    # lending
    "ask lending": ("请别的社区借志愿者", "Asked another community for a volunteer", OTHER),
    "agree lending": ("同意借出志愿者", "Agreed to lend a volunteer", OTHER),
    "refuse lending": ("没有同意借出志愿者", "Did not lend a volunteer", OTHER),
    "withdraw lending": ("撤回了借用", "Withdrew the wish to borrow somebody", OTHER),
    "decline lending": ("本人婉拒了借用", "Declined being lent", OTHER),
    "end lending": ("提前还了志愿者", "Gave a volunteer back", OTHER),
}

IN_FAMILIES: Final[dict[str, tuple[str, str, str]]] = {
    "ask_family elder": ("有家属想连上老人", "A family asked to be bound", PEOPLE),
    "agree_family elder": ("老人同意了家属", "The elder agreed to a family member", PEOPLE),
    "make_family_code elder": ("做了纸上的亲属码", "Made a family code for an elder's paper", PEOPLE),
    "wrong_family_code user": ("输错了亲属码", "Typed a wrong family code", PEOPLE),
    "call elder_call": ("老人自己按了“我不舒服”", "An elder called for help", OTHER),
    "fine elder_call": ("老人说没事、点错了", "The elder said it was nothing", OTHER),
    "close elder_call": ("收起了老人的呼叫", "Closed an elder's call", OTHER),
    "not_coming visit": ("家里说这次不用来", "A family called one visit off", OTHER),
    "after_all visit": ("家里说还是来", "A family took that back", OTHER),
    "choose_messages user": ("选了要哪些消息", "Chose which messages to get", OTHER),
    "forget user": ("按本人要求删除了登录和资料", "Erased a sign-in at its own wish", PEOPLE),
    "forget elder": ("按本人要求删除了老人的资料", "Erased an elder at their own wish", PEOPLE),
    "export user": ("本人带走了自己的资料", "Took their own data along", LOOKED),
    "claim family_claim": ("家属申请连上老人", "A family said whom they belong to", PEOPLE),
    "match family_claim": ("认出家属说的老人", "Found the elder a family means", PEOPLE),
    "decline family_claim": ("回绝了家属的申请", "Declined a family's request", PEOPLE),
}

AT_POSTS: Final[dict[str, tuple[str, str, str]]] = {
    # duties
    "open_seats duty": ("开了值守的名额", "Opened places of a turn of duty", OTHER),
    "claim duty": ("认领了一班值守", "Took a turn of duty", OTHER),
    "ask duty": ("请人来值守", "Asked somebody to be on duty", OTHER),
    "accept duty": ("答应了值守", "Agreed to a turn of duty", OTHER),
    "give_up duty": ("退了一班值守", "Gave a turn of duty back", OTHER),
    "call_off duty": ("取消了一班值守", "Called a turn of duty off", OTHER),
    "book duty": ("给单位订了名额", "Booked places for a unit", OTHER),
    "free_again duty": ("退了单位的名额", "Gave a unit's place back", OTHER),
    "sign_in duty": ("到岗", "Signed in on duty", OTHER),
    "sign_out duty": ("离岗", "Signed out of duty", OTHER),
    "wrong_code duty": ("输错了到岗码", "Typed a wrong code of the day", OTHER),
    "enter_from_sheet duty": ("照签到表录了时间", "Entered times from a sign-in sheet", MINUTES),
    "miss duty": ("记了没有来值守", "Noted that somebody did not come on duty", OTHER),
    "confirm duty": ("确认了值守", "Confirmed a turn of duty", MINUTES),
    "offer_swap duty": ("想换一班值守", "Offered a turn of duty to colleagues", OTHER),
    "take_swap duty": ("接了别人的一班值守", "Took over a turn of duty", OTHER),
    "withdraw_swap duty": ("不换班了", "Took an offered turn back", OTHER),
    "ask_hand offer": ("请同事替一次上门", "Asked a colleague to go instead", OTHER),
    "take_hand offer": ("替同事去一次", "Went instead of a colleague", OTHER),
    "decline_hand offer": ("没有替同事去", "Did not go instead of a colleague", OTHER),
    "note_distance offer": ("签到时记了离门多远", "Let the distance from the door be noted", OTHER),
    "withdraw_hand offer": ("不请同事替了", "Went oneself after all", OTHER),
    # posts
    "add post": ("建了岗位", "Added a post", OTHER),
    "edit post": ("改了岗位", "Changed a post", OTHER),
    "add_shifts post": ("排了岗位的班", "Added shifts to a post", OTHER),
    "drop_shift post": ("去掉了岗位的一班", "Dropped a shift of a post", OTHER),
    "claim post": ("认领了岗位的一班", "Took a shift of a post", OTHER),
    "end_claim post": ("退了岗位的一班", "Gave a shift of a post back", OTHER),
}
