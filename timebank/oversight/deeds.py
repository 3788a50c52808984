"""The words of deeds of import and export, between communities, in families, and at posts and stations: what was done to duties and the posts they are turns of."""

from typing import Final

from timebank.sentences import Pair, Sentence

MINUTES, LOOKED, PEOPLE, OTHER = "minutes", "looked", "people", "other"

IN_AND_OUT: Final[dict[str, tuple[Pair, str]]] = {
    # import and export
    "accept older_batch": (Sentence("收下了旧系统的服务记录"), OTHER),
    "refuse older_batch": (Sentence("没有收旧系统的服务记录"), OTHER),
    "reconcile community": (Sentence("和全国系统的导出核对了"), LOOKED),
    "undo_import import_batch": (Sentence("撤销了一次导入"), PEOPLE),
    "export_rosters community": (Sentence("导出了社区的名册"), LOOKED),
    "export_person elder": (Sentence("导出了一位老人的全部资料"), LOOKED),
    "export_person volunteer": (Sentence("导出了一位志愿者的全部资料"), LOOKED),
    "export_whole database": (Sentence("导出了全部资料"), LOOKED),
    "import_whole database": (Sentence("把全部资料放进了空的数据库"), OTHER),
}

BETWEEN_COMMUNITIES: Final[dict[str, tuple[Pair, str]]] = {
    # lending
    "ask lending": (Sentence("请别的社区借志愿者"), OTHER),
    "agree lending": (Sentence("同意借出志愿者"), OTHER),
    "refuse lending": (Sentence("没有同意借出志愿者"), OTHER),
    "withdraw lending": (Sentence("撤回了借用"), OTHER),
    "decline lending": (Sentence("本人婉拒了借用"), OTHER),
    "end lending": (Sentence("提前还了志愿者"), OTHER),
}

IN_FAMILIES: Final[dict[str, tuple[Pair, str]]] = {
    "ask_family elder": (Sentence("有家属想连上老人"), PEOPLE),
    "agree_family elder": (Sentence("老人同意了家属"), PEOPLE),
    "make_family_code elder": (Sentence("做了纸上的亲属码"), PEOPLE),
    "wrong_family_code user": (Sentence("输错了亲属码"), PEOPLE),
    "call elder_call": (Sentence("老人自己按了“我不舒服”"), OTHER),
    "fine elder_call": (Sentence("老人说没事、点错了"), OTHER),
    "close elder_call": (Sentence("收起了老人的呼叫"), OTHER),
    "not_coming visit": (Sentence("家里说这次不用来"), OTHER),
    "after_all visit": (Sentence("家里说还是来"), OTHER),
    "choose_messages user": (Sentence("选了要哪些消息"), OTHER),
    "forget user": (Sentence("按本人要求删除了登录和资料"), PEOPLE),
    "forget elder": (Sentence("按本人要求删除了老人的资料"), PEOPLE),
    "export user": (Sentence("本人带走了自己的资料"), LOOKED),
    "claim family_claim": (Sentence("家属申请连上老人"), PEOPLE),
    "match family_claim": (Sentence("认出家属说的老人"), PEOPLE),
    "decline family_claim": (Sentence("回绝了家属的申请"), PEOPLE),
}

AT_POSTS: Final[dict[str, tuple[Pair, str]]] = {
    # duties
    "open_seats duty": (Sentence("开了值守的名额"), OTHER),
    "claim duty": (Sentence("认领了一班值守"), OTHER),
    "ask duty": (Sentence("请人来值守"), OTHER),
    "accept duty": (Sentence("答应了值守"), OTHER),
    "give_up duty": (Sentence("退了一班值守"), OTHER),
    "call_off duty": (Sentence("取消了一班值守"), OTHER),
    "book duty": (Sentence("给单位订了名额"), OTHER),
    "free_again duty": (Sentence("退了单位的名额"), OTHER),
    "sign_in duty": (Sentence.of("oversight", "到岗"), OTHER),
    "sign_out duty": (Sentence.of("oversight", "离岗"), OTHER),
    "wrong_code duty": (Sentence("输错了到岗码"), OTHER),
    "enter_from_sheet duty": (Sentence("照签到表录了时间"), MINUTES),
    "miss duty": (Sentence("记了没有来值守"), OTHER),
    "confirm duty": (Sentence("确认了值守"), MINUTES),
    "offer_swap duty": (Sentence("想换一班值守"), OTHER),
    "take_swap duty": (Sentence("接了别人的一班值守"), OTHER),
    "withdraw_swap duty": (Sentence("不换班了"), OTHER),
    "ask_hand offer": (Sentence("请同事替一次上门"), OTHER),
    "take_hand offer": (Sentence("替同事去一次"), OTHER),
    "decline_hand offer": (Sentence("没有替同事去"), OTHER),
    "note_distance offer": (Sentence("签到时记了离门多远"), OTHER),
    "withdraw_hand offer": (Sentence("不请同事替了"), OTHER),
    # posts
    "add post": (Sentence("建了岗位"), OTHER),
    "edit post": (Sentence("改了岗位"), OTHER),
    "add_shifts post": (Sentence("排了岗位的班"), OTHER),
    "drop_shift post": (Sentence("去掉了岗位的一班"), OTHER),
    "claim post": (Sentence("认领了岗位的一班"), OTHER),
    "end_claim post": (Sentence("退了岗位的一班"), OTHER),
}
