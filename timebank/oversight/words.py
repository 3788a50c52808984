"""What stands in the audit trail, in words: one table of deeds, one of things, one of fields and one of values.

A deed is a verb and the kind of thing it is done to. Whoever notes a new one gives it its words here; a test compares.
"""

from collections.abc import Mapping
from typing import Any, Final

from timebank import clock
from timebank.credit import rules
from timebank.oversight.deeds import AT_POSTS, BETWEEN_COMMUNITIES, IN_AND_OUT, IN_FAMILIES
from timebank.sentences import Pair, Sentence, own_name
from timebank.web import joined, listed, voiced

MINUTES, LOOKED, PEOPLE, OTHER = "minutes", "looked", "people", "other"
GROUPS: Final[dict[str, Pair]] = {
    MINUTES: Sentence("动了分钟"),
    LOOKED: Sentence("看了、导出"),
    PEOPLE: Sentence("改了人"),
    OTHER: Sentence.of("oversight", "别的"),
}

DEEDS: Final[dict[str, tuple[Pair, str]]] = {
    # who looked, and what left the house
    "look elder": (Sentence("看了老人的页面"), LOOKED),
    "look community": (Sentence("看了要电话转告的到访码"), LOOKED),
    "read_codes elder": (Sentence("看了到访卡上的码"), LOOKED),
    "look volunteer": (Sentence("看了志愿者的页面"), LOOKED),
    "read_door household": (Sentence("看了门牌和备注"), LOOKED),
    "locate community": (Sentence("问地图服务一栋楼在哪"), LOOKED),
    "export national_report": (Sentence("导出了报送全国系统的表"), LOOKED),
    "export community": (
        Sentence("导出了一段时间的记录、登记簿、异议和更正"),
        LOOKED,
    ),
    "unmask volunteer": (Sentence("写明理由看了志愿者的全名"), LOOKED),
    "unmask elder": (Sentence("写明理由看了老人的全名"), LOOKED),
    "unmask user": (Sentence("写明理由看了登录用户的全名"), LOOKED),
    "export audit": (Sentence("下载了操作记录"), LOOKED),
    "search audit": (Sentence("在操作记录里找过人"), LOOKED),
    "print_sheets community": (Sentence("印了当天的单子"), LOOKED),
    "print canteen": (Sentence("印了食堂的单子"), LOOKED),
    "print duty": (Sentence("印了值守签到表"), LOOKED),
    # sign-in and users
    "add user": (Sentence("登记了登录用户"), PEOPLE),
    "edit user": (Sentence("改了登录用户"), PEOPLE),
    "become_volunteer user": (Sentence("家属也成了志愿者"), PEOPLE),
    "switch_off user": (Sentence("停用了登录"), PEOPLE),
    "look_after user": (Sentence("改了归谁看的小区、队、楼或食堂"), PEOPLE),
    "let_in user": (Sentence("让以前的同事重新登录"), PEOPLE),
    "look_at user": (Sentence("换了看哪个社区"), OTHER),
    "speak user": (Sentence("换了语言"), OTHER),
    "request sign_in_code": (Sentence("要了登录验证码"), OTHER),
    "wrong_code sign_in_code": (Sentence("输错了登录验证码"), OTHER),
    "begin_second user": (Sentence("开始设登录的第二步"), OTHER),
    "second_step session": (Sentence("做了登录的第二步"), OTHER),
    "wrong_second session": (Sentence("登录的第二步填错了"), OTHER),
    "forget_second user": (Sentence("取消了一个人登录的第二步"), OTHER),
    "sign_in session": (Sentence.of("oversight.2", "登录"), OTHER),
    "give_again session": (Sentence("再次拿到登录"), OTHER),
    "sign_out session": (Sentence.of("oversight", "退出"), OTHER),
    "sign_out_everywhere user": (Sentence("在所有设备上退出"), OTHER),
    "make magic_link": (Sentence("做了一个登录码"), OTHER),
    "use magic_link": (Sentence("用了登录码"), OTHER),
    "register webhook": (Sentence("登记了回调地址"), OTHER),
    "ping webhook": (Sentence("试了回调地址"), OTHER),
    "end webhook": (Sentence("停用了回调地址"), OTHER),
    "make feed": (Sentence("做了日历地址"), OTHER),
    "end feed": (Sentence("停用了日历地址"), OTHER),
    "make api_token": (Sentence("做了接口令牌"), PEOPLE),
    "end api_token": (Sentence("停用了接口令牌"), PEOPLE),
    # what waits for a second person
    "propose proposal": (Sentence("提请一件要第二个人核准的事"), MINUTES),
    "agree proposal": (Sentence("同意了同事提请的事"), MINUTES),
    "refuse proposal": (Sentence("没有同意同事提请的事"), MINUTES),
    "withdraw proposal": (Sentence("撤回了自己提请的事"), MINUTES),
    "elapse proposal": (Sentence("到时间没有人反对，生效了"), MINUTES),
    "vouch volunteer": (Sentence("核对了同事登记的志愿者"), PEOPLE),
    "refused user": (Sentence("试过，被拒绝了"), OTHER),
    "vouch user": (Sentence("认下了新来的同事"), PEOPLE),
    "vouch elder": (Sentence("核对了同事登记的老人"), PEOPLE),
    "change_identity volunteer": (Sentence("改了志愿者的姓名或手机号"), PEOPLE),
    # the office's copies
    "back_up database": (Sentence("做了备份"), LOOKED),
    "restore database": (Sentence("从备份恢复了"), OTHER),
    "move database": (Sentence("搬到了另一个数据库"), OTHER),
    "arrive database": (Sentence("从另一个数据库搬来了"), OTHER),
    "rotate database": (Sentence("换了密钥，重新封好了"), OTHER),
    # elders and families
    "merge merger": (Sentence("合并了登记两次的人"), PEOPLE),
    "unmerge merger": (Sentence("拆开了合并"), PEOPLE),
    "change_many community": (Sentence("几个人一起改了资料"), PEOPLE),
    "add elder": (Sentence("登记了老人"), PEOPLE),
    "edit elder": (Sentence("改了老人的资料"), PEOPLE),
    "edit household": (Sentence("改了住址或门牌"), PEOPLE),
    "set_state elder": (Sentence("改了老人的在住情况"), PEOPLE),
    "consent elder": (Sentence("记了同意"), PEOPLE),
    "withdraw_consent elder": (Sentence("撤回了同意"), PEOPLE),
    "pause elder": (Sentence("记了暂停"), PEOPLE),
    "resume elder": (Sentence("提前恢复"), PEOPLE),
    "approve_family elder": (Sentence("同意了家属"), PEOPLE),
    "drop_family elder": (Sentence("解除了家属"), PEOPLE),
    "tie household": (Sentence("记了熟人或不搭配"), PEOPLE),
    "untie household": (Sentence("去掉了熟人或不搭配"), PEOPLE),
    "reopen household": (Sentence("恢复了取消的上门"), OTHER),
    # volunteers, units and teams
    "add volunteer": (Sentence("登记了志愿者"), PEOPLE),
    "edit volunteer": (Sentence("改了志愿者的资料"), PEOPLE),
    "set_availability volunteer": (Sentence("改了空闲时间"), PEOPLE),
    "hold_skill volunteer": (Sentence("记了技能"), PEOPLE),
    "drop_skill volunteer": (Sentence("去掉了技能"), PEOPLE),
    "raise_ceiling volunteer": (Sentence("放宽了本周上限"), PEOPLE),
    "cannot_come volunteer": (Sentence("记了来不了"), PEOPLE),
    "leave volunteer": (Sentence("记了不再服务"), PEOPLE),
    "add_kin volunteer": (Sentence("记了和经办人的亲属关系"), PEOPLE),
    "drop_kin volunteer": (Sentence("去掉了亲属关系"), PEOPLE),
    "set_standing volunteer": (Sentence("记了从某天起的身份或单位"), MINUTES),
    "follow_standing volunteer": (Sentence("身份或单位到日子生效"), MINUTES),
    "dissolve unit": (Sentence("记了单位撤销"), MINUTES),
    "add time_off": (Sentence("记了请假"), PEOPLE),
    "drop time_off": (Sentence("撤了请假"), PEOPLE),
    "add team": (Sentence("建了服务队"), OTHER),
    "join team": (Sentence("加了队员"), PEOPLE),
    "leave team": (Sentence("队员离队"), PEOPLE),
    "open passbook": (Sentence("开了一本存折"), MINUTES),
    "print passbook": (Sentence("登了存折"), MINUTES),
    "end passbook": (Sentence("作废了存折"), MINUTES),
    "add training": (Sentence("记了培训"), MINUTES),
    "withdraw training": (Sentence("撤了培训"), MINUTES),
    # needs
    "ask_for_help help_request": (Sentence.of("oversight", "提了求助"), OTHER),
    "accept_request help_request": (Sentence("接下了求助"), OTHER),
    "decline_request help_request": (Sentence("没有接下求助"), OTHER),
    "end_request help_request": (Sentence("结束了求助"), OTHER),
    "change_need help_request": (Sentence.of("oversight", "改了求助"), PEOPLE),
    "follow_need help_request": (Sentence("上门跟着求助改了"), OTHER),
    "move help_request": (Sentence("求助跟着老人搬了家"), OTHER),
    "set shopping_list": (Sentence("写了清单和预算"), OTHER),
    "note shopping_receipt": (Sentence("记了小票"), OTHER),
    "need_now help_request": (Sentence("记了现在要人"), OTHER),
    "close_now help_request": (Sentence("收起了现在要人"), OTHER),
    "ordinary help_request": (Sentence("现在要人改成普通求助"), OTHER),
    "rang_120 help_request": (Sentence("记了 120 已打"), OTHER),
    # the week's plan
    "open_week plan": (Sentence("开了一周"), OTHER),
    "publish plan": (Sentence("发布了计划"), OTHER),
    "place plan": (Sentence("在周计划上挪了一块"), OTHER),
    "swap plan": (Sentence("在周计划上对换了两块"), OTHER),
    "take_back plan_edit": (Sentence("撤销了一步手工改动"), OTHER),
    "make_again plan_edit": (Sentence("重做了一步手工改动"), OTHER),
    "throw_away plan": (Sentence("扔掉了没发的手工改动"), OTHER),
    "published plan": (Sentence("计划都发出去了"), OTHER),
    "ask plan": (Sentence("请了人接"), OTHER),
    "queue_run plan_run": (Sentence("开始排班"), OTHER),
    "record_run plan_run": (Sentence("排好了"), OTHER),
    "fail_run plan_run": (Sentence.of("oversight", "没有排出来"), OTHER),
    "stop_run plan_run": (Sentence("停下了排班"), OTHER),
    "assign visit": (Sentence("改了谁去"), OTHER),
    "unassign visit": (Sentence("去掉了谁去"), OTHER),
    "pin visit": (Sentence.of("oversight", "锁定"), OTHER),
    "unpin visit": (Sentence("取消锁定"), OTHER),
    "take_up visit": (Sentence("照建议改了一件没排上的"), OTHER),
    "schedule_week community": (Sentence("生成了一周的上门"), OTHER),
    # offers and visits
    "offer offer": (Sentence("发了邀约"), OTHER),
    "shift offer": (Sentence("改了邀约的时间"), OTHER),
    "withdraw offer": (Sentence("收回了邀约"), OTHER),
    "accept offer": (Sentence("接受了邀约"), OTHER),
    "decline offer": (Sentence("婉拒了邀约"), OTHER),
    "pick_up round": (Sentence("取了餐"), OTHER),
    "enter_pick_up round": (Sentence("补记了取餐"), MINUTES),
    "deliver offer": (Sentence.of("oversight", "送到了"), OTHER),
    "check_in offer": (Sentence.of("oversight", "签到"), OTHER),
    "check_out offer": (Sentence.of("oversight", "签退"), OTHER),
    "wrong_code offer": (Sentence("输错了到访码"), OTHER),
    "report offer": (Sentence("在门口报了情况"), OTHER),
    "undo offer": (Sentence("撤了刚记的一下"), OTHER),
    "enter_from_sheet offer": (Sentence("照日单录了时间"), MINUTES),
    "close_alert alert": (Sentence("处理完了一件警报"), OTHER),
    "stand_by volunteer": (Sentence("说现在有空，可以临时叫"), OTHER),
    "stand_down volunteer": (Sentence("说不用再临时叫"), OTHER),
    "take_photo volunteer": (Sentence("把照片放到志愿者证上"), OTHER),
    "drop_photo volunteer": (Sentence("把志愿者证上的照片拿掉"), OTHER),
    "promise promise": (Sentence("约好每周送一轮"), OTHER),
    "end promise": (Sentence("不再每周直接接"), OTHER),
    "take alert": (Sentence("说由自己打给志愿者"), OTHER),
    "go_on alert": (Sentence("报警后接着送"), OTHER),
    "mistaken alert": (Sentence("收回了点错的警报"), OTHER),
    "hand_back round": (Sentence("把余下几户交了回来"), OTHER),
    "stay offer": (Sentence("在老人家里多留一会儿"), OTHER),
    "miss offer": (Sentence("过了时间没有签退"), OTHER),
    "keep mismatch": (Sentence("补报对不上，留了下来"), OTHER),
    "insist mismatch": (Sentence("说补报的确实做了"), OTHER),
    "settle mismatch": (Sentence("办完了对不上的补报"), OTHER),
    "move visit": (Sentence("上门的状态变了"), OTHER),
    "give_up visit": (Sentence("记了这次不去了"), OTHER),
    "fit_boxes visit": (Sentence("改了餐的份数"), OTHER),
    "late_meal visit": (Sentence("截单以后改了餐"), OTHER),
    "settle_late late_meal": (Sentence("定了晚改的餐怎么办"), OTHER),
    "thank visit": (Sentence("说了谢谢"), OTHER),
    "tell_thanks visit": (Sentence("把谢谢转给了志愿者"), OTHER),
    "object visit": (Sentence("说服务不对"), MINUTES),
    # records and minutes
    "confirm visit": (Sentence("确认了服务"), MINUTES),
    "confirm_round round": (Sentence("确认了一轮送餐"), MINUTES),
    "correct service_record": (Sentence("更正了服务记录"), MINUTES),
    "evaluate service_record": (Sentence("评了一次服务"), OTHER),
    "object service_record": (Sentence("对记录提了异议"), MINUTES),
    "join objection": (
        Sentence("回访或检查的结果并进了已有的异议"),
        MINUTES,
    ),
    "answer objection": (Sentence("答复了异议"), MINUTES),
    "enter manual_entry": (Sentence("手工录了服务"), MINUTES),
    "post manual_entry": (Sentence("核准了手工录入"), MINUTES),
    "refuse manual_entry": (Sentence("没有核准手工录入"), MINUTES),
    "settle_rules community": (Sentence("改了记录的规则"), MINUTES),
    "check_week community": (Sentence("做了每周核查"), OTHER),
    "settle finding": (Sentence("定了一件核查"), MINUTES),
    "call call_back": (Sentence("打了回访电话"), OTHER),
    # what people bring to the community
    "look ticket": (Sentence("看了一件接件的内容"), LOOKED),
    "export_shares community": (Sentence("下载了接件办成多少的表"), LOOKED),
    "take_in ticket": (Sentence("接了一件"), OTHER),
    "sort ticket": (Sentence("给接件分类、交办"), OTHER),
    "begin ticket": (Sentence("开始办一件接件"), OTHER),
    "note ticket": (Sentence("给接件记了一笔"), OTHER),
    "set_consent ticket": (Sentence("记了本人愿不愿意"), PEOPLE),
    "name_elder ticket": (Sentence("认出了接件说的是哪位老人"), PEOPLE),
    "take_over ticket": (Sentence("接手了一件接件"), PEOPLE),
    "raise_level ticket": (Sentence("把调解转到上一级"), OTHER),
    "ask_help ticket": (Sentence("为一件接件请人上门"), OTHER),
    "end ticket": (Sentence("记了接件的结果"), OTHER),
    "try ticket": (Sentence("回访接件没有联系上"), OTHER),
    "call_back ticket": (Sentence("回访并办结了接件"), OTHER),
    "reopen ticket": (Sentence("重新办一件接件"), OTHER),
    "open gift_place": (Sentence("开了一个捐赠或歇脚点"), OTHER),
    "close gift_place": (Sentence("撤了一个捐赠或歇脚点"), OTHER),
    "enter gift_entry": (Sentence("记了一笔物资或人数"), OTHER),
    "withdraw gift_entry": (Sentence("撤了一笔物资或人数"), OTHER),
    "add club": (Sentence("记了一个团体"), OTHER),
    "edit club": (Sentence("改了一个团体"), OTHER),
    "dissolve club": (Sentence("记了团体解散"), OTHER),
    "set speciality": (Sentence("改了社区的特色"), OTHER),
    "plan case_meeting": (Sentence("约了一次见面"), OTHER),
    "hold case_meeting": (Sentence("记了见面说定的事"), OTHER),
    "take case_paper": (Sentence.of("oversight", "收了材料"), PEOPLE),
    "end case_paper": (Sentence("记了材料的去处"), PEOPLE),
    # the time account
    "open account": (Sentence("开了时间账户"), OTHER),
    "post transfer": (Sentence("记了一笔时间"), MINUTES),
    "set_rule community": (Sentence("改了时间账户的规则"), MINUTES),
    "ask_link gift_link": (Sentence("请核对送时间的亲属"), OTHER),
    "decide_link gift_link": (Sentence("核对了送时间的亲属"), PEOPLE),
    # certificates, stars, awards
    "issue certificate": (Sentence("开具了证明"), MINUTES),
    "report certificate": (Sentence("记了证明已报送"), OTHER),
    "revoked certificate": (Sentence("撤销了证明"), MINUTES),
    "replaced certificate": (Sentence("换发了证明"), MINUTES),
    "order certificate_batch": (Sentence.of("oversight", "批量开具证明"), MINUTES),
    "go_on certificate_batch": (Sentence("接着开具"), OTHER),
    "acknowledge national_report": (Sentence("记下了全国系统的回执"), OTHER),
    "set star_rule": (Sentence("改了星级的规则"), OTHER),
    "ask star_application": (Sentence("申请了星级"), OTHER),
    "put_back visit": (Sentence("没做成的上门放回去再排"), PEOPLE),
    "leave_it visit": (Sentence("没做成的上门不再去"), PEOPLE),
    "write_down desk_act": (Sentence("代志愿者办了一件事"), PEOPLE),
    "publish star_application": (Sentence("开始公示星级申请"), PEOPLE),
    "object star_application": (Sentence("记下了对星级的意见"), PEOPLE),
    "answer star_objection": (Sentence("答复了对星级的意见"), PEOPLE),
    "withdraw star_application": (Sentence("撤下了星级"), PEOPLE),
    "raise star_review": (Sentence("小时不够星级了，等办公室定"), OTHER),
    "recovered star_review": (Sentence("小时又够星级了"), OTHER),
    "keep star_review": (Sentence("小时不够，星级先保留"), PEOPLE),
    "withdraw star_review": (Sentence("小时不够，决定撤下星级"), PEOPLE),
    "bar star_review": (Sentence("记录不实，禁止申请星级"), PEOPLE),
    "granted star_application": (Sentence("授予了星级"), PEOPLE),
    "declined star_application": (Sentence("没有授予星级"), PEOPLE),
    "agree honour_consent": (Sentence("同意上光荣榜"), OTHER),
    "withdraw honour_consent": (Sentence("不上光荣榜了"), OTHER),
    "note award": (Sentence("记了表彰"), OTHER),
    "put_right certificate": (Sentence("改了证明的全国系统编号"), OTHER),
    "put_right national_report": (Sentence("改了记录的全国系统编号"), OTHER),
    "withdraw national_report": (Sentence("记了全国系统已撤销"), OTHER),
    "change_issuer community": (Sentence("改了证明上的记录单位"), OTHER),
    "withdraw award": (Sentence("撤了表彰"), OTHER),
    # closed months
    "close month_close": (Sentence("做了月结"), MINUTES),
    "hand_over month_close": (Sentence("记了对账单已交给本人"), OTHER),
    "set_statement_day community": (Sentence("改了月结日"), OTHER),
    # stations
    "add station": (Sentence("登记了服务站"), OTHER),
    "set_up station": (Sentence("改了服务站的开门时间和服务"), OTHER),
    "hold service_session": (Sentence("排了一场活动"), OTHER),
    "change service_session": (Sentence("改了一场的名额或时间"), OTHER),
    "count service_session": (Sentence("记了没留姓名的人数"), OTHER),
    "close service_session": (Sentence("结束了一场"), OTHER),
    "reopen service_session": (Sentence("重新打开了一场"), OTHER),
    "call_off service_session": (Sentence("取消了一场"), OTHER),
    "add_host service_session": (Sentence("写上了谁来服务"), OTHER),
    "drop_host service_session": (Sentence("去掉了谁来服务"), OTHER),
    "sign_up attendance": (Sentence("报了名"), OTHER),
    "move attendance": (Sentence("排队往前走了一步"), OTHER),
    "move_up attendance": (Sentence("候补补上了"), OTHER),
    "tell attendance": (Sentence("电话告诉了候补的人"), OTHER),
    "found course": (Sentence("建了课程"), OTHER),
    "change course": (Sentence("改了课程的名额"), OTHER),
    "end course": (Sentence("结了课"), OTHER),
    "join learner": (Sentence("登记了学员"), OTHER),
    "leave learner": (Sentence("学员退课"), OTHER),
    "bring station_item": (Sentence("收下了东西"), OTHER),
    "move station_item": (Sentence("东西的状态变了"), OTHER),
    "call station_item": (Sentence("打电话请人来取"), OTHER),
    "keep station_item": (Sentence("改了保管到哪天"), OTHER),
    "begin check_up": (Sentence("加了定期检查"), OTHER),
    "note check_up": (Sentence("记了检查的结果"), OTHER),
    "end check_up": (Sentence("停了定期检查"), OTHER),
    # the office itself
    "leave_out community": (Sentence("开张时先跳过了一步"), OTHER),
    "take_up community": (Sentence("把跳过的一步捡起来"), OTHER),
    "add community": (Sentence("新建了社区"), OTHER),
    "edit community": (Sentence("改了社区的名字"), OTHER),
    "add building": (Sentence("登记了楼栋"), OTHER),
    "edit building": (Sentence("改了楼栋"), OTHER),
    "add canteen": (Sentence("登记了食堂"), OTHER),
    "edit canteen": (Sentence("改了食堂"), OTHER),
    "switch_kind community": (Sentence("开了或停了一种服务"), OTHER),
    "change_kind community": (Sentence("改了一种服务的时段或轻重"), OTHER),
    "set_kind_minutes community": (Sentence("改了一种服务的时长或计入上限"), MINUTES),
    # files and messages
    "import community": (Sentence("导入了表格"), PEOPLE),
    "import calendar": (Sentence("导入了日历"), OTHER),
    "seed catalogue": (Sentence("装了服务目录"), OTHER),
    "check_upload upload": (Sentence("检查了要导入的表格"), OTHER),
    "set_mail user": (Sentence("改了自己的邮箱"), PEOPLE),
    "set_up message_channel": (Sentence("设了一个消息通道"), OTHER),
    "switch message_channel": (Sentence("开或停了一个消息通道"), OTHER),
    "try_out message_channel": (Sentence("试发了一条"), OTHER),
    "set_quiet_hours community": (Sentence("改了不打扰的时间"), OTHER),
    "pass_on notice": (Sentence("电话转告了一条消息"), OTHER),
    "write notice": (Sentence("写了一条消息"), OTHER),
    **AT_POSTS,
    **IN_AND_OUT,
    **BETWEEN_COMMUNITIES,
    **IN_FAMILIES,
}
IMPORTED: Final[dict[str, Pair]] = {"import_new": Sentence("导入时新增了"), "import_changed": Sentence("导入时改了")}

THINGS: Final[dict[str, Pair]] = {
    "elder": Sentence.of("oversight", "老人"),
    "household": Sentence("一户"),
    "merger": Sentence.of("oversight", "合并"),
    "volunteer": Sentence.of("oversight", "志愿者"),
    "user": Sentence("登录用户"),
    "family_member": Sentence.of("oversight.things", "家属"),
    "help_request": Sentence.of("oversight", "求助"),
    "ticket": Sentence.of("oversight", "接件"),
    "visit": Sentence.of("oversight", "上门"),
    "offer": Sentence.of("oversight", "邀约"),
    "duty": Sentence.of("oversight", "值守"),
    "post": Sentence.of("oversight", "岗位"),
    "round": Sentence("送餐轮次"),
    "plan": Sentence.of("oversight", "周计划"),
    "service_record": Sentence.of("oversight", "服务记录"),
    "manual_entry": Sentence("手工录入"),
    "certificate": Sentence.of("oversight.things", "证明"),
    "team": Sentence.of("oversight", "服务队"),
    "community": Sentence.of("oversight", "社区"),
    "building": Sentence.of("oversight", "楼栋"),
    "canteen": Sentence.of("oversight", "食堂"),
    "station": Sentence.of("oversight", "服务站"),
    "unit": Sentence.of("oversight", "单位"),
    "held_skill": Sentence("技能证明"),
}

FIELDS: Final[dict[str, Pair]] = {
    "number": Sentence.of("oversight", "编号"),
    "name": Sentence("姓名或名称"),
    "gender": Sentence.of("oversight", "性别"),
    "birth_year": Sentence.of("oversight", "出生年份"),
    "phone": Sentence.of("oversight", "电话"),
    "mail": Sentence.of("oversight", "邮箱"),
    "lives_alone": Sentence.of("oversight", "独居"),
    "level": Sentence.of("oversight", "自理程度"),
    "diet": Sentence.of("oversight", "饮食"),
    "care_note": Sentence.of("oversight", "照护提示"),
    "state": Sentence.of("oversight", "状态"),
    "household_id": Sentence("哪一户"),
    "page": Sentence("哪一页、哪一件"),
    "answer_given": Sentence("怎么答的"),
    "registered_by": Sentence("谁登记的"),
    "rests_on": Sentence("还没人认下，谁请来的"),
    "vouched_by": Sentence("谁核对的"),
    "approved_by": Sentence("谁批准的"),
    "building_id": Sentence.of("oversight", "楼栋"),
    "entrance": Sentence.of("oversight", "单元"),
    "floor": Sentence.of("oversight", "楼层"),
    "door": Sentence("门牌"),
    "door_note": Sentence.of("oversight", "上门提示"),
    "user_id": Sentence.of("oversight", "登录"),
    "unit_id": Sentence.of("oversight", "单位"),
    "address": Sentence("住址"),
    "lat": Sentence("纬度"),
    "lon": Sentence("经度"),
    "travel": Sentence.of("oversight", "出行方式"),
    "boxes": Sentence.of("oversight", "份数"),
    "radius": Sentence("服务半径（米）"),
    "max_day": Sentence("每天上限（分钟）"),
    "max_week": Sentence("每周上限（分钟）"),
    "staff": Sentence.of("oversight", "专职"),
    "collective": Sentence.of("oversight", "集体"),
    "has_phone": Sentence("智能手机"),
    "insured_until": Sentence("保险有效期"),
    "standby_until": Sentence("待命到"),
    "active": Sentence("在用"),
    "role": Sentence.of("oversight", "身份"),
    "community_id": Sentence.of("oversight", "社区"),
    "looks_at": Sentence("看哪个社区"),
    "locale": Sentence("语言"),
    "elder_id": Sentence("哪位老人"),
    "kind_id": Sentence("服务项目"),
    "pattern": Sentence("安排方式"),
    "weekdays": Sentence("星期"),
    "dates": Sentence.of("oversight", "日期"),
    "every_weeks": Sentence("每几周"),
    "first_day": Sentence.of("oversight", "从哪天"),
    "last_day": Sentence.of("oversight", "到哪天"),
    "window_from": Sentence("最早"),
    "window_to": Sentence("最晚"),
    "minutes": Sentence("分钟"),
    "note": Sentence.of("oversight", "备注"),
    "eaters": Sentence.of("oversight", "谁吃"),
    "approved_at": Sentence("可代办"),
    "for_phone": Sentence.of("oversight", "老人自己的电话"),
    "for_relation": Sentence("提的人是老人的谁"),
    "elder_said": Sentence.of("oversight", "老人怎么同意的"),
    "heard_by": Sentence("谁问的老人"),
    "own": Sentence("本人的号码"),
    "relation": Sentence("关系"),
    "skill_id": Sentence.of("oversight", "技能"),
    "proof": Sentence.of("oversight.fields", "证明"),
    "expires": Sentence("有效期"),
    "compound_id": Sentence.of("oversight", "小区"),
    "floors": Sentence("层数"),
    "lift": Sentence.of("oversight", "电梯"),
    "access": Sentence.of("oversight", "进门分钟"),
    "ready": Sentence("取餐从"),
    "until": Sentence("取餐到"),
    "hot": Sentence("热餐时限（分钟）"),
    "closes": Sentence("截单时间"),
    "hours": Sentence("小时"),
    "contact": Sentence.of("oversight", "联系人"),
    "ended": Sentence("撤销日期"),
    "members": Sentence.of("oversight", "人数"),
    "lead": Sentence.of("oversight.fields", "负责人"),
    "lead_phone": Sentence.of("oversight", "负责人电话"),
    "meets": Sentence("活动时间"),
    "street_id": Sentence.of("oversight", "街道"),
    "issuer": Sentence.of("oversight", "记录单位"),
    "issuer_code": Sentence.of("oversight", "统一社会信用代码"),
    "responsible": Sentence.of("oversight.fields.person", "负责人"),
    "faults": Sentence("容许的差错"),
    "volunteer_month": Sentence("志愿者每月手工上限（分钟）"),
    "coordinator_month": Sentence("经办人每月手工上限（分钟）"),
    "back_days": Sentence("最多往回补几天"),
    "call_back_percent": Sentence("回访抽样（%）"),
}

VALUES: Final[dict[str, Pair]] = {
    "F": Sentence.of("oversight", "女"),
    "M": Sentence.of("oversight", "男"),
    "walk": Sentence.of("oversight", "步行"),
    "ebike": Sentence.of("oversight", "电动车"),
    "active": Sentence("在住"),
    "moved": Sentence.of("oversight", "已搬走"),
    "deceased": Sentence.of("oversight", "已去世"),
    "open": Sentence.of("oversight", "待安排"),
    "offered": Sentence.of("oversight", "待回复"),
    "accepted": Sentence.of("oversight", "已接受"),
    "under_way": Sentence.of("oversight", "进行中"),
    "done": Sentence.of("oversight", "已完成"),
    "confirmed": Sentence.of("oversight", "已确认"),
    "failed": Sentence("没有做成"),
    "cancelled": Sentence.of("oversight", "已取消"),
    "new": Sentence.of("oversight", "新的"),
    "declined": Sentence("没有接下"),
    "ended": Sentence.of("oversight", "已结束"),
    "once": Sentence.of("oversight", "一次"),
    "each_day": Sentence("每天都要"),
    "one_of": Sentence("任选一天"),
    "admin": Sentence.of("oversight", "管理员"),
    "street_officer": Sentence.of("oversight", "街道人员"),
    "steward": Sentence.of("oversight", "红色管家"),
    "coordinator": Sentence.of("oversight", "协调员"),
    "team_lead": Sentence.of("oversight", "队长"),
    "building_lead": Sentence.of("oversight", "楼长"),
    "canteen": Sentence.of("oversight", "食堂"),
    "volunteer": Sentence.of("oversight", "志愿者"),
    "family": Sentence.of("oversight.values", "家属"),
    "inspector": Sentence("督查"),
}
OF_DAY = frozenset({"window_from", "window_to", "ready", "until", "closes"})
WEEKDAYS = (
    Sentence.of("oversight", "周一"),
    Sentence.of("oversight", "周二"),
    Sentence.of("oversight", "周三"),
    Sentence.of("oversight", "周四"),
    Sentence.of("oversight", "周五"),
    Sentence.of("oversight", "周六"),
    Sentence.of("oversight", "周日"),
)


def deed(verb: str, subject: str) -> str:
    """Return what was done, in the reader's language."""
    if verb in IMPORTED:
        return joined([voiced(IMPORTED[verb]), thing(subject)])
    known = DEEDS.get(f"{verb} {subject}")
    return voiced(known[0]) if known else voiced(Sentence("做了一处改动"))


def group(verb: str, subject: str) -> str:
    """Return which group of deeds one belongs to."""
    if verb in IMPORTED:
        return PEOPLE
    known = DEEDS.get(f"{verb} {subject}")
    return known[1] if known else OTHER


def thing(subject: str) -> str:
    """Return what a kind of thing is called."""
    return voiced(THINGS.get(subject, Sentence("资料")))


def field(name: str) -> str:
    """Return what a field is called."""
    return voiced(FIELDS.get(name, Sentence("资料")))


def value(name: str, given: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """Return a value of a field as people read it; the number of another row says nothing to anybody and stays out."""
    if name == "spans":
        return listed(f"{clock.hhmm(start)}–{clock.hhmm(end)}" for start, end in given) or voiced(Sentence.of("oversight", "没有空"))
    if given is None or given in ("", []) or name.endswith("_id") or name == "eaters":
        return ""
    if name == "locale":
        return own_name(str(given))
    if isinstance(given, bool):
        return voiced(Sentence("是")) if given else voiced(Sentence("否"))
    if name == "weekdays":
        return listed(voiced(WEEKDAYS[day]) for day in given)
    if name in OF_DAY and isinstance(given, int):
        return clock.hhmm(given)
    if isinstance(given, list):
        return listed(given)
    return voiced(VALUES[given]) if isinstance(given, str) and given in VALUES else str(given)


def changes(verb: str, detail: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return what became another: the field in words, what it was and what it is, both empty where only the field may be named."""
    if "fields" in detail:
        return [(field(name), value(name, pair[0]), value(name, pair[1])) for name, pair in detail["fields"].items()]
    if "before" not in detail or "after" not in detail:
        return []
    before, after = detail["before"], detail["after"]
    if isinstance(before, dict):
        return [(field(name), value(name, before.get(name)), value(name, now)) for name, now in after.items() if before.get(name) != now]
    if verb == "look_after":
        return [(voiced(Sentence("看得到几处")), str(len(before)), str(len(after)))]
    if verb == "set_availability":
        return [(voiced(WEEKDAYS[detail["weekday"]]), value("spans", before), value("spans", after))]
    if verb == "set_rule":
        return [(_rule(detail["name"]), str(before), str(after))]
    name = {"speak": "locale", "correct": "minutes"}.get(verb, "state")
    return [(field(name), value(name, before), value(name, after))]


def _rule(setting: str) -> str:
    """Return what a rule of the time account is called."""
    line = next((each for each in rules.catalogue() if each.setting == setting), None)
    return voiced(line.words) if line else field(setting)
