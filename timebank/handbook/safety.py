"""The chapters of the handbook about safety: what is checked, who comes in and how, what is kept under which key, who is called, what is written down."""

from timebank.handbook.text import Chapter, Do

CHECKS = Chapter(
    "checks",
    ("填的和传的，怎么核对", "What is checked of what comes in"),
    (
        (
            (
                "每张表单、每个接口都按字段核对，在服务器上，不靠浏览器：手机号 11 位、1 开头；日期是真的日子；时间按分钟；数字有上下限；选项只能是列出来的；"
                "文字去掉看不见的符号，有最长。没写在表单里的字段不收。接口的每个字段和界限写在 /api。"
            ),
            (
                "Every form and every door of the API is checked field by field, on the server and not by the browser: a mobile has 11 digits and "
                "begins with 1; a date is a day there is; times are minutes; numbers have bounds; a choice is one of those offered; words lose "
                "signs nobody sees and have a greatest length. A field the form does not know is not taken. /api has every field with its bounds."
            ),
        ),
        (
            (
                "几样合起来也核对：结束在开始之后、同一个人不同时在两处、楼在本社区、夫妻同一个门、一天不超过 12 小时、先接受再上门再确认，一步不能跳。"
                "要紧的数据库自己再守一遍。"
            ),
            (
                "So are things together: an end is after its beginning, nobody is in two places, a building is of the own community, a couple has one "
                "door, a day has 12 hours of service at most; accepted, served, confirmed, no step is passed over. What matters most the database "
                "guards once more by itself."
            ),
        ),
        (
            (
                "有数的限额：一小时 5 个验证码，错 5 次停 15 分钟；一个令牌一分钟 600 次；手工补录、改多分钟、一个人说了算的分钟，每月有上限，第二个人点头才算。"
                "上限在“规则”页改，改也要两个人。"
            ),
            (
                "Limits: five codes an hour, a quarter of an hour's rest after five wrong ones; 600 calls a minute for a token; entries by hand, added "
                "minutes and minutes on one person's word have ceilings for a month and want a second person. Ceilings are set on the page of "
                "rules, by two people."
            ),
        ),
        (
            (
                "能传三样文件。名单：xlsx、xls、ods、csv，一个最大 5 MB、展开 40 MB、200 个部件，在另一个进程里读，8 秒、512 MB 为限，宏和外部链接不看，读完一天内删。"
                "小票照片：jpg、png、webp，重新画过，只留画面，存的时候加密。整包：只由管理员在命令行放回。看着不对的文件整个退回，说为什么；传上来的原文件不给任何人下载。"
            ),
            (
                "Three kinds of files are taken. Rosters: xlsx, xls, ods, csv, 5 MB each, 40 MB and 200 parts unpacked, read in a process of its own within "
                "8 seconds and 512 MB; macros and links outside are not looked at; gone within a day. Photos of receipts: jpg, png, webp, drawn anew so that the "
                "picture alone stays, kept encrypted. Whole bundles: put back by an administrator on the command line. A file that looks wrong is refused "
                "with its reason, and no file is ever handed out as it was sent."
            ),
        ),
    ),
)

COMING_IN = Chapter(
    "coming-in",
    ("谁怎么进来", "Who comes in, and how"),
    (
        (
            (
                "没有密码。进来的路只有这几条：手机号加 6 位验证码（10 分钟、用一次、只认最新的）；同事邀请的链接（一次、7 天）；"
                "打印日单上的码（只看得到当天的活，当天失效）；接口令牌（有范围、有到期日，只给程序）。演示的一键登录，正式服务里没有。"
            ),
            (
                "There are no passwords. The ways in are these: a mobile number with a code of six digits (10 minutes, once, the newest only); a "
                "colleague's link of invitation (once, 7 days); the code on a printed day sheet (that day's tasks, for that day); a token for "
                "programs (with a scope and an end). One-click doors are the demo's alone."
            ),
        ),
        (
            (
                "短信可能被截、号码可能换主人，所以管理员和协调员再加一步：设 TIMEBANK_SECOND_FACTOR=1，用验证器 App 的码，错 5 次退出。志愿者和家属看到的少，只用短信，"
                "这是想好的：老人和志愿者多半不用别的。"
            ),
            (
                "Messages can be read on the way and numbers change hands, so administrators and coordinators take a second step: set "
                "TIMEBANK_SECOND_FACTOR=1; a code of an app, five wrong ones end the session. Volunteers and families see little and use SMS alone, on "
                "purpose: most of them have nothing else."
            ),
        ),
        (
            "猜码：这台设备登录过，算它自己的 5 次；没登录过的，各算各的地址，一个号码一共 20 次。所以别人乱猜，锁不住本人自己的手机。",
            (
                "Guessing: a device its owner has signed in on has five tries of its own; others count by address, twenty in all for a number. So a "
                "stranger's guesses never shut the owner's own phone out."
            ),
        ),
        (
            (
                "志愿者和家属在自己手机上登录 90 天；办公室的人放着不用半小时、最长 12 小时就退出，因为电脑是大家用的。一个人可以同时在几台设备上登录，不设上限，"
                "“登录的设备”里看得到，单台退出、一按全部退出都行；停用一个人、换手机号，他所有的登录马上失效。改接验证码的邮箱，要刚登录 15 分钟以内。"
            ),
            (
                "Volunteers and families stay signed in for 90 days on their own phone; the office's people leave after half an hour alone and after 12 hours "
                "at the latest, for their computers are shared. Somebody may be signed in on several devices, without a bound; the page of devices "
                "shows them and ends one of them, or all in one press; switching somebody off, or another number, ends every session at once. Where codes go by "
                "mail is changed only within a quarter of an hour of signing in."
            ),
        ),
        (
            (
                "谁能开哪一页、用哪个接口，都在一张表里，没写的一律不开；看到哪些行，由每次查询自己限定在本社区、本人、本组；看到哪些字段，按身份遮住。改的时候，"
                "自己、自己家人的分钟一律由别人来定。"
            ),
            (
                "Which page or door is open to whom stands in one table, and what is not in it is shut; which rows, each question limits by itself to the "
                "own community, person or team; which fields, by role, masked. What concerns oneself or one's family is decided by others, always."
            ),
        ),
    ),
)

KEPT = Chapter(
    "kept",
    ("资料分几级，怎么管", "Classes of data, and how each is kept"),
    (
        (
            (
                "公开：社区、项目、证明的查验结果。内部：岗位、场次、统计，只给工作人员。个人：姓名、电话、楼栋、服务记录；按身份遮住，只进本社区，导出留痕。"
                "敏感：门牌、上门提示、健康和饮食、验证码、消息的号码和内容、邮箱；另外加密存，看一次记一次，撤回同意当天清空。"
            ),
            (
                "Public: communities, projects, what checking a certificate says. Internal: posts, sessions, counts, for staff. Personal: names, telephones, "
                "buildings, records; masked by role, of the own community only, exports on record. Sensitive: doors and notes, health and food, "
                "codes, numbers and words of messages, mail addresses; encrypted besides, each look on record, gone the day a consent is taken back."
            ),
        ),
        (
            (
                "哪一级都不写进日志、网址和统计，里面只有编号；网页不让浏览器存；手机上为没网时留的当天任务，用这次登录的钥匙加密，退出就没了。"
                "记录和账按规定长期留；传上来的名单 1 天，验证码 10 分钟，消息 14 天以后不再列出，离开的人的消息清空。"
            ),
            (
                "No class stands in logs, addresses or figures, where there are numbers only; browsers keep no page; what a phone keeps of the day for when there is no "
                "network is encrypted with that session's key and gone when it ends. Records and books are kept as the law asks; rosters for "
                "a day, codes for ten minutes, messages are listed for 14 days, those of somebody who left are emptied."
            ),
        ),
        (
            "要紧的行都有封印：服务记录、账、证明、核对、谁能做什么；改一个字，核对时点名。",
            "Whatever matters is under seal, row by row: records, books, certificates, checks, who may do what; one sign changed, and it is named:",
        ),
        Do("timebank verify"),
        (
            "对账单下面印着账本到第几笔、链头是什么。把它照抄进来，就知道账本是不是还从那一笔接着：谁把数据库和钥匙一起换了，也瞒不过手里的纸。",
            (
                "A statement carries the row its book had come to and the head of its chain. Copied here, it says whether the book still goes through that row: whoever replaced the "
                "database and the key together cannot replace the paper in somebody's hand."
            ),
        ),
        Do("timebank verify --head 76 HASH"),
    ),
)

SECRETS = Chapter(
    "secrets",
    ("钥匙和算法清单", "Keys and algorithms"),
    (
        (
            (
                "一把主钥匙（secret.key，64 个随机字符，只给运行它的用户读）：签登录的 cookie 和表单（HMAC-SHA-256；以前用 SHA-1 签的还认得），并由它得出封字段的钥匙和封印的钥匙；"
                "也可以把封字段的另设成 TIMEBANK_DATA_KEY。钥匙只在这台机器和备份里，不给别的系统用。"
            ),
            (
                "One master key (secret.key, 64 random signs, readable by the user that runs the service): it signs cookies and forms (HMAC-SHA-256; those of earlier versions by SHA-1 are still read), and the keys "
                "for fields and for seals are derived from it (SHA-256); the one for fields may be set apart as TIMEBANK_DATA_KEY. It is on this machine "
                "and in backups, and no other system uses it."
            ),
        ),
        (
            (
                "字段：Fernet（AES-128-CBC，先加密再 HMAC-SHA-256）。封印：HMAC-SHA-256，行的摘要 BLAKE2b-128。账本：SHA-256。令牌、链接、登录：32 个随机字节，只存 SHA-256。"
                "备用码：scrypt 加盐。导出口令：scrypt（131072）。外呼签名：每个一把，HMAC-SHA-256。验证器：TOTP。TLS：反向代理的 1.2、1.3，证书从公认的机构来。"
            ),
            (
                "Fields: Fernet (AES-128-CBC, encrypted first, then HMAC-SHA-256). Seals: HMAC-SHA-256 over digests of rows by BLAKE2b-128. The book: SHA-256. "
                "Tokens, links, sessions: 32 random bytes, kept as SHA-256. Spare codes: scrypt with a salt. Passphrases of exports: scrypt (131072). Webhooks: a key "
                "each, HMAC-SHA-256. Apps: TOTP. TLS: 1.2 and 1.3 at the proxy, with a certificate of a public authority."
            ),
        ),
        (
            "每年换一次主钥匙，有人离职、机器丢了马上换；旧的只用来打开以前的，封字段的全部换新以后从文件里删掉。换算法也走这一条：新的写，旧的只读。",
            (
                "Change the master key once a year, and at once when somebody leaves or a machine is lost; the old one only opens what was, and is taken out "
                "of the file once everything is closed anew. Another algorithm comes the same way: the new one writes, the old one reads."
            ),
        ),
        Do("timebank keys rotate"),
    ),
)

CALLS_OUT = Chapter(
    "calls-out",
    ("它会连到哪里", "Whom it calls"),
    (
        (
            (
                "不设就谁也不连。设了才连的只有：短信网关、邮件服务器、工作群机器人（“怎么把消息发出去”，两个人定）；地图服务（只问楼在哪）；自己的 OSRM（TIMEBANK_ROADS_URL，只有坐标、没有是谁的）；地图底图（浏览器去取）；"
                "外呼（TIMEBANK_HOOKS_HOSTS 写明许可的主机，默认只许公网 https，内网要另外许可）。都走 https、核对证书，不跟着对方转去别处，10 秒没回音就放下，服务照常。"
            ),
            (
                "Without settings, nobody. With them, these alone: the SMS gateway, the mail server and the group's robot (by two people); the map's service "
                "(asked where a building is); an OSRM of your own (TIMEBANK_ROADS_URL: coordinates, and not whose); map tiles (fetched by the browser); webhooks (TIMEBANK_HOOKS_HOSTS names the hosts they may call; by default "
                "public https only). All by https with certificates checked, none follows to another address, each is given up after ten seconds, and the "
                "service goes on without it."
            ),
        ),
        (
            "PostgreSQL 和 Redis 在别的机器上，不加密、不核对证书就不启动；各用各的账号，只给自己那一个库。",
            (
                "PostgreSQL or Redis on another machine is spoken to by TLS with a checked certificate, or nothing starts; use an account of its own, for this "
                "one database."
            ),
        ),
        (
            "费时费力的：排班、读名单、印很多证明、整包导出、备份。前四样交给后台或另一个进程，有时限和内存上限，同一周同时只排一次；一个人最多占一半的线程，排满了当场说“过几秒再来”，填的还在。",
            (
                "What takes long: planning, reading rosters, many certificates, whole exports, backups. They are done by jobs or processes of their own with bounds of time and "
                "memory, one plan of a week at a time; nobody takes more than half the threads, and who finds the line full is told at once to come again, with what was typed kept."
            ),
        ),
    ),
)

TRACES = Chapter(
    "traces",
    ("记了些什么，更新多快", "What is written down, and how fast to update"),
    (
        (
            (
                "三处。一是数据库里的操作记录：谁、什么时候、对哪一件、做了什么，登录对错、被拒的也在内；不能改、不能删，有封印，长期留，管理员和督导看得到。"
                "二是日志（标准错误，由 systemd 收着，时刻带时区）：每个请求一行、出错的种类和位置，只有编号；按 journald 的设置留，建议 90 天。三是 /metrics：只有数。别处不写。"
            ),
            (
                "Three places. The trail in the database: who, when, which thing, what was done, sign-ins right and wrong, what was refused; it is neither changed nor deleted, is under seal, "
                "kept for good, read by administrators and overseers. The log (standard error, kept by systemd, instants with their zone): a line for each request, kind and "
                "place of each fault, numbers only; as long as journald is set to, 90 days advised. /metrics: figures only. Nothing is written elsewhere."
            ),
        ),
        (
            "日志另送一份到别的机器，样例里有 rsyslog.conf（TLS，认对方的证书）：机器被人进了，痕迹还在。机器的时钟要对时。",
            (
                "Send the log to another machine too: rsyslog.conf is among the examples (TLS, the other side by its certificate), so traces outlive a break-in. Keep the "
                "machine's clock right by NTP."
            ),
        ),
        Do("timebank examples examples"),
        (
            "用到的每个软件包和版本，写在源码的 .ci/constraints.txt。有漏洞公告的：严重的 3 天内、一般的 30 天内换；没有的，每半年跟一次新版。没能联网查的那次，就写“没有查”。",
            (
                "Every package in use, with its version, stands in .ci/constraints.txt of the source. Where a weakness is announced: within 3 days when it is severe, within 30 "
                "otherwise; without one, follow newer versions twice a year. A look that could not be made is written down as not made."
            ),
        ),
    ),
)

SAFETY = (CHECKS, COMING_IN, KEPT, SECRETS, CALLS_OUT, TRACES)
