"""What each message says. With its signature a message fits one SMS of 70 characters; no illness, no full address, no door.

The parameters of each template are the words in braces. A template that is ``urgent`` does not wait for the morning.
"""

from dataclasses import dataclass

SMS_LENGTH = 70
SIGNATURE = "时间银行"
ENGLISH_SIGNATURE = "Time bank"
LONGEST = 12


@dataclass(frozen=True, slots=True)
class Template:
    """One message in both languages, with a sample as long as they come."""

    zh: str
    en: str
    sample: dict[str, object]
    urgent: bool = False


TEMPLATES: dict[str, Template] = {
    "code": Template(
        "验证码 {code}，10 分钟内有效。不要告诉别人，工作人员也不会问你要。",
        "Your code is {code}, valid for 10 minutes. Tell nobody; our staff never ask for it.",
        {"code": "482719"},
        urgent=True,
    ),
    "offer": Template(
        "{week}有 {count} 项邀约等你回复，请在{deadline}前打开网页看。接受、婉拒都可以。",
        "{count} offers for {week} wait for your answer until {deadline}. Accept or decline on the page.",
        {"week": "11月30日这周", "count": 24, "deadline": "11月28日18:00"},
    ),
    "changed": Template(
        "{what}有改动，请打开网页看新的安排。不方便可以婉拒。",
        "{what} has changed. Please look at the page; you may decline.",
        {"what": "11月24日(周二)11:00-12:00送餐上门"},
    ),
    "cancelled": Template(
        "{what}取消了，这次不用去。谢谢你留出时间。",
        "{what} is cancelled; there is no need to go. Thank you for keeping the time.",
        {"what": "11月24日(周二)11:00-12:00送餐上门"},
    ),
    "handed_over": Template(
        "{what}已经另请人去，你不用去了。好好休息。",
        "{what}: somebody else is asked, you need not go. Take care.",
        {"what": "11月24日 11:00 送餐上门等 12 件"},
    ),
    "again": Template(
        "{what}还是照旧，前面说取消是误会。请打开网页看。",
        "{what} stands after all; that it was cancelled was a mistake. See the page.",
        {"what": "11月24日 11:00 送餐上门等 12 件"},
    ),
    "boxes": Template(
        "{what}的份数改了，取餐前请打开网页看。",
        "{what}: the number of boxes has changed; look at the page before you fetch them.",
        {"what": "11月24日 11:00 送餐上门等 12 件"},
    ),
    "now": Template(
        "请帮忙：{what}。能去请马上点接受，不方便也请点一下，我们好再问别人。",
        "Can you help: {what}? Please accept at once, or decline so that we can ask somebody else.",
        {"what": "11月24日 11:00 送餐上门等 12 件"},
        urgent=True,
    ),
    "swap": Template(
        "{who}想把{what}换给你。能去请打开“我的岗位”接，不方便不用管。",
        "{who} would like to give you {what}. Take it under My posts if you can; else do nothing.",
        {"who": "欧阳**", "what": "11月24日 11:30 老乡护学岗"},
    ),
    "settled": Template(
        "{what}已经有人去了，谢谢你。",
        "{what}: somebody is going already. Thank you.",
        {"what": "11月24日 11:00 送餐上门等 12 件"},
        urgent=True,
    ),
    "lost": Template(
        "{what}没有人去了，{who}来不了。请打开“今天”，在“要有人去”里请人。",
        "{what}: nobody is going, {who} cannot. Open Today and ask somebody.",
        {"what": "11月24日 11:00 送餐上门等 12 件", "who": "欧阳*"},
        urgent=True,
    ),
    "coming": Template(
        "{who}{when}{kind}，志愿者{names}上门，到访码{code}。改期请打服务站电话。",
        "{who}, {when}, {kind}: {names} will come, visit code {code}. To change it, call the station.",
        {"who": "欧阳奶奶", "when": "11月24日14:30", "kind": "上门理发", "names": "张*、欧阳*", "code": "4827"},
    ),
    "thanks": Template(
        "{who}请我们转告你：谢谢。{minutes} 分钟已记入你的服务记录。",
        "{who} asks us to pass on thanks. {minutes} minutes stand in your service record.",
        {"who": "欧阳奶奶", "minutes": 125},
    ),
    "doubt": Template(
        "{who}家说 {what} 有不对的地方，先不自动确认。请打电话核对，在“等确认”里处理。",
        "The family of {who} says {what} was not right. Call them, then settle it under To confirm.",
        {"who": "欧阳奶奶", "what": "11月24日 上门理发"},
    ),
    "answered": Template(
        "{what}的异议有答复了，现在记 {minutes} 分钟。打开网页看核对的结果。",
        "The objection to {what} is answered; {minutes} minutes stand. See the page for what was found.",
        {"what": "11月24日 上门理发", "minutes": 125},
    ),
    "correction": Template(
        "{what}由 {before} 改记 {after} 分钟：{reason}。{until}前可提异议。",
        "{what}: {after} minutes, not {before}: {reason}. You may object until {until}.",
        {"what": "11月24日 上门理发", "before": 125, "after": 120, "reason": "照对讲机的时间，早走了一会儿…", "until": "12月30日"},
    ),
    "owing": Template(
        "{what}更正后，时间账户欠回 {minutes} 分钟，以后存入的先还上。不对请打服务站电话。",
        "{what} was corrected: {minutes} minutes are owed back and come out of what is earned next. Call the station if that is wrong.",
        {"what": "11月24日 上门理发", "minutes": 125},
    ),
    "standing": Template(
        "从{day}起你的登记改了：{what}。以前的记录不变。不对请打服务站电话。",
        "From {day} on you are noted as: {what}. What is on record stays as it is. Call the station if that is wrong.",
        {"day": "11月24日", "what": "专职、集体、青岛市市南区八大关小学"},
    ),
    "certificate": Template(
        "证明 {number} 已失效，旧纸别再用，原因见网页“服务证明”。",
        "Your certificate {number} holds no more; do not use the paper. The reason stands under Certificates.",
        {"number": "ZM-PINE-STREET-2026-000001"},
    ),
    "lending_asked": Template(
        "{where}想请你们借一位志愿者，请打开“志愿者”的“借用”，同意或者回绝。",
        "{where} asks you to lend a volunteer. Agree or say no under Volunteers, Lending.",
        {"where": "滨海新村第二社区"},
    ),
    "lending_answered": Template(
        "你请{where}借的志愿者，对方{answer}。请打开“借用”看。",
        "{where} {answer} to lending you the volunteer. See Lending.",
        {"where": "滨海新村第二社区", "answer": "没有同意"},
    ),
    "lending_declined": Template(
        "志愿者 {number} 婉拒了借用，那几周回原社区。请打开“借用”看。",
        "Volunteer {number} declined being lent and serves at home in those weeks. See Lending.",
        {"number": "V012345"},
    ),
    "lent": Template(
        "{first}至{last}，{where}想请你去那边服务。不方便请打开“我的·借到别的社区”婉拒。",
        "From {first} to {last} {where} would like you to serve there. You may decline under Mine, Lent.",
        {"where": "滨海新村第二社区", "first": "11月30日", "last": "12月13日"},
    ),
    "lent_back": Template(
        "{from_day}起你回原来的社区服务，{where}谢谢你。",
        "From {from_day} you serve at home again; {where} thanks you.",
        {"where": "滨海新村第二社区", "from_day": "12月14日"},
    ),
    "statement": Template(
        "{month}对账单出来了：服务 {hours} 小时，账户 {balance} 小时。{until}前可提异议。",
        "Your statement of {month} is there: {hours} h of service, {balance} h on the account. You may object until {until}.",
        {"month": "11月", "hours": "123.5", "balance": "1234.5", "until": "12月30日"},
    ),
    "second": Template(
        "有一件事等你核准：一位同事提请，要第二个人定。请打开“账与证”的“等第二人核准”看。",
        "Something waits for you: a colleague asks, a second person decides. See To approve under Hours and papers.",
        {},
    ),
    "number": Template(
        "有人请求把你在时间银行的登记改了（姓名或手机号），{when}生效。不是你要改的，请马上打服务站电话。",
        "Somebody asks to change your name or number here, from {when} on. If you did not want it, call the station at once.",
        {"when": "11月28日18:00"},
    ),
    "family": Template(
        "{who}请求以家属身份看老人的上门安排和到访码，{when}生效。不认识这个人，请马上打服务站电话。",
        "{who} asks to follow the elder's visits as family, from {when} on. If you do not know them, call the station at once.",
        {"who": "欧阳**", "when": "11月28日18:00"},
    ),
    "star": Template(
        "星级的消息：{what}。有疑问请打服务站电话。",
        "About your stars: {what}. If this is wrong, call the station.",
        {"what": "记录不实，星级撤下，2029年11月25日以前不能申请"},
    ),
    "in_name": Template(
        "{who}，服务站按你{how}说的，{what}。不是你说的，请马上打服务站电话。",
        "{who}: as you said {how}, the station {what}. If you did not, call it at once.",
        {"who": "欧阳**", "how": "打电话", "what": "写下送 1500 分钟给亲属，等第二人核准"},
    ),
    "session_off": Template(
        "{what}取消了，不用来了，对不住。要问请打{station}。",
        "{what} is called off; there is no need to come. We are sorry. Questions: {station}.",
        {"what": "11月24日 14:00 义诊和量血压送健康", "station": "0532-88880000"},
    ),
    "session_seat": Template(
        "{what}有位子了，您是 {number} 号。来不了请打{station}。",
        "There is a seat for you: {what}, number {number}. If you cannot come, call {station}.",
        {"what": "11月24日 14:00 义诊和量血压送健康", "number": 120, "station": "0532-88880000"},
    ),
    "item_ready": Template(
        "{place}：您的东西可以取了，单号 {number}，请带取件单。电话{station}。",
        "Your thing at {place} can be fetched, number {number}. Please bring its paper. Questions: {station}.",
        {"place": "零距离服务站第三站点东门", "number": "W0012", "station": "0532-88880000"},
    ),
    "item_unmended": Template(
        "{place}：您的东西没能修好，请来取回，单号 {number}。电话{station}。",
        "Your thing at {place} could not be mended; please fetch it, number {number}. Questions: {station}.",
        {"place": "零距离服务站第三站点东门", "number": "W0012", "station": "0532-88880000"},
    ),
    "unmasked": Template(
        "{who}写明理由，看了操作记录上你的全名。打开网页“谁看过、改过我的资料”看；有疑问请打服务站电话。",
        "{who} saw your full name on the trail, for a written reason. See who looked at your data; call the station if in doubt.",
        {"who": "欧阳慧芳"},
    ),
    "unwell": Template(
        "{who}需要马上有人看看，{by} {time} 在门口报告。请打开“今天”处理。",
        "Someone should look after {who} at once; {by} reported from the door at {time}. Open Today.",
        {"who": "欧阳奶奶(函谷关路片)", "by": "欧阳*", "time": "11:25"},
        urgent=True,
    ),
    "no_answer": Template(
        "{who}没人应门，{by} {time} 报告。请马上打电话确认平安，在“今天”里处理。",
        "No answer at {who}'s door; {by} reported at {time}. Call now to make sure all is well, then open Today.",
        {"who": "欧阳奶奶(函谷关路片)", "by": "欧阳*", "time": "11:25"},
        urgent=True,
    ),
}


def render(name: str, locale: str, params: dict[str, object], signature: str = SIGNATURE) -> str:
    """Return the words of a message under its signature; a missing parameter is an error of the caller.

    A parameter may be a pair, the Chinese words and the English ones.
    """
    template, english = TEMPLATES[name], locale != "zh"
    said = {key: value[english] if isinstance(value, tuple) else value for key, value in params.items()}
    body = (template.en if english else template.zh).format(**said)
    sign = ENGLISH_SIGNATURE if english and signature == SIGNATURE else signature[:LONGEST]
    return f"[{sign}] {body}" if english else f"【{sign}】{body}"
