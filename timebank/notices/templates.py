"""What each message says. With its signature a message fits one SMS of 70 characters; no illness, no full address, no door.

The parameters of each template are its gaps; what it says in other languages stands in the catalogue. A template that is ``urgent`` does not wait for the morning.
"""

from dataclasses import dataclass

from timebank.sentences import CHINESE, Sentence, filled

SMS_LENGTH = 70
SIGNATURE = "时间银行"
ENGLISH_SIGNATURE = "Time bank"
LONGEST = 12


@dataclass(frozen=True, slots=True)
class Template:
    """One message, with a sample as long as they come; ``path`` is the page it leads to where its sender names none."""

    words: str
    sample: dict[str, object]
    urgent: bool = False
    path: str = ""


TEMPLATES: dict[str, Template] = {
    "code": Template(
        "验证码 %(code)s，10 分钟内有效。不要告诉别人，工作人员也不会问你要。",
        {"code": "482719"},
        urgent=True,
    ),
    "offer": Template(
        "%(week)s有 %(count)s 项邀约等你回复，请在%(deadline)s前打开网页看。接受、婉拒都可以。",
        {"week": "11月30日这周", "count": 24, "deadline": "11月28日18:00"},
        path="/phone/offers",
    ),
    "changed": Template(
        "%(what)s有改动，请打开网页看新的安排。不方便可以婉拒。",
        {"what": "11月24日(周二)11:00-12:00送餐上门"},
        path="/phone/week",
    ),
    "cancelled": Template(
        "%(what)s取消了，这次不用去。谢谢你留出时间。",
        {"what": "11月24日(周二)11:00-12:00送餐上门"},
        path="/phone/week",
    ),
    "group": Template(
        "服务站：%(words)s",
        {"words": "周三上午理发日缺两位帮手，能来的请回个电话，谢谢大家。周三上午理发日缺两位帮手，能来的请回"},
        path="/my/messages",
    ),
    "handed_over": Template(
        "%(what)s你不用去了，服务站另找人。好好休息。",
        {"what": "11月24日 11:00 送餐上门等 12 件"},
        path="/phone/week",
    ),
    "again": Template(
        "%(what)s还是照旧，前面说取消是误会。请打开网页看。",
        {"what": "11月24日 11:00 送餐上门等 12 件"},
        path="/phone/week",
    ),
    "boxes": Template(
        "%(what)s的份数改了，取餐前请打开网页看。",
        {"what": "11月24日 11:00 送餐上门等 12 件"},
        path="/phone",
    ),
    "now": Template(
        "请帮忙：%(what)s。能去请马上点接受，不方便也请点一下，我们好再问别人。",
        {"what": "11月24日 11:00 送餐上门等 12 件"},
        urgent=True,
        path="/phone/offers",
    ),
    "hand": Template(
        "%(who)s想请你替一次：%(what)s。能去请打开“邀约”答应，不方便也点一下。",
        {"who": "欧阳**", "what": "11月24日 11:00 送餐上门等 12 件"},
        path="/phone/offers",
    ),
    "handed": Template(
        "%(who)s答应替你去：%(what)s。你不用去了。",
        {"who": "欧阳**", "what": "11月24日 11:00 送餐上门等 12 件"},
        path="/phone/week",
    ),
    "not_handed": Template(
        "%(who)s这次不方便，%(what)s还是你去。去不了请早点退。",
        {"who": "欧阳**", "what": "11月24日 11:00 送餐上门等 12 件"},
        path="/phone/week",
    ),
    "swapped": Template(
        "%(giver)s和%(taker)s说好换人：%(what)s，规则都合，不用再办。",
        {"giver": "欧阳**", "taker": "司马**", "what": "11月24日 11:00 送餐上门等 12 件"},
        path="/today",
    ),
    "swap": Template(
        "%(who)s想把%(what)s换给你。能去请打开“我的岗位”接，不方便不用管。",
        {"who": "欧阳**", "what": "11月24日 11:30 老乡护学岗"},
        path="/phone/posts",
    ),
    "settled": Template(
        "%(what)s已经有人去了，谢谢你。",
        {"what": "11月24日 11:00 送餐上门等 12 件"},
        urgent=True,
        path="/phone/week",
    ),
    "mistaken": Template(
        "%(by)s刚才报的%(who)s不舒服，是手机点错了，没有事。",
        {"by": "欧阳**", "who": "欧阳奶奶、司马爷爷"},
        urgent=True,
        path="/today",
    ),
    "still_there": Template(
        "%(what)s的时间过了，还没签退。人没事就点签退，还没做完点再要 15 分钟。",
        {"what": "11月24日 11:00 送餐上门等 12 件"},
        urgent=True,
        path="/phone",
    ),
    "not_out": Template(
        "%(by)s的%(what)s过了时间没签退，请马上打电话问平安。",
        {"by": "欧阳**", "what": "11月24日 11:00 送餐上门等 12 件"},
        urgent=True,
        path="/today",
    ),
    "mismatch": Template(
        "%(by)s补报的%(what)s和现在的安排对不上，请打开“今天”看，再打个电话。",
        {"by": "欧阳**", "what": "11月24日 11:00 送餐上门等 12 件"},
        path="/mismatches",
    ),
    "lost": Template(
        "%(what)s没有人去了，%(who)s来不了。请打开“今天”，在“要有人去”里请人。",
        {"what": "11月24日 11:00 送餐上门等 12 件", "who": "欧阳*"},
        urgent=True,
        path="/today",
    ),
    "coming": Template(
        "%(who)s%(when)s%(kind)s，志愿者%(names)s上门，到访码%(code)s。改期请打服务站电话。",
        {"who": "欧阳奶奶", "when": "11月24日14:30", "kind": "上门理发", "names": "张*、欧阳*", "code": "4827"},
        path="/phone/week",
    ),
    "thanks": Template(
        "%(who)s请我们转告你：谢谢。%(minutes)s 分钟已记入你的服务记录。",
        {"who": "欧阳奶奶", "minutes": 125},
        path="/my/hours",
    ),
    "doubt": Template(
        "%(who)s家说 %(what)s 有不对的地方，先不自动确认。请打电话核对，在“等确认”里处理。",
        {"who": "欧阳奶奶", "what": "11月24日 上门理发"},
        path="/confirm",
    ),
    "answered": Template(
        "%(what)s的异议有答复了，现在记 %(minutes)s 分钟。打开网页看核对的结果。",
        {"what": "11月24日 上门理发", "minutes": 125},
        path="/my/hours",
    ),
    "correction": Template(
        "%(what)s由 %(before)s 改记 %(after)s 分钟：%(reason)s。%(until)s前可提异议。",
        {"what": "11月24日 上门理发", "before": 125, "after": 120, "reason": "照对讲机的时间，早走了一会儿…", "until": "12月30日"},
        path="/my/hours",
    ),
    "owing": Template(
        "%(what)s更正后，时间账户欠回 %(minutes)s 分钟，以后存入的先还上。不对请打服务站电话。",
        {"what": "11月24日 上门理发", "minutes": 125},
        path="/my/hours",
    ),
    "standing": Template(
        "从%(day)s起你的登记改了：%(what)s。以前的记录不变。不对请打服务站电话。",
        {"day": "11月24日", "what": "专职、集体、青岛市市南区八大关小学"},
        path="/phone/me",
    ),
    "certificate": Template(
        "证明 %(number)s 已失效，旧纸别再用，原因见网页“服务证明”。",
        {"number": "ZM-PINE-STREET-2026-000001"},
        path="/my/certificates",
    ),
    "lending_asked": Template(
        "%(where)s想请你们借一位志愿者，请打开“志愿者”的“借用”，同意或者回绝。",
        {"where": "滨海新村第二社区"},
        path="/lending",
    ),
    "lending_answered": Template(
        "你请%(where)s借的志愿者，对方%(answer)s。请打开“借用”看。",
        {"where": "滨海新村第二社区", "answer": "没有同意"},
        path="/lending",
    ),
    "lending_declined": Template(
        "志愿者 %(number)s 婉拒了借用，那几周回原社区。请打开“借用”看。",
        {"number": "V012345"},
        path="/lending",
    ),
    "lent": Template(
        "%(first)s至%(last)s，%(where)s想请你去那边服务。不方便请打开“我的·借到别的社区”婉拒。",
        {"where": "滨海新村第二社区", "first": "11月30日", "last": "12月13日"},
        path="/phone/me/lending",
    ),
    "lent_back": Template(
        "%(from_day)s起你回原来的社区服务，%(where)s谢谢你。",
        {"where": "滨海新村第二社区", "from_day": "12月14日"},
        path="/phone/me/lending",
    ),
    "statement": Template(
        "%(month)s对账单出来了：服务 %(hours)s 小时，账户 %(balance)s 小时。%(until)s前可提异议。",
        {"month": "11月", "hours": "123.5", "balance": "1234.5", "until": "12月30日"},
        path="/my/statements",
    ),
    "second": Template(
        "有一件事等你核准：一位同事提请，要第二个人定。请打开“账与证”的“等第二人核准”看。",
        {},
        path="/proposals",
    ),
    "number": Template(
        "有人请求把你的登记改了（姓名或手机号），%(when)s生效。不是你要改的，请马上打服务站电话。",
        {"when": "11月28日18:00"},
        path="/phone/me",
    ),
    "family": Template(
        "%(who)s请求以家属身份看老人的上门安排和到访码，%(when)s生效。不认识这个人，请马上打服务站电话。",
        {"who": "欧阳**", "when": "11月28日18:00"},
        path="/family/bind",
    ),
    "family_bound": Template(
        "已经连上%(who)s：打开网页看谁来、几点来，也能替老人确认。",
        {"who": "欧阳奶奶"},
        path="/family",
    ),
    "family_declined": Template(
        "您要连上老人的申请没有通过，原因在网页“连上家里的老人”里。急的话请打服务站电话。",
        {},
        path="/family/bind",
    ),
    "tomorrow": Template(
        "%(day)s%(when)s%(kind)s，%(names)s来%(code)s%(more)s。改期请打%(station)s。",
        {
            "day": Sentence("明天"),
            "when": "14:30",
            "kind": Sentence("上门理发"),
            "names": ("欧阳女士、司马先生", "Ms 欧阳"),
            "code": Sentence("，到访码4827"),
            "more": Sentence("，另有2次"),
            "station": "0532-88880000",
        },
    ),
    "day_changed": Template(
        "%(day)s的安排改了：%(when)s%(kind)s，%(names)s%(code)s%(more)s。请打%(station)s问。",
        {
            "day": Sentence("明天"),
            "when": "14:30",
            "kind": Sentence("上门理发"),
            "names": ("欧阳女士来", "Ms 欧阳 comes"),
            "code": Sentence("，到访码4827"),
            "more": Sentence("，另有2次"),
            "station": "0532-88880000",
        },
    ),
    "soon": Template(
        "%(when)s%(kind)s，%(names)s一小时内到%(code)s。先看工作牌再开门。",
        {
            "when": "14:30",
            "kind": Sentence("上门理发"),
            "names": ("欧阳女士、司马先生", "Ms 欧阳"),
            "code": Sentence("，到访码4827"),
        },
    ),
    "my_tomorrow": Template(
        "%(day)s要去 %(doors)s 家：%(start)s%(first)s%(pickup)s。去不了请打开网页说一声。",
        {
            "day": Sentence("明天"),
            "doors": 24,
            "start": "10:50",
            "first": Sentence("送餐上门"),
            "pickup": Sentence("，取24份"),
        },
        path="/phone/week",
    ),
    "my_soon": Template(
        "%(start)s%(what)s，还有一小时。路线在网页“今天”，去不了请马上说。",
        {"start": "10:50", "what": Sentence("送餐上门24家")},
        path="/phone",
    ),
    "arrived": Template(
        "%(names)s %(time)s 到了，%(who)s，%(kind)s。",
        {
            "names": ("欧阳女士", "Ms 欧阳"),
            "time": "14:31",
            "who": ("欧阳奶奶、司马爷爷", "欧阳**, 司马**"),
            "kind": Sentence("上门理发"),
        },
    ),
    "delivered": Template(
        "%(who)s：%(kind)s %(time)s 做好了。有不对的，打开网页说一声。",
        {"who": ("欧阳奶奶、司马爷爷", "欧阳**, 司马**"), "time": "14:31", "kind": Sentence("送餐上门")},
    ),
    "request_accepted": Template(
        "您提的%(kind)s，社区接下了。排好谁来、几点来，再告诉您。电话%(station)s。",
        {"kind": Sentence("上门理发"), "station": "0532-88880000"},
        path="/family",
    ),
    "request_declined": Template(
        "您提的%(kind)s这次接不下来，原因在网页。别的办法请打%(station)s。",
        {"kind": Sentence("上门理发"), "station": "0532-88880000"},
        path="/family",
    ),
    "elder_call": Template(
        "%(who)s自己在手机上按了“我不舒服”（%(time)s）。请马上打电话，在“今天”里处理。",
        {"who": "欧阳奶奶", "time": "11:25"},
        urgent=True,
        path="/today",
    ),
    "elder_call_family": Template(
        "%(who)s%(time)s按了“我不舒服”，服务站正在打电话。您也请马上打一个。",
        {"who": "欧阳奶奶", "time": "11:25"},
        urgent=True,
        path="/family",
    ),
    "family_not_coming": Template(
        "%(what)s您家说这次不用来，已告诉来的人。要照常来，打开网页点一下。",
        {"what": "11月24日 11:00 送餐上门等 12 件"},
        path="/family",
    ),
    "family_after_all": Template(
        "%(what)s照常来，前面说这次不用来已经收回。",
        {"what": "11月24日 11:00 送餐上门"},
        path="/family",
    ),
    "family_ended": Template(
        "%(who)s和老人的家属关系已在系统里解除，看不到上门安排了。不是您家要解除的，请打服务站电话。",
        {"who": "欧阳**"},
        path="/family/bind",
    ),
    "star": Template(
        "星级的消息：%(what)s。有疑问请打服务站电话。",
        {"what": "记录不实，星级撤下，2029年11月25日以前不能申请"},
        path="/my/stars",
    ),
    "in_name": Template(
        "%(who)s，服务站按你%(how)s说的，%(what)s。不是你说的，请马上打服务站电话。",
        {"who": "欧阳**", "how": "打电话", "what": "写下送 1500 分钟给亲属，等第二人核准"},
        path="/phone/account",
    ),
    "session_off": Template(
        "%(what)s取消了，不用来了，对不住。要问请打%(station)s。",
        {"what": "11月24日 14:00 义诊和量血压送健康", "station": "0532-88880000"},
    ),
    "session_seat": Template(
        "%(what)s有位子了，您是 %(number)s 号。来不了请打%(station)s。",
        {"what": "11月24日 14:00 义诊和量血压送健康", "number": 120, "station": "0532-88880000"},
    ),
    "item_ready": Template(
        "%(place)s：您的东西可以取了，单号 %(number)s，请带取件单。电话%(station)s。",
        {"place": "零距离服务站第三站点东门", "number": "W0012", "station": "0532-88880000"},
    ),
    "item_unmended": Template(
        "%(place)s：您的东西没能修好，请来取回，单号 %(number)s。电话%(station)s。",
        {"place": "零距离服务站第三站点东门", "number": "W0012", "station": "0532-88880000"},
    ),
    "unmasked": Template(
        "%(who)s写明理由，看了操作记录上你的全名。打开网页“谁看过、改过我的资料”看；有疑问请打服务站电话。",
        {"who": "欧阳慧芳"},
        path="/my/trail",
    ),
    "ended": Template(
        "你的登录被停用了（%(where)s）。不是你要的，请马上找街道或者别的管理员。",
        {"where": "松坡社区"},
    ),
    "unwell": Template(
        "%(who)s需要马上有人看看，%(by)s %(time)s 在门口报告。请打开“今天”处理。",
        {"who": "欧阳奶奶(函谷关路片)", "by": "欧阳*", "time": "11:25"},
        urgent=True,
        path="/today",
    ),
    "no_answer": Template(
        "%(who)s没人应门，%(by)s %(time)s 报告。请马上打电话确认平安，在“今天”里处理。",
        {"who": "欧阳奶奶(函谷关路片)", "by": "欧阳*", "time": "11:25"},
        urgent=True,
        path="/today",
    ),
}


def render(name: str, locale: str, params: dict[str, object], signature: str = SIGNATURE) -> str:
    """Return the words of a message under its signature; a missing parameter is an error of the caller.

    A parameter may be a pair, the Chinese words and the English ones.
    """
    template, english = TEMPLATES[name], locale != CHINESE
    body = filled(template.words, params, locale)
    sign = ENGLISH_SIGNATURE if english and signature == SIGNATURE else signature[:LONGEST]
    return f"[{sign}] {body}" if english else f"【{sign}】{body}"
