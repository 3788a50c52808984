"""What stands in the audit trail, in words: one table of deeds, one of things, one of fields and one of values.

A deed is a verb and the kind of thing it is done to. Whoever notes a new one gives it its words here; a test compares.
"""

from collections.abc import Mapping
from typing import Any, Final

from timebank import clock
from timebank.credit import rules
from timebank.oversight.deeds import AT_POSTS, BETWEEN_COMMUNITIES, IN_AND_OUT, IN_FAMILIES
from timebank.web import listed, says, voiced

Pair = tuple[str, str]
MINUTES, LOOKED, PEOPLE, OTHER = "minutes", "looked", "people", "other"
GROUPS: Final[dict[str, Pair]] = {
    MINUTES: ("动了分钟", "Minutes"),
    LOOKED: ("看了、导出", "Looked or took out"),
    PEOPLE: ("改了人", "People"),
    OTHER: ("别的", "Other"),
}

DEEDS: Final[dict[str, tuple[str, str, str]]] = {
    # who looked, and what left the house
    "look elder": ("看了老人的页面", "Opened an elder's page", LOOKED),
    "look community": ("看了要电话转告的到访码", "Read the visit codes that are to be passed on by telephone", LOOKED),
    "read_codes elder": ("看了到访卡上的码", "Read the codes on a door's card", LOOKED),
    "look volunteer": ("看了志愿者的页面", "Opened a volunteer's page", LOOKED),
    "read_door household": ("看了门牌和备注", "Read the door and the notes", LOOKED),
    "locate community": ("问地图服务一栋楼在哪", "Asked the map service where a building is", LOOKED),
    "export national_report": ("导出了报送全国系统的表", "Exported records to the national system", LOOKED),
    "export community": (
        "导出了一段时间的记录、登记簿、异议和更正",
        "Took out the records, register, objections and corrections of a period",
        LOOKED,
    ),
    "unmask volunteer": ("写明理由看了志愿者的全名", "Saw a volunteer's full name, for a written reason", LOOKED),
    "unmask elder": ("写明理由看了老人的全名", "Saw an elder's full name, for a written reason", LOOKED),
    "unmask user": ("写明理由看了登录用户的全名", "Saw a sign-in's full name, for a written reason", LOOKED),
    "export audit": ("下载了操作记录", "Downloaded the trail", LOOKED),
    "search audit": ("在操作记录里找过人", "Looked for somebody in the trail", LOOKED),
    "print_sheets community": ("印了当天的单子", "Printed day sheets", LOOKED),
    "print canteen": ("印了食堂的单子", "Printed a kitchen's sheet", LOOKED),
    "print duty": ("印了值守签到表", "Printed the sign-in sheet of a turn", LOOKED),
    # sign-in and users
    "add user": ("登记了登录用户", "Added somebody who can sign in", PEOPLE),
    "edit user": ("改了登录用户", "Changed a sign-in", PEOPLE),
    "become_volunteer user": ("家属也成了志愿者", "A family member became a volunteer", PEOPLE),
    "switch_off user": ("停用了登录", "Switched a sign-in off", PEOPLE),
    "look_after user": ("改了归谁看的小区、队、楼或食堂", "Changed what a lead looks after", PEOPLE),
    "let_in user": ("让以前的同事重新登录", "Let a former colleague in again", PEOPLE),
    "look_at user": ("换了看哪个社区", "Chose which community to look at", OTHER),
    "speak user": ("换了语言", "Changed the language", OTHER),
    "request sign_in_code": ("要了登录验证码", "Asked for a sign-in code", OTHER),
    "wrong_code sign_in_code": ("输错了登录验证码", "Typed a wrong sign-in code", OTHER),
    "begin_second user": ("开始设登录的第二步", "Began to make a second step of signing in", OTHER),
    "second_step session": ("做了登录的第二步", "Did the second step of signing in", OTHER),
    "wrong_second session": ("登录的第二步填错了", "Typed a wrong code of the second step", OTHER),
    "forget_second user": ("取消了一个人登录的第二步", "Took a second step of signing in away", OTHER),
    "sign_in session": ("登录", "Signed in", OTHER),
    "give_again session": ("再次拿到登录", "Got the same sign-in again", OTHER),
    "sign_out session": ("退出", "Signed out", OTHER),
    "sign_out_everywhere user": ("在所有设备上退出", "Signed out everywhere", OTHER),
    "make magic_link": ("做了一个登录码", "Made a sign-in link", OTHER),
    "use magic_link": ("用了登录码", "Used a sign-in link", OTHER),
    "register webhook": ("登记了回调地址", "Registered a webhook", OTHER),
    "ping webhook": ("试了回调地址", "Tried a webhook", OTHER),
    "end webhook": ("停用了回调地址", "Ended a webhook", OTHER),
    "make feed": ("做了日历地址", "Made the address of a calendar", OTHER),
    "end feed": ("停用了日历地址", "Ended the address of a calendar", OTHER),
    "make api_token": ("做了接口令牌", "Made a token for a program", PEOPLE),
    "end api_token": ("停用了接口令牌", "Ended a program's token", PEOPLE),
    # what waits for a second person
    "propose proposal": ("提请一件要第二个人核准的事", "Asked for something a second person decides", MINUTES),
    "agree proposal": ("同意了同事提请的事", "Agreed to what a colleague asked for", MINUTES),
    "refuse proposal": ("没有同意同事提请的事", "Refused what a colleague asked for", MINUTES),
    "withdraw proposal": ("撤回了自己提请的事", "Took back what they had asked for", MINUTES),
    "elapse proposal": ("到时间没有人反对，生效了", "Took effect, nobody having objected in time", MINUTES),
    "vouch volunteer": ("核对了同事登记的志愿者", "Checked a volunteer a colleague registered", PEOPLE),
    "refused user": ("试过，被拒绝了", "Tried, and was refused", OTHER),
    "vouch user": ("认下了新来的同事", "Vouched for a new colleague", PEOPLE),
    "vouch elder": ("核对了同事登记的老人", "Checked an elder a colleague registered", PEOPLE),
    "change_identity volunteer": ("改了志愿者的姓名或手机号", "Changed a volunteer's name or number", PEOPLE),
    # the office's copies
    "back_up database": ("做了备份", "Made a backup", LOOKED),
    "restore database": ("从备份恢复了", "Restored from a backup", OTHER),
    "move database": ("搬到了另一个数据库", "Moved to another database", OTHER),
    "arrive database": ("从另一个数据库搬来了", "Arrived from another database", OTHER),
    "rotate database": ("换了密钥，重新封好了", "Changed the key and closed everything anew", OTHER),
    # elders and families
    "merge merger": ("合并了登记两次的人", "Merged somebody registered twice", PEOPLE),
    "unmerge merger": ("拆开了合并", "Took a merger apart", PEOPLE),
    "change_many community": ("几个人一起改了资料", "Changed several people at once", PEOPLE),
    "add elder": ("登记了老人", "Added an elder", PEOPLE),
    "edit elder": ("改了老人的资料", "Changed an elder", PEOPLE),
    "edit household": ("改了住址或门牌", "Changed a door", PEOPLE),
    "set_state elder": ("改了老人的在住情况", "Noted that an elder moved, died or is back", PEOPLE),
    "consent elder": ("记了同意", "Noted a consent", PEOPLE),
    "withdraw_consent elder": ("撤回了同意", "Withdrew a consent", PEOPLE),
    "pause elder": ("记了暂停", "Noted days away", PEOPLE),
    "resume elder": ("提前恢复", "Noted that an elder is back", PEOPLE),
    "approve_family elder": ("同意了家属", "Approved a family member", PEOPLE),
    "drop_family elder": ("解除了家属", "Dropped a family member", PEOPLE),
    "tie household": ("记了熟人或不搭配", "Tied a volunteer to a door", PEOPLE),
    "untie household": ("去掉了熟人或不搭配", "Untied a volunteer from a door", PEOPLE),
    "reopen household": ("恢复了取消的上门", "Opened visits again", OTHER),
    # volunteers, units and teams
    "add volunteer": ("登记了志愿者", "Added a volunteer", PEOPLE),
    "edit volunteer": ("改了志愿者的资料", "Changed a volunteer", PEOPLE),
    "set_availability volunteer": ("改了空闲时间", "Changed free times", PEOPLE),
    "hold_skill volunteer": ("记了技能", "Noted a skill", PEOPLE),
    "drop_skill volunteer": ("去掉了技能", "Dropped a skill", PEOPLE),
    "raise_ceiling volunteer": ("放宽了本周上限", "Raised a week's ceiling", PEOPLE),
    "cannot_come volunteer": ("记了来不了", "Noted that somebody cannot come", PEOPLE),
    "leave volunteer": ("记了不再服务", "Noted that somebody left", PEOPLE),
    "add_kin volunteer": ("记了和经办人的亲属关系", "Noted who is family of the office", PEOPLE),
    "drop_kin volunteer": ("去掉了亲属关系", "Dropped a kinship", PEOPLE),
    "set_standing volunteer": ("记了从某天起的身份或单位", "Noted a standing or unit from a day on", MINUTES),
    "follow_standing volunteer": ("身份或单位到日子生效", "A standing or unit took effect", MINUTES),
    "dissolve unit": ("记了单位撤销", "Noted that a unit is no more", MINUTES),
    "add time_off": ("记了请假", "Noted time off", PEOPLE),
    "drop time_off": ("撤了请假", "Took time off back", PEOPLE),
    "add team": ("建了服务队", "Founded a team", OTHER),
    "join team": ("加了队员", "Added a member to a team", PEOPLE),
    "leave team": ("队员离队", "A member left a team", PEOPLE),
    "open passbook": ("开了一本存折", "Opened a passbook", MINUTES),
    "print passbook": ("登了存折", "Printed lines into a passbook", MINUTES),
    "end passbook": ("作废了存折", "Declared a passbook void", MINUTES),
    "add training": ("记了培训", "Noted a training", MINUTES),
    "withdraw training": ("撤了培训", "Withdrew a training", MINUTES),
    # needs
    "ask_for_help help_request": ("提了求助", "Asked for help", OTHER),
    "accept_request help_request": ("接下了求助", "Took a request on", OTHER),
    "decline_request help_request": ("没有接下求助", "Declined a request", OTHER),
    "end_request help_request": ("结束了求助", "Ended a request", OTHER),
    "change_need help_request": ("改了求助", "Changed a request", PEOPLE),
    "follow_need help_request": ("上门跟着求助改了", "Visits followed a request", OTHER),
    "move help_request": ("求助跟着老人搬了家", "A request moved with its elder", OTHER),
    "set shopping_list": ("写了清单和预算", "Wrote a list and a budget", OTHER),
    "note shopping_receipt": ("记了小票", "Noted a receipt", OTHER),
    "need_now help_request": ("记了现在要人", "Wrote down that somebody is needed now", OTHER),
    "close_now help_request": ("收起了现在要人", "Closed an emergency", OTHER),
    "ordinary help_request": ("现在要人改成普通求助", "Made an emergency an ordinary request", OTHER),
    "rang_120 help_request": ("记了 120 已打", "Noted that 120 was rung", OTHER),
    # the week's plan
    "open_week plan": ("开了一周", "Opened a week", OTHER),
    "publish plan": ("发布了计划", "Published a plan", OTHER),
    "place plan": ("在周计划上挪了一块", "Moved a block on the plan", OTHER),
    "swap plan": ("在周计划上对换了两块", "Swapped two blocks on the plan", OTHER),
    "take_back plan_edit": ("撤销了一步手工改动", "Took a step by hand back", OTHER),
    "make_again plan_edit": ("重做了一步手工改动", "Made a step by hand again", OTHER),
    "throw_away plan": ("扔掉了没发的手工改动", "Threw unsent steps by hand away", OTHER),
    "published plan": ("计划都发出去了", "A plan has gone out", OTHER),
    "ask plan": ("请了人接", "Asked somebody at once", OTHER),
    "queue_run plan_run": ("开始排班", "Started planning", OTHER),
    "record_run plan_run": ("排好了", "Planning ended", OTHER),
    "fail_run plan_run": ("没有排出来", "Planning failed", OTHER),
    "stop_run plan_run": ("停下了排班", "Stopped planning", OTHER),
    "assign visit": ("改了谁去", "Changed who goes", OTHER),
    "unassign visit": ("去掉了谁去", "Took somebody off a visit", OTHER),
    "pin visit": ("锁定", "Pinned a visit", OTHER),
    "unpin visit": ("取消锁定", "Unpinned a visit", OTHER),
    "take_up visit": ("照建议改了一件没排上的", "Took a suggestion up", OTHER),
    "schedule_week community": ("生成了一周的上门", "Made a week's visits", OTHER),
    # offers and visits
    "offer offer": ("发了邀约", "Asked a volunteer", OTHER),
    "shift offer": ("改了邀约的时间", "Moved an offer", OTHER),
    "withdraw offer": ("收回了邀约", "Took an offer back", OTHER),
    "accept offer": ("接受了邀约", "Accepted", OTHER),
    "decline offer": ("婉拒了邀约", "Declined", OTHER),
    "pick_up round": ("取了餐", "Picked meals up", OTHER),
    "enter_pick_up round": ("补记了取餐", "Entered a pick-up from paper", MINUTES),
    "deliver offer": ("送到了", "Delivered a meal", OTHER),
    "check_in offer": ("签到", "Checked in", OTHER),
    "check_out offer": ("签退", "Checked out", OTHER),
    "wrong_code offer": ("输错了到访码", "Typed a wrong visit code", OTHER),
    "report offer": ("在门口报了情况", "Reported something at a door", OTHER),
    "undo offer": ("撤了刚记的一下", "Undid a tap", OTHER),
    "enter_from_sheet offer": ("照日单录了时间", "Entered times from a day sheet", MINUTES),
    "close_alert alert": ("处理完了一件警报", "Closed an alarm", OTHER),
    "stand_by volunteer": ("说现在有空，可以临时叫", "Can be asked at once", OTHER),
    "stand_down volunteer": ("说不用再临时叫", "Is not to be asked at once any more", OTHER),
    "take_photo volunteer": ("把照片放到志愿者证上", "Put a photo on the card", OTHER),
    "drop_photo volunteer": ("把志愿者证上的照片拿掉", "Took the photo off the card", OTHER),
    "promise promise": ("约好每周送一轮", "Promised a round for every week", OTHER),
    "end promise": ("不再每周直接接", "Ended a promise", OTHER),
    "take alert": ("说由自己打给志愿者", "Said that they ring the volunteer", OTHER),
    "go_on alert": ("报警后接着送", "Carried on after an alarm", OTHER),
    "mistaken alert": ("收回了点错的警报", "Took an alarm back that was a slip", OTHER),
    "hand_back round": ("把余下几户交了回来", "Gave the rest of a round back", OTHER),
    "stay offer": ("在老人家里多留一会儿", "Stays longer in a home", OTHER),
    "miss offer": ("过了时间没有签退", "Did not check out in time", OTHER),
    "keep mismatch": ("补报对不上，留了下来", "Kept a late tap that did not fit", OTHER),
    "insist mismatch": ("说补报的确实做了", "Said that a late tap is true", OTHER),
    "settle mismatch": ("办完了对不上的补报", "Settled a late tap", OTHER),
    "move visit": ("上门的状态变了", "A visit changed its state", OTHER),
    "give_up visit": ("记了这次不去了", "Noted that nobody goes", OTHER),
    "fit_boxes visit": ("改了餐的份数", "Changed the number of boxes", OTHER),
    "late_meal visit": ("截单以后改了餐", "Changed a meal after the kitchen had closed", OTHER),
    "settle_late late_meal": ("定了晚改的餐怎么办", "Settled a late meal", OTHER),
    "thank visit": ("说了谢谢", "Said thanks", OTHER),
    "tell_thanks visit": ("把谢谢转给了志愿者", "Passed thanks on", OTHER),
    "object visit": ("说服务不对", "Objected to a visit", MINUTES),
    # records and minutes
    "confirm visit": ("确认了服务", "Confirmed a visit", MINUTES),
    "confirm_round round": ("确认了一轮送餐", "Confirmed a meal round", MINUTES),
    "correct service_record": ("更正了服务记录", "Corrected a record", MINUTES),
    "evaluate service_record": ("评了一次服务", "Graded a service", OTHER),
    "object service_record": ("对记录提了异议", "Objected to a record", MINUTES),
    "join objection": (
        "回访或检查的结果并进了已有的异议",
        "Added what a call-back or the weekly check found to an open objection",
        MINUTES,
    ),
    "answer objection": ("答复了异议", "Answered an objection", MINUTES),
    "enter manual_entry": ("手工录了服务", "Entered service by hand", MINUTES),
    "post manual_entry": ("核准了手工录入", "Approved an entry by hand", MINUTES),
    "refuse manual_entry": ("没有核准手工录入", "Refused an entry by hand", MINUTES),
    "settle_rules community": ("改了记录的规则", "Changed the rules of records", MINUTES),
    "check_week community": ("做了每周核查", "Made the weekly check", OTHER),
    "settle finding": ("定了一件核查", "Settled a finding", MINUTES),
    "call call_back": ("打了回访电话", "Called an elder back", OTHER),
    # what people bring to the community
    "look ticket": ("看了一件接件的内容", "Read the words of a case", LOOKED),
    "export_shares community": ("下载了接件办成多少的表", "Took out the shares of cases", LOOKED),
    "take_in ticket": ("接了一件", "Took a case in", OTHER),
    "sort ticket": ("给接件分类、交办", "Sorted a case to somebody", OTHER),
    "begin ticket": ("开始办一件接件", "Began with a case", OTHER),
    "note ticket": ("给接件记了一笔", "Added a note to a case", OTHER),
    "set_consent ticket": ("记了本人愿不愿意", "Noted whether the person agrees", PEOPLE),
    "name_elder ticket": ("认出了接件说的是哪位老人", "Noted which elder a case is about", PEOPLE),
    "take_over ticket": ("接手了一件接件", "Took a case over", PEOPLE),
    "raise_level ticket": ("把调解转到上一级", "Raised a mediation to the next level", OTHER),
    "ask_help ticket": ("为一件接件请人上门", "Asked for help because of a case", OTHER),
    "end ticket": ("记了接件的结果", "Noted the outcome of a case", OTHER),
    "try ticket": ("回访接件没有联系上", "Called back about a case in vain", OTHER),
    "call_back ticket": ("回访并办结了接件", "Called back and closed a case", OTHER),
    "reopen ticket": ("重新办一件接件", "Reopened a case", OTHER),
    "open gift_place": ("开了一个捐赠或歇脚点", "Opened a place of gifts", OTHER),
    "close gift_place": ("撤了一个捐赠或歇脚点", "Closed a place of gifts", OTHER),
    "enter gift_entry": ("记了一笔物资或人数", "Entered gifts or heads", OTHER),
    "withdraw gift_entry": ("撤了一笔物资或人数", "Withdrew a line of gifts", OTHER),
    "add club": ("记了一个团体", "Added a group of residents", OTHER),
    "edit club": ("改了一个团体", "Changed a group of residents", OTHER),
    "dissolve club": ("记了团体解散", "Noted a group as dissolved", OTHER),
    "set speciality": ("改了社区的特色", "Changed what the community is known for", OTHER),
    "plan case_meeting": ("约了一次见面", "Planned a meeting", OTHER),
    "hold case_meeting": ("记了见面说定的事", "Noted what a meeting agreed", OTHER),
    "take case_paper": ("收了材料", "Took a paper", PEOPLE),
    "end case_paper": ("记了材料的去处", "Noted where a paper went", PEOPLE),
    # the time account
    "open account": ("开了时间账户", "Opened a time account", OTHER),
    "post transfer": ("记了一笔时间", "Posted a transfer", MINUTES),
    "set_rule community": ("改了时间账户的规则", "Changed a rule of the time account", MINUTES),
    "ask_link gift_link": ("请核对送时间的亲属", "Asked to give time to a relative", OTHER),
    "decide_link gift_link": ("核对了送时间的亲属", "Decided on a relative for gifts", PEOPLE),
    # certificates, stars, awards
    "issue certificate": ("开具了证明", "Issued a certificate", MINUTES),
    "report certificate": ("记了证明已报送", "Noted a certificate as reported", OTHER),
    "revoked certificate": ("撤销了证明", "Revoked a certificate", MINUTES),
    "replaced certificate": ("换发了证明", "Replaced a certificate", MINUTES),
    "order certificate_batch": ("批量开具证明", "Ordered a batch of certificates", MINUTES),
    "go_on certificate_batch": ("接着开具", "Went on with a batch", OTHER),
    "acknowledge national_report": ("记下了全国系统的回执", "Entered numbers of the national system", OTHER),
    "set star_rule": ("改了星级的规则", "Changed the rule of stars", OTHER),
    "ask star_application": ("申请了星级", "Asked for a star", OTHER),
    "put_back visit": ("没做成的上门放回去再排", "Put a failed visit back to the pool", PEOPLE),
    "leave_it visit": ("没做成的上门不再去", "Decided not to go to a failed visit again", PEOPLE),
    "write_down desk_act": ("代志愿者办了一件事", "Did something in a volunteer's name", PEOPLE),
    "publish star_application": ("开始公示星级申请", "Made an application for a star public", PEOPLE),
    "object star_application": ("记下了对星级的意见", "Wrote down an objection to a star", PEOPLE),
    "answer star_objection": ("答复了对星级的意见", "Answered an objection to a star", PEOPLE),
    "withdraw star_application": ("撤下了星级", "Took a star back", PEOPLE),
    "raise star_review": ("小时不够星级了，等办公室定", "Hours no longer reach a star", OTHER),
    "recovered star_review": ("小时又够星级了", "Hours reach the star again", OTHER),
    "keep star_review": ("小时不够，星级先保留", "Kept a star whose hours have fallen", PEOPLE),
    "withdraw star_review": ("小时不够，决定撤下星级", "Decided to take a star back", PEOPLE),
    "bar star_review": ("记录不实，禁止申请星级", "Barred somebody from stars for false hours", PEOPLE),
    "granted star_application": ("授予了星级", "Granted a star", PEOPLE),
    "declined star_application": ("没有授予星级", "Refused a star", PEOPLE),
    "agree honour_consent": ("同意上光荣榜", "Agreed to the honour list", OTHER),
    "withdraw honour_consent": ("不上光荣榜了", "Left the honour list", OTHER),
    "note award": ("记了表彰", "Noted an award", OTHER),
    "put_right certificate": ("改了证明的全国系统编号", "Put a certificate's national number right", OTHER),
    "put_right national_report": ("改了记录的全国系统编号", "Put a record's national number right", OTHER),
    "withdraw national_report": ("记了全国系统已撤销", "Noted a number as withdrawn by the national system", OTHER),
    "change_issuer community": ("改了证明上的记录单位", "Changed the unit on certificates", OTHER),
    "withdraw award": ("撤了表彰", "Withdrew an award", OTHER),
    # closed months
    "close month_close": ("做了月结", "Closed a month", MINUTES),
    "hand_over month_close": ("记了对账单已交给本人", "Noted that statements were handed over", OTHER),
    "set_statement_day community": ("改了月结日", "Changed the day on which months are closed", OTHER),
    # stations
    "add station": ("登记了服务站", "Added a station", OTHER),
    "set_up station": ("改了服务站的开门时间和服务", "Changed a station's hours and services", OTHER),
    "hold service_session": ("排了一场活动", "Put a session on the calendar", OTHER),
    "change service_session": ("改了一场的名额或时间", "Changed the seats or times of a session", OTHER),
    "count service_session": ("记了没留姓名的人数", "Counted people without a name", OTHER),
    "close service_session": ("结束了一场", "Closed a session", OTHER),
    "reopen service_session": ("重新打开了一场", "Opened a session again", OTHER),
    "call_off service_session": ("取消了一场", "Called a session off", OTHER),
    "add_host service_session": ("写上了谁来服务", "Said who holds a session", OTHER),
    "drop_host service_session": ("去掉了谁来服务", "Took somebody off a session's hosts", OTHER),
    "sign_up attendance": ("报了名", "Signed somebody up", OTHER),
    "move attendance": ("排队往前走了一步", "Moved somebody on in a queue", OTHER),
    "move_up attendance": ("候补补上了", "Moved somebody up from a waiting list", OTHER),
    "tell attendance": ("电话告诉了候补的人", "Told somebody that there is a seat", OTHER),
    "found course": ("建了课程", "Founded a course", OTHER),
    "change course": ("改了课程的名额", "Changed the seats of a course", OTHER),
    "end course": ("结了课", "Ended a course", OTHER),
    "join learner": ("登记了学员", "Added a learner", OTHER),
    "leave learner": ("学员退课", "A learner left", OTHER),
    "bring station_item": ("收下了东西", "Took a thing in", OTHER),
    "move station_item": ("东西的状态变了", "A thing moved on", OTHER),
    "call station_item": ("打电话请人来取", "Called somebody to fetch a thing", OTHER),
    "keep station_item": ("改了保管到哪天", "Kept a thing longer", OTHER),
    "begin check_up": ("加了定期检查", "Began check-ups", OTHER),
    "note check_up": ("记了检查的结果", "Noted what came of a check-up", OTHER),
    "end check_up": ("停了定期检查", "Ended check-ups", OTHER),
    # the office itself
    "leave_out community": ("开张时先跳过了一步", "Left out a step of the first day", OTHER),
    "take_up community": ("把跳过的一步捡起来", "Took up a step of the first day", OTHER),
    "add community": ("新建了社区", "Founded a community", OTHER),
    "edit community": ("改了社区的名字", "Renamed a community", OTHER),
    "add building": ("登记了楼栋", "Added a building", OTHER),
    "edit building": ("改了楼栋", "Changed a building", OTHER),
    "add canteen": ("登记了食堂", "Added a canteen", OTHER),
    "edit canteen": ("改了食堂", "Changed a canteen", OTHER),
    "switch_kind community": ("开了或停了一种服务", "Switched a kind of service on or off", OTHER),
    "change_kind community": ("改了一种服务的时段或轻重", "Changed the times or weight of a kind of service", OTHER),
    "set_kind_minutes community": ("改了一种服务的时长或计入上限", "Changed the minutes or the credit cap of a kind of service", MINUTES),
    # files and messages
    "import community": ("导入了表格", "Imported workbooks", PEOPLE),
    "import calendar": ("导入了日历", "Imported a calendar", OTHER),
    "seed catalogue": ("装了服务目录", "Loaded the catalogue", OTHER),
    "check_upload upload": ("检查了要导入的表格", "Checked workbooks before an import", OTHER),
    "set_mail user": ("改了自己的邮箱", "Changed their own mail address", PEOPLE),
    "set_up message_channel": ("设了一个消息通道", "Set up a channel of messages", OTHER),
    "switch message_channel": ("开或停了一个消息通道", "Switched a channel of messages on or off", OTHER),
    "try_out message_channel": ("试发了一条", "Sent a test by a channel", OTHER),
    "set_quiet_hours community": ("改了不打扰的时间", "Changed the quiet hours", OTHER),
    "pass_on notice": ("电话转告了一条消息", "Passed a message on by telephone", OTHER),
    "write notice": ("写了一条消息", "Wrote a message", OTHER),
    **AT_POSTS,
    **IN_AND_OUT,
    **BETWEEN_COMMUNITIES,
    **IN_FAMILIES,
}
IMPORTED: Final[dict[str, Pair]] = {"import_new": ("导入时新增了", "Import added"), "import_changed": ("导入时改了", "Import changed")}

THINGS: Final[dict[str, Pair]] = {
    "elder": ("老人", "elder"),
    "household": ("一户", "household"),
    "merger": ("合并", "merger"),
    "volunteer": ("志愿者", "volunteer"),
    "user": ("登录用户", "sign-in"),
    "family_member": ("家属", "family member"),
    "help_request": ("求助", "request"),
    "ticket": ("接件", "case"),
    "visit": ("上门", "visit"),
    "offer": ("邀约", "offer"),
    "duty": ("值守", "turn of duty"),
    "post": ("岗位", "post"),
    "round": ("送餐轮次", "meal round"),
    "plan": ("周计划", "week plan"),
    "service_record": ("服务记录", "record"),
    "manual_entry": ("手工录入", "entry by hand"),
    "certificate": ("证明", "certificate"),
    "team": ("服务队", "team"),
    "community": ("社区", "community"),
    "building": ("楼栋", "building"),
    "canteen": ("食堂", "canteen"),
    "station": ("服务站", "station"),
    "unit": ("单位", "unit"),
    "held_skill": ("技能证明", "proof of a skill"),
}

FIELDS: Final[dict[str, Pair]] = {
    "number": ("编号", "number"),
    "name": ("姓名或名称", "name"),
    "gender": ("性别", "gender"),
    "birth_year": ("出生年份", "year of birth"),
    "phone": ("电话", "telephone"),
    "mail": ("邮箱", "mail address"),
    "lives_alone": ("独居", "lives alone"),
    "level": ("自理程度", "level of care"),
    "diet": ("饮食", "diet"),
    "care_note": ("照护提示", "care note"),
    "state": ("状态", "state"),
    "household_id": ("哪一户", "household"),
    "page": ("哪一页、哪一件", "page and thing"),
    "answer_given": ("怎么答的", "answered"),
    "registered_by": ("谁登记的", "registered by"),
    "rests_on": ("还没人认下，谁请来的", "let in by, nobody has vouched"),
    "vouched_by": ("谁核对的", "checked by"),
    "approved_by": ("谁批准的", "approved by"),
    "building_id": ("楼栋", "building"),
    "entrance": ("单元", "entrance"),
    "floor": ("楼层", "floor"),
    "door": ("门牌", "door"),
    "door_note": ("上门提示", "note about the door"),
    "user_id": ("登录", "sign-in"),
    "unit_id": ("单位", "unit"),
    "address": ("住址", "address"),
    "lat": ("纬度", "latitude"),
    "lon": ("经度", "longitude"),
    "travel": ("出行方式", "means of travel"),
    "boxes": ("份数", "boxes"),
    "radius": ("服务半径（米）", "radius in metres"),
    "max_day": ("每天上限（分钟）", "minutes a day"),
    "max_week": ("每周上限（分钟）", "minutes a week"),
    "staff": ("专职", "staff"),
    "collective": ("集体", "a group"),
    "has_phone": ("智能手机", "smartphone"),
    "insured_until": ("保险有效期", "insured until"),
    "standby_until": ("待命到", "can be asked at once until"),
    "active": ("在用", "active"),
    "role": ("身份", "role"),
    "community_id": ("社区", "community"),
    "looks_at": ("看哪个社区", "community looked at"),
    "locale": ("语言", "language"),
    "elder_id": ("哪位老人", "elder"),
    "kind_id": ("服务项目", "service"),
    "pattern": ("安排方式", "pattern"),
    "weekdays": ("星期", "weekdays"),
    "dates": ("日期", "days"),
    "every_weeks": ("每几周", "every so many weeks"),
    "first_day": ("从哪天", "from"),
    "last_day": ("到哪天", "until"),
    "window_from": ("最早", "earliest"),
    "window_to": ("最晚", "latest"),
    "minutes": ("分钟", "minutes"),
    "note": ("备注", "note"),
    "eaters": ("谁吃", "who eats"),
    "approved_at": ("可代办", "may speak for"),
    "for_phone": ("老人自己的电话", "the elder's own telephone"),
    "for_relation": ("提的人是老人的谁", "who asked is the elder's"),
    "elder_said": ("老人怎么同意的", "how the elder agreed"),
    "heard_by": ("谁问的老人", "who asked the elder"),
    "own": ("本人的号码", "the elder's own number"),
    "relation": ("关系", "relation"),
    "skill_id": ("技能", "skill"),
    "proof": ("证明", "proof"),
    "expires": ("有效期", "valid until"),
    "compound_id": ("小区", "compound"),
    "floors": ("层数", "floors"),
    "lift": ("电梯", "lift"),
    "access": ("进门分钟", "minutes to the door"),
    "ready": ("取餐从", "pick-up from"),
    "until": ("取餐到", "pick-up until"),
    "hot": ("热餐时限（分钟）", "hot-food minutes"),
    "closes": ("截单时间", "orders until"),
    "hours": ("小时", "hours"),
    "contact": ("联系人", "contact"),
    "ended": ("撤销日期", "dissolved from"),
    "members": ("人数", "members"),
    "lead": ("负责人", "lead"),
    "lead_phone": ("负责人电话", "lead's telephone"),
    "meets": ("活动时间", "meets"),
    "street_id": ("街道", "street"),
    "issuer": ("记录单位", "record unit"),
    "issuer_code": ("统一社会信用代码", "credit code"),
    "responsible": ("负责人", "person in charge"),
    "faults": ("容许的差错", "faults borne"),
    "volunteer_month": ("志愿者每月手工上限（分钟）", "minutes by hand a volunteer and month"),
    "coordinator_month": ("经办人每月手工上限（分钟）", "minutes by hand a clerk and month"),
    "back_days": ("最多往回补几天", "days back"),
    "call_back_percent": ("回访抽样（%）", "call-backs in a hundred"),
}

VALUES: Final[dict[str, Pair]] = {
    "F": ("女", "female"),
    "M": ("男", "male"),
    "walk": ("步行", "on foot"),
    "ebike": ("电动车", "by e-bike"),
    "active": ("在住", "lives here"),
    "moved": ("已搬走", "moved away"),
    "deceased": ("已去世", "has died"),
    "open": ("待安排", "open"),
    "offered": ("待回复", "waiting for reply"),
    "accepted": ("已接受", "accepted"),
    "under_way": ("进行中", "under way"),
    "done": ("已完成", "done"),
    "confirmed": ("已确认", "confirmed"),
    "failed": ("没有做成", "failed"),
    "cancelled": ("已取消", "cancelled"),
    "new": ("新的", "new"),
    "declined": ("没有接下", "declined"),
    "ended": ("已结束", "ended"),
    "once": ("一次", "once"),
    "each_day": ("每天都要", "each day"),
    "one_of": ("任选一天", "any one day"),
    "admin": ("管理员", "administrator"),
    "street_officer": ("街道人员", "street officer"),
    "steward": ("红色管家", "steward"),
    "coordinator": ("协调员", "coordinator"),
    "team_lead": ("队长", "team lead"),
    "building_lead": ("楼长", "building lead"),
    "canteen": ("食堂", "canteen"),
    "volunteer": ("志愿者", "volunteer"),
    "family": ("家属", "family"),
    "inspector": ("督查", "inspector"),
    "zh": ("中文", "Chinese"),
    "en": ("英文", "English"),
}
OF_DAY = frozenset({"window_from", "window_to", "ready", "until", "closes"})
WEEKDAYS = (("周一", "Mon"), ("周二", "Tue"), ("周三", "Wed"), ("周四", "Thu"), ("周五", "Fri"), ("周六", "Sat"), ("周日", "Sun"))


def deed(verb: str, subject: str) -> str:
    """Return what was done, in the reader's language."""
    if verb in IMPORTED:
        return f"{voiced(IMPORTED[verb])}{says('', ' ')}{thing(subject)}"
    known = DEEDS.get(f"{verb} {subject}")
    return says(known[0], known[1]) if known else says("做了一处改动", "Changed something")


def group(verb: str, subject: str) -> str:
    """Return which group of deeds one belongs to."""
    if verb in IMPORTED:
        return PEOPLE
    known = DEEDS.get(f"{verb} {subject}")
    return known[2] if known else OTHER


def thing(subject: str) -> str:
    """Return what a kind of thing is called."""
    return voiced(THINGS.get(subject, ("资料", "entry")))


def field(name: str) -> str:
    """Return what a field is called."""
    return voiced(FIELDS.get(name, ("资料", "entry")))


def value(name: str, given: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """Return a value of a field as people read it; the number of another row says nothing to anybody and stays out."""
    if name == "spans":
        return listed(f"{clock.hhmm(start)}–{clock.hhmm(end)}" for start, end in given) or says("没有空", "not free")
    if given is None or given in ("", []) or name.endswith("_id") or name == "eaters":
        return ""
    if isinstance(given, bool):
        return says("是", "yes") if given else says("否", "no")
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
        return [(says("看得到几处", "places seen"), str(len(before)), str(len(after)))]
    if verb == "set_availability":
        return [(voiced(WEEKDAYS[detail["weekday"]]), value("spans", before), value("spans", after))]
    if verb == "set_rule":
        return [(_rule(detail["name"]), str(before), str(after))]
    name = {"speak": "locale", "correct": "minutes"}.get(verb, "state")
    return [(field(name), value(name, before), value(name, after))]


def _rule(setting: str) -> str:
    """Return what a rule of the time account is called."""
    line = next((each for each in rules.catalogue() if each.setting == setting), None)
    return says(line.name, line.name_en) if line else field(setting)
