"""What to do when something is amiss: what is seen, and the way out of it."""

from timebank.handbook.text import Do, Pair

Trouble = tuple[Pair, tuple[Pair | Do, ...]]

TROUBLES: tuple[Trouble, ...] = (
    (
        ("管理员进不来了", "No administrator can come in"),
        (
            (
                "在机器上再要一个链接；同一个手机号就是原来那位，原来的链接作废。",
                "Ask for another link on the machine; the same number is the same person, and the earlier link is void.",
            ),
            Do("timebank init --admin-phone 13900000000 --admin-name NAME"),
        ),
    ),
    (
        ("收不到短信验证码", "No code arrives by SMS"),
        (
            (
                "“消息”里看发件箱的结果；通道页可以试发一条。急的话在“同事”页给本人一个链接。",
                "The outbox shows what became of it, and the channel's page sends a test. In a hurry, give the person a link on the page of colleagues.",
            ),
        ),
    ),
    (
        ("启动说端口被占", "It says that the port is taken"),
        (
            (
                "还有一个在跑，或别的程序占着。停掉它，或换端口并同时改反向代理。",
                "One still runs, or another program has it. Stop that, or choose another port and change the reverse proxy too.",
            ),
        ),
    ),
    (
        ("页面说“系统正忙”，/readyz 红", "Pages say the system is busy, and /readyz is red"),
        (
            (
                "看 /readyz 里写缺什么：room 是盘满，database 是连不上，schema 是没升级，storage 是数据库开法不对。",
                "Look at what /readyz misses: room is a full disk, database cannot be reached, schema is behind, storage is opened the wrong way.",
            ),
            Do("timebank doctor"),
        ),
    ),
    (
        ("磁盘满了", "The disk is full"),
        (
            (
                "先把旧备份挪走，再清日志；空出来它自己恢复，什么都不会存一半。",
                "Move old backups away, then old logs; it recovers by itself, and nothing was stored by half.",
            ),
        ),
    ),
    (
        ("周计划一直“正在排”", "A week is being planned for ever"),
        (
            (
                "进程没了的，下次启动自动接着排；在页面上可以停下，留到目前为止最好的。也可以从命令行排：",
                "A run whose process is gone is taken up at the next start; on its page it can be stopped with the best plan so far. Or plan by hand:",
            ),
            Do("timebank plan --community NAME --week 2026-W48"),
        ),
    ),
    (
        ("timebank verify 说有不符", "timebank verify names rows"),
        (
            (
                "有人绕过系统改过数据库，或者放回了旧库。不要再写，先备份现状，再和最近的好备份比；记下点名的表和编号，报告上级。",
                (
                    "Somebody changed the database past the service, or put an old one back. Write nothing more: back up what there is, compare with the "
                    "last good backup, note the tables and numbers named, and report it."
                ),
            ),
            Do("timebank verify --against FILE"),
        ),
    ),
    (
        ("密钥丢了", "The key is lost"),
        (
            (
                "从备份里恢复，密钥在里面；没有的话还能恢复，只是封着的门牌和备注读不出来了。",
                "Restore from a backup, which has it. Without one the rest comes back, but sealed doors and notes stay unreadable.",
            ),
            Do("timebank restore FILE --into instance --without-key"),
        ),
    ),
    (
        ("有人的手机丢了", "Somebody's phone is lost"),
        (
            (
                "本人在“登录的设备”里点“全部退出”；同事的在“同事”页停用，再给新链接。",
                "They leave everywhere on the page of devices; of a colleague, end the sign-in on the page of colleagues and give a new link.",
            ),
        ),
    ),
    (
        ("登录的第二步过不去：手机和备用码都丢了", "The second step cannot be done: phone and spare codes are lost"),
        (
            (
                "核实是本人，在机器上取消，下次登录重新设。",
                "Make sure who it is, take it away on the machine; at the next sign-in another is made.",
            ),
            Do("timebank forget-second-step 13900000000"),
        ),
    ),
    (
        ("导入导错了", "The wrong file was imported"),
        (
            (
                "一天内在“导入”页整个撤回，或在命令行；之后改过的、用上了的会留下并点名。",
                "Take it back within a day on the page of imports or by the command; what was changed or used since stays and is named.",
            ),
            Do("timebank import --undo 1"),
        ),
    ),
    (
        ("机器坏了", "The machine is broken"),
        (
            (
                "新机器装上，恢复最近的备份，核对，启动。备份以后的几小时要从手机和纸上补登。",
                "Install on another, restore the newest backup, verify, start. What came after it is entered again from phones and paper.",
            ),
            Do("timebank restore FILE --into instance"),
            Do("timebank verify"),
        ),
    ),
)
