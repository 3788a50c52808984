"""The chapters of the handbook: sentences in Chinese and English, and the commands between them."""

from dataclasses import dataclass

from timebank.sentences import Pair, Sentence


@dataclass(frozen=True, slots=True)
class Do:
    """A line that is typed: a command of the program, or of the machine around it."""

    line: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter: its address on the page, its title, its sentences and commands."""

    slug: str
    title: Pair
    parts: tuple[Pair | Do, ...]


INSTALL = Chapter(
    "install",
    Sentence("装上"),
    (
        Sentence(
            "一台 Linux 机器，Python 3.11 或更新，2 个处理器核、4 GB 内存够一个社区用。装在虚拟环境里；换机器、升级都不动数据，数据只在实例文件夹里。"
        ),
        Do("python3 -m venv /opt/timebank"),
        Do("/opt/timebank/bin/python -m pip install timebank-VERSION.whl"),
        Sentence("实例文件夹里有数据库、密钥和队列，只给运行它的用户读。设置写在环境变量里，或工作文件夹的 .env 里；改了要重启。"),
        Sentence("下面这条把样例写到一个文件夹：开机自启、每晚备份、反向代理、容器、监控。照着改网址和路径就能用。"),
        Do("timebank examples examples"),
    ),
)

FIRST_DAY = Chapter(
    "first-day",
    Sentence("第一天"),
    (
        Sentence(
            "先设 TIMEBANK_BASE_URL，就是大家打开的网址；证明和二维码都印它，不设就不开证明。前面有 TLS 的反向代理，就再设 TIMEBANK_HTTPS=1 "
            "和 TIMEBANK_TRUSTED_PROXIES。"
        ),
        Sentence("建库，拿到第一位管理员的链接："),
        Do("timebank init --admin-phone 13900000000 --admin-name NAME"),
        Do("timebank run --host 127.0.0.1 --port 5000"),
        Sentence(
            "链接只能用一次，7 天有效；再运行一次就给新的。进来以后，“设置”那一页一步一步带着做：社区、楼栋、食堂、同事、老人和志愿者名单、短信通道。"
        ),
        Sentence("名单也可以从命令行导入，先试一遍再真的导入："),
        Do("timebank import FOLDER --dry-run"),
        Do("timebank import FOLDER"),
        Sentence("导错了，一天内整个撤回，编号在导入的最后一行："),
        Do("timebank import --undo 1"),
        Sentence("最后看一眼装得对不对："),
        Do("timebank doctor"),
    ),
)

BACKUP = Chapter(
    "backup",
    Sentence("备份和恢复"),
    (
        Sentence("服务开着也能备份。给文件夹，它自己起名。千万不要直接复制数据库文件：那样的副本打得开，却少了最近写的。"),
        Do("timebank backup /var/backups/timebank"),
        Sentence("设 TIMEBANK_BACKUP_FOLDER，服务自己每晚备一份，留 30 份；“设置”页写着最近一次是什么时候。"),
        Sentence(
            "每晚一次，升级前一次；三份放在另一栋楼。备份里有密钥，谁拿到都能全部读到，要锁好。写在设置里的密钥不在备份里，请抄下来另外保管。"
        ),
        Sentence("看一份备份里有什么，什么也不动："),
        Do("timebank restore FILE --dry-run"),
        Sentence("恢复只进空的地方。新机器上装同一版或更新的版本，然后："),
        Do("timebank restore FILE --into instance"),
        Do("timebank verify"),
        Sentence("每季度真的恢复一次试试。坏了的、比程序新的备份会被拒绝。"),
        Sentence("要带走全部数据换系统，用口令封好的整包："),
        Do("timebank export FILE"),
        Do("timebank import --whole FILE"),
    ),
)

UPGRADE = Chapter(
    "upgrade",
    Sentence("升级"),
    (
        Sentence("先备份，停服务，装新版，升级数据库，再启动。数据库没升级，服务不会启动。"),
        Do("timebank backup /var/backups/timebank"),
        Do("systemctl stop timebank timebank-worker"),
        Do("/opt/timebank/bin/python -m pip install --upgrade timebank-VERSION.whl"),
        Do("timebank upgrade"),
        Do("timebank verify"),
        Do("systemctl start timebank timebank-worker"),
        Sentence("新版不合适：只退一步，它先说会丢什么，要照抄那一步的名字，还会自动备份。退完装回旧版。"),
        Do("timebank upgrade --down"),
    ),
)

KEYS = Chapter(
    "keys",
    Sentence("密钥"),
    (
        Sentence("门牌、上门提示、照护备注都用实例文件夹里的 secret.key 封着；丢了它，这些再也读不出来。备份里默认有它。"),
        Sentence("TIMEBANK_SECOND_FACTOR=1：管理员和协调员登录，短信码之后还要验证器 App 里的码；备用码各自抄好锁起来。"),
        Sentence("有人离职、机器丢了、怀疑泄露：停服务，换一把，重新封好全部，重启，再备份。"),
        Do("timebank keys rotate"),
        Do("timebank backup /var/backups/timebank"),
        Sentence("核对账本、每一行的封印和数据库自己的守卫；和旧备份比，看是不是接着记下来的："),
        Do("timebank verify"),
        Do("timebank verify --against FILE"),
    ),
)

POSTGRESQL = Chapter(
    "postgresql",
    Sentence("换成 PostgreSQL"),
    (
        Sentence("一个社区用自带的数据库文件就够。几个社区、几台机器一起用，换成 PostgreSQL。"),
        Do("/opt/timebank/bin/python -m pip install 'timebank-VERSION.whl[postgres]'"),
        Sentence("建一个空库，停服务，搬过去；逐表核对，全对才算，旧库锁住只能读。"),
        Do("timebank move-to postgresql+psycopg://timebank@127.0.0.1/timebank"),
        Sentence("再把 TIMEBANK_DATABASE_URL 设成新地址启动。备份命令不变，机器上要有 pg_dump，版本不低于服务器。"),
    ),
)

SEVERAL = Chapter(
    "several",
    Sentence("多个进程、多台机器"),
    (
        Sentence("页面可以由几个进程一起服务（Linux，装 processes）：坏了一个，马上补一个，别人感觉不到。"),
        Do("/opt/timebank/bin/python -m pip install 'timebank-VERSION.whl[processes]'"),
        Do("timebank run --processes 4"),
        Sentence("排班、发消息、印证明这些后台工作，可以交给单独的进程：页面设 TIMEBANK_WORKERS=0，再启动任意几个："),
        Do("timebank worker -n 2"),
        Sentence(
            "不在同一台机器上，就要 PostgreSQL，TIMEBANK_JOBS_URL 也写它的地址，共用一个队列，并用同一把密钥（TIMEBANK_SECRET_KEY）。到点做的事（关账、催办、补发）由数据库里的租约选出一个进程来做；它没了，十分钟内别的接手。"
        ),
        Sentence("一个城市的所有社区一起排一周："),
        Do("timebank plan --all --week 2026-W48"),
    ),
)

WATCH = Chapter(
    "watch",
    Sentence("看着它"),
    (
        Sentence("/healthz 说进程活着；/readyz 说能不能写、库新不新、盘满没满，红了就别往这里引人。两处都不含任何资料。"),
        Sentence("TIMEBANK_LOG=json：每个请求一行，只有编号没有人名；出错页面下面的编号能在日志里找到那一行。"),
        Sentence("设 TIMEBANK_METRICS_TOKEN（装 metrics）就有 /metrics 给 Prometheus，样例里有现成的 Grafana 面板。"),
        Do("python3 -c 'import secrets; print(secrets.token_urlsafe(24))'"),
    ),
)
