"""What the office's pages share: the blueprint, whose office it is, the steps beside every page, and where something stands."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank.access.guards import this_user
from timebank.errors import Conflict, Invalid, NotFound, Refusal, wrong
from timebank.forms import sentences
from timebank.office import queries
from timebank.office.queries import Progress, Step
from timebank.places.models import Community
from timebank.places.points import Point, read
from timebank.places.tenancy import community_seen_by
from timebank.sentences import Sentence
from timebank.web import UNPROCESSABLE, Page, Submission, listed, submitted, voiced

blueprint = Blueprint("office", __name__, url_prefix="/office")
Errors = dict[str, str]


def community_or_none() -> Community | None:
    """Return the community whose office the reader keeps, nothing before there is one; asked once for a page."""
    if "office_of" not in g:
        try:
            g.office_of = community_seen_by(this_user())
        except NotFound:
            g.office_of = None
    community: Community | None = g.office_of
    return community


def mine() -> Community:
    """Return the community whose office the reader keeps."""
    return community_seen_by(this_user())


def page(template: str, step: Step, **more: object) -> str:
    """Return a page of the office with the steps of the first day beside it, while that is not over."""
    community = community_or_none()
    progress = queries.progress(community.id if community else None)
    steps = [line(progress, each, current=each is step) for each in Step]
    after = following(progress, step)
    return render_template(template, steps=steps, progress=progress, step=step, after=after, **more)


def following(progress: Progress, step: Step) -> dict[str, Any] | None:
    """Return the next step after this one that is neither done nor left out, as a line; None when there is none."""
    order = list(Step)
    later = order[order.index(step) + 1 :] + order[: order.index(step)]
    left = (each for each in later if not progress.is_done(each) and each not in progress.skipped and not progress.waits_for(each))
    found = next(left, None)
    return line(progress, found) if found is not None else None


def line(progress: Progress, step: Step, *, current: bool = False) -> dict[str, Any]:
    """Return a step as the list shows it: its name, how it stands, what there is of it, where it is done."""
    waits = progress.waits_for(step)
    state = "done" if progress.is_done(step) else "waits" if waits else "skipped" if step in progress.skipped else "open"
    word, href, without = _words()[step]
    text = without if state == "skipped" else _("先做：%(steps)s", steps=_listed(waits)) if waits else _stand(progress, step)
    return {"step": step, "word": word, "href": href, "state": state, "text": text, "without": without, "current": current}


def _listed(steps: list[Step]) -> str:
    """Return the names of some steps."""
    words = _words()
    return str(listed(words[each][0] for each in steps))


def _words() -> dict[Step, tuple[str, str, str]]:
    """Return of each step its name, the page on which it is done, and what does not work without it."""
    return {
        Step.COMMUNITY: (_("社区"), url_for("office.community"), _("没有社区，什么都记不下来。")),
        Step.KINDS: (_("服务种类"), url_for("office.kinds"), _("一种都不开，就没有可以求助的事。")),
        Step.BUILDINGS: (_("院子和楼"), url_for("office.buildings"), _("没有楼，路上要走几分钟就算不出来。")),
        Step.CANTEEN: (_("食堂或取餐点"), url_for("office.canteens"), _("没有食堂，就排不了送餐；别的服务不受影响。")),
        Step.STATION: (_("服务站"), url_for("stations.add"), _("没有服务站，页面上就没有居民能打的电话，也排不了义诊、理发日。")),
        Step.UNITS: (_("单位和服务队"), url_for("volunteers.teams"), _("没有单位和队，月报就不能按单位和队看。")),
        Step.CHANNELS: (
            _("怎么把消息发出去"),
            url_for("notices.channels"),
            _("没有通道，消息只能打电话转告，登录验证码只能在这台机器上看。签名和合同要办几天，早点开始。"),
        ),
        Step.COLLEAGUES: (
            _("同事和他们的角色"),
            url_for("office.colleagues"),
            _("只有一个人，要两个人定的事（更正、补录、改规则）就定不了。"),
        ),
        Step.VOLUNTEERS: (_("5 位志愿者"), url_for("volunteers.new"), _("没有志愿者，就没有人可以邀约。")),
        Step.ELDERS: (_("5 位老人和他们要什么"), url_for("elders.new"), _("没有求助，就没有可以排的事。")),
        Step.WEEK: (_("第一周"), url_for("planning.week"), _("没有发布，谁也不会收到邀约。")),
    }


def _stand(progress: Progress, step: Step) -> str:
    """Return what there is of a step so far, or what it asks for."""
    counts, community = progress.counts, community_or_none()
    done = progress.is_done(step)
    texts: dict[Step, str] = {
        Step.COMMUNITY: f"{community.name} · {community.phone}" if community else _("名字、电话、记录单位"),
        Step.KINDS: _("开了 %(count)s 种", count=counts.kinds) if done else _("哪些服务做，哪些不做"),
        Step.BUILDINGS: _("%(compounds)s 个院子，%(count)s 栋楼；老人住哪栋就先放哪栋", compounds=counts.compounds, count=counts.buildings)
        if done
        else _("在图上点，或者贴一列"),
        Step.CANTEEN: _("已写 %(count)s 处", count=counts.canteens) if done else _("在哪、几点取、热餐几分钟内送到"),
        Step.STATION: _("已写 %(count)s 处", count=counts.stations) if done else _("在哪、电话、几点开门"),
        Step.UNITS: _("%(units)s 个单位，%(teams)s 个队", units=counts.units, teams=counts.teams)
        if done
        else _("学校、企业、驻区单位；志愿者编的队"),
        Step.CHANNELS: _("开着 %(count)s 个通道", count=counts.channels) if done else _("短信、邮件、工作群；没有就打电话"),
        Step.COLLEAGUES: _("%(count)s 位同事可以登录", count=counts.colleagues) if done else _("协调员、队长、楼长、食堂、查看人员"),
        Step.VOLUNTEERS: _("登记了 %(count)s 位，%(free)s 位写了哪天有空", count=counts.volunteers, free=counts.free),
        Step.ELDERS: _("登记了 %(count)s 位，接下了 %(needs)s 件求助", count=counts.elders, needs=counts.needs),
        Step.WEEK: _("已经发布过") if done else _("上面够了就能排；今天排，周一开始"),
    }
    return texts[step]


def attempt(act: Callable[[Submission], AnyResponse], shown: Callable[[Errors], str]) -> Page:
    """Take a form; one that is refused is shown again with its sentences, and with all that was typed."""
    try:
        with submitted() as taken:
            return act(taken)
    except (Invalid, Conflict) as error:
        return shown(sentences_of(error)), UNPROCESSABLE


def sentences_of(error: Refusal) -> Errors:
    """Return the sentence of each field that a refusal names, else the refusal's own."""
    return sentences(error) if isinstance(error, Invalid) else {"form": voiced(error.words)}


def point_of(said: dict[str, Any]) -> Point | None:
    """Return where a form puts something: a coordinate that was typed, else a press on the map, else nothing."""
    if said["spot"]:
        point = read(said["spot"], said["datum"])
        if point is None:
            sentence = Sentence("坐标没有看懂。写成“36.0559,120.3521”这样，在手机地图上长按一个地方就能复制；不填也行。")
            raise wrong("spot", sentence)
        return point
    if said["lat"] is not None and said["lon"] is not None:
        return said["lat"], said["lon"]
    return None


def given(**known: object) -> Any:  # noqa: ANN401 - a form as it was typed, or the fields of a row
    """Return what was typed, or on a first look what is known."""
    return request.form if request.method == "POST" else known
