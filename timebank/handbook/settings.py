"""What each setting means, in Chinese; its English stands beside the setting itself."""

from dataclasses import Field, dataclass, fields
from typing import Any

from timebank.config import Settings

MEANINGS: dict[str, str] = {
    "instance": "放数据库、队列和密钥的文件夹",
    "database_url": "数据库地址；空着就是实例文件夹里的文件",
    "jobs_url": "后台队列；空着就是实例文件夹里的文件，几台机器共用就写 postgresql+psycopg:// 或 redis:// 的地址",
    "secret_key": "给登录签名的密钥；空着就自己生成，放在实例文件夹",
    "data_key": "封门牌和备注的密钥；空着就从上面那把得来",
    "old_keys": "以前的密钥，逗号隔开，用来打开以前封的",
    "product_name": "页面上的产品名，写在社区名后面",
    "locale": "第一次打开时的语言：zh 或 en",
    "https": "登录只走 HTTPS；前面有 TLS 就设 1",
    "second_factor": "管理员和协调员登录要第二步：验证器 App 里的码",
    "demo": "演示：页面上显示验证码，正式使用绝不能开",
    "demo_clock": "演示的时钟从哪一刻开始",
    "geocoder": "问哪家地图服务楼在哪：amap 高德、baidu 百度、nominatim 自建；空着就谁也不问",
    "geocoder_key": "那家服务给的密钥",
    "geocoder_url": "服务的网址，如 http://10.0.0.8；空着就用它自己的",
    "tiles_url": "地图底图的网址模板；空着就画没有底图的图",
    "roads_url": "问路上时间的 OSRM，如 http://10.0.0.8/{mode}，{mode} 换成 foot 或 bike；空着就按直线估",
    "solve_seconds": "排一周给引擎几秒",
    "backup_folder": "服务自己每晚备份到哪个文件夹；空着就不备",
    "backups_kept": "这样的备份留几份",
    "workers": "页面进程里几条线程做后台工作；0 就只由 timebank worker 做",
    "api_per_minute": "一个接口令牌每分钟最多调用几次",
    "hooks_private": "外呼可以到内网地址，也可以不加密",
    "hooks_hosts": "外呼只能到这些主机，逗号隔开；空着就不限",
    "log": "日志怎么写：words 是文字，json 每个请求一行",
    "metrics_token": "带着它才能读 /metrics；空着就不统计",
    "font_dir": "印 PDF 的字体文件夹；空着用自带的",
    "trusted_proxies": "信得过的反向代理的地址，逗号隔开",
    "plain_http": "只在封闭的内网里：不加密也给别的机器用",
    "base_url": "大家打开的网址，印在证明上；不设就不开证明",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A setting as the handbook tells it: its name, what it means, and what it is when nobody sets it, each in both languages."""

    name: str
    meaning: tuple[str, str]
    unset: tuple[str, str]


def told() -> list[Told]:
    """Return every setting there is."""
    return [Told(f"TIMEBANK_{each.name.upper()}", (MEANINGS[each.name], each.metadata["help"]), _unset(each)) for each in fields(Settings)]


def _unset(each: Field[Any]) -> tuple[str, str]:
    """Return what a setting is when nobody sets it; the product's ordinary name has its English."""
    if each.name == "product_name":
        return str(each.default), "Time bank"
    said = {True: "1", False: "0", "": "–"}.get(each.default, str(each.default))
    return said, said
