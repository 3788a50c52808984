"""The words of deeds between communities, and at posts and stations: what was done to duties and the posts they are turns of."""

from typing import Final

MINUTES, OTHER = "minutes", "other"

BETWEEN_COMMUNITIES: Final[dict[str, tuple[str, str, str]]] = {
    # lending
    "ask lending": ("请别的社区借志愿者", "Asked another community for a volunteer", OTHER),
    "agree lending": ("同意借出志愿者", "Agreed to lend a volunteer", OTHER),
    "refuse lending": ("没有同意借出志愿者", "Did not lend a volunteer", OTHER),
    "withdraw lending": ("撤回了借用", "Withdrew the wish to borrow somebody", OTHER),
    "decline lending": ("本人婉拒了借用", "Declined being lent", OTHER),
    "end lending": ("提前还了志愿者", "Gave a volunteer back", OTHER),
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
    # posts
    "add post": ("建了岗位", "Added a post", OTHER),
    "edit post": ("改了岗位", "Changed a post", OTHER),
    "add_shifts post": ("排了岗位的班", "Added shifts to a post", OTHER),
    "drop_shift post": ("去掉了岗位的一班", "Dropped a shift of a post", OTHER),
    "claim post": ("认领了岗位的一班", "Took a shift of a post", OTHER),
    "end_claim post": ("退了岗位的一班", "Gave a shift of a post back", OTHER),
}
