"""What to do when something is amiss: what is seen, and the way out of it."""

from timebank.handbook.text import Do
from timebank.sentences import Pair, Sentence

Trouble = tuple[Pair, tuple[Pair | Do, ...]]

TROUBLES: tuple[Trouble, ...] = (
    (
        Sentence("管理员进不来了"),
        (
            Sentence("在机器上再要一个链接；同一个手机号就是原来那位，原来的链接作废。"),
            Do("timebank init --admin-phone 13900000000 --admin-name NAME"),
        ),
    ),
    (
        Sentence("收不到短信验证码"),
        (Sentence("“消息”里看发件箱的结果；通道页可以试发一条。急的话在“同事”页给本人一个链接。"),),
    ),
    (
        Sentence("启动说端口被占"),
        (Sentence("还有一个在跑，或别的程序占着。停掉它，或换端口并同时改反向代理。"),),
    ),
    (
        Sentence("页面说“系统正忙”，/readyz 红"),
        (
            Sentence("看 /readyz 里写缺什么：room 是盘满，database 是连不上，schema 是没升级，storage 是数据库开法不对。"),
            Do("timebank doctor"),
        ),
    ),
    (
        Sentence("磁盘满了"),
        (Sentence("先把旧备份挪走，再清日志；空出来它自己恢复，什么都不会存一半。"),),
    ),
    (
        Sentence("周计划一直“正在排”"),
        (
            Sentence("进程没了的，下次启动自动接着排；在页面上可以停下，留到目前为止最好的。也可以从命令行排："),
            Do("timebank plan --community NAME --week 2026-W48"),
        ),
    ),
    (
        Sentence("timebank verify 说有不符"),
        (
            Sentence("有人绕过系统改过数据库，或者放回了旧库。不要再写，先备份现状，再和最近的好备份比；记下点名的表和编号，报告上级。"),
            Do("timebank verify --against FILE"),
        ),
    ),
    (
        Sentence("密钥丢了"),
        (
            Sentence("从备份里恢复，密钥在里面；没有的话还能恢复，只是封着的门牌和备注读不出来了。"),
            Do("timebank restore FILE --into instance --without-key"),
        ),
    ),
    (
        Sentence("有人的手机丢了"),
        (Sentence("本人在“登录的设备”里点“全部退出”；同事的在“同事”页停用，再给新链接。"),),
    ),
    (
        Sentence("登录的第二步过不去：手机和备用码都丢了"),
        (
            Sentence("核实是本人，在机器上取消，下次登录重新设。"),
            Do("timebank forget-second-step 13900000000"),
        ),
    ),
    (
        Sentence("导入导错了"),
        (
            Sentence("一天内在“导入”页整个撤回，或在命令行；之后改过的、用上了的会留下并点名。"),
            Do("timebank import --undo 1"),
        ),
    ),
    (
        Sentence("机器坏了"),
        (
            Sentence("新机器装上，恢复最近的备份，核对，启动。备份以后的几小时要从手机和纸上补登。"),
            Do("timebank restore FILE --into instance"),
            Do("timebank verify"),
        ),
    ),
)
