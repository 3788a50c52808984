"""A word for each thing that is found in a file, for programs: it stays when the sentence is written better.

A sentence that has no word here is told from others by nothing but its text, so a test walks all that an import can say.
"""

from timebank.sentences import Pair, Sentence

OTHER = "other"

# fmt: off
CODES: dict[str, str] = {
    # a cell
    "“%(words_)s”请改为“是”或“否”。": "not_yes_or_no",
    "“%(words_)s”像一个公式，不能导入；请改成普通文字。": "formula",
    "“%(words_)s”是公式算错的结果，请在表里改好再导入。": "formula_went_wrong",
    "里面有看不见的控制字符，请删掉后重新输入。": "control_character",
    "“%(words_)s”不像姓名：姓名里只能有文字和“·”。": "not_a_name",
    "编号“%(words_)s”只能用字母、数字和短横线。": "not_a_number_of_ours",
    "“%(words_)s”不是手机号：应为 1 开头的 11 位数字，只写一个号码。": "not_a_mobile",
    "“%(words_)s”不像电话：手机写 11 位数字；座机带区号，如 0532-88880000；分机写 0532-88880000-801。只写一个号码。": "not_a_telephone",
    "没有这一天，请写成 2026-11-25 这样的日期。": "not_a_day",
    "请写起止时间，如 9:00-11:30。": "times_missing",
    "同一天的时段互相重叠，请合并成一段。": "times_overlap",
    "时段“%(part)s”看不懂，请写成 9:00-11:30。": "not_times",
    "这里只能写一个时段，如 9:00-11:30。": "several_times",
    "时间“%(words_)s”看不懂，请写成 16:00。": "not_a_time",
    "星期“%(words_)s”看不懂，请写成“一,三,五”或“工作日”。": "not_weekdays",
    "最多 %(most)s 个字，现在有 %(count)s 个，请写短一些。": "too_long",
    "%(cell)s 不像这里要填的内容，请核对。": "wrong_kind",
    "“%(cell)s”不是整数。": "not_whole",
    "“%(words_)s”不是数字。": "not_a_figure",
    "%(cell)s 超出范围，应在 %(least)s 到 %(most)s 之间。": "out_of_range",
    "“%(words_)s”不在可选项里：%(allowed)s。": "not_a_choice",
    "这一格必须填写。": "cell_missing",
    "这一格必须填写，不能写“%(clear)s”。": "cannot_be_cleared",
    "这一列不能用表“%(clear)s”。请在这个人的页面上办。": "cleared_by_a_person_only",
    # a file
    "文件里的内容太多，请拆成几份再导入。": "file_too_much",
    "文件里的部件太多，不像一份普通表格。请把要导入的表复制到一个新文件，另存为 .xlsx 再试。": "file_too_many_parts",
    "表格太大：最多 %(most_rows)s 行、%(most_columns)s 列。请删掉多余的行列或拆开。": "sheet_too_large",
    "文件的编码认不出来，请另存为“CSV UTF-8”或 .xlsx。": "encoding_unknown",
    "表里合并的单元格太多，请取消合并后再试。": "too_many_merges",
    "这不是完好的 Excel 文件（可能加了密码或已损坏），请另存一份再试。": "not_a_workbook",
    "这个 CSV 文件的引号或换行不完整，请另存一份再试。": "csv_broken",
    "文件解开后超过 %(most)s MB。请删掉多余的内容和图片，或拆成几份再导入。": "file_unpacks_too_large",
    "文件超过 %(most)s MB，请拆成几份再导入。": "file_too_large",
    "这个文件读不了：里面的内容太多、铺得太远，或者不是用表格软件正常存的。请把要导入的行列复制到一张新表，另存为 .xlsx 再试。": "file_unreadable",
    "没有找到文件“%(path)s”，请核对文件名。": "file_missing",
    "只能导入 .xlsx 或 .csv 文件；.xls 请在 Excel 里另存为 .xlsx。": "file_of_another_kind",
    "文件是空的，请重新保存后再试。": "file_empty",
    "文件里没有内容，请核对是不是选错了文件。": "nothing_in_it",
    "一次最多检查 %(most_rows)s 行。请分几次导入，或请管理员用命令行导入。": "too_many_rows",
    # a sheet
    "不认识这张表。请把表名改成其中之一：%(names)s；不需要的表请删掉。": "sheet_unknown",
    "没有找到表头。表头应写在第 1 行，至少有：%(wanted)s；现在第 %(row)s 行是“%(reads)s”。": "headers_missing",
    "%(names)s的格子合并在一起，看不出各填什么。请取消合并，分开填写。": "cells_merged",
    "缺少必填的列“%(header)s”，请加上这一列（可下载空白模板对照）。": "column_missing",
    "没有叫“%(header)s”的列。%(hint)s": "column_unknown",
    "这个表头出现了两次，请删掉一列。": "column_twice",
    "表格右边有多出来的内容，没有表头。请移到“备注”或删掉。": "cell_beside_the_table",
    "“%(words)s”和第 %(number)s 行重复，请只留一行。": "row_twice",
    # a community
    "还没有社区：请先导入带“社区”表的地点文件。": "no_community_yet",
    "还不知道导入到哪个社区：请先导入带“社区”表的地点文件。": "community_unclear",
    "这里不止一个社区：请在每一行的“社区代码”里写明是哪一个的。": "which_community",
    "文件里不止一个社区，请在“社区代码”里写明这一行是哪一个的。": "which_community_of_the_file",
    "没有代码为“%(code_)s”的社区，请先写进“社区”表。": "community_unknown",
    "这份表是另一个社区的；您负责的是“%(community)s”（%(slug)s）。": "community_of_others",
    "记录单位、信用代码、电话或负责人和登记的不一样：它们印在证明上，已经提请，要第二个人核准才改，其余的照表里的改。": "issuer_waits",
    # what a row points at
    "服务目录里没有技能“%(word)s”；有：%(names)s。": "skill_unknown",
    "服务目录里没有“%(word)s”；有：%(names)s。": "kind_unknown",
    "“小区楼栋”表里没有“%(where)s”，请先加上这一栋。": "building_unknown",
    "没有编号为“%(number)s”的志愿者，请核对。": "volunteer_unknown",
    "没有编号为“%(number)s”的老人，请核对。": "elder_unknown",
    "“单位”表里没有这个单位，请先加上。": "unit_unknown",
    "“服务队”表里没有“%(word)s”，请先加上。": "team_unknown",
    # a volunteer
    "和 %(number)s 同名，%(alike)s也一样，导入后会成为两个人。如果是同一个人，请把这一行的编号改成 %(number)s，或在导入时勾选“就是同一个人”。": "perhaps_known",
    "会清空：%(lost)s。": "clears",
    "姓名或手机号和登记的不一样：已经提请，要第二个人核准才改（只改手机号的，24 小时没有人反对也会改），其余的照表里的改。": "identity_waits",
    "专职或志愿从 %(day)s 起改：已经提请，要第二个人核准才算，以前的记录不变。": "standing_waits",
    "上一次改的身份还在等第二个人核准，这次的没有登记；定了以后再导入。": "standing_waits_already",
    "身份或单位从 %(day)s 起改，以前的记录不变。": "standing_changes",
    "这个编号已被别的社区使用，请换一个。": "number_of_others",
    "“%(skill)s”需要证明，请写在“技能证明”表里。": "proof_needed",
    "同名的志愿者 %(other_number)s 已经用这个手机号；同一个人请用同一个编号。": "mobile_of_a_namesake",
    "手机号和志愿者 %(other_number)s 重复。登录用的号码不能共用，请核对；两人都没有智能手机才可以共用一个号码。": "mobile_of_another_volunteer",
    "这个手机号是工作人员登录用的，志愿者请用另一个号码。": "mobile_of_staff",
    "这个手机号登记的是“%(known)s”，和“%(person)s”不同名。请核对号码和姓名；一个登录号码只给一个人。": "mobile_of_another_name",
    "这个手机号已经用于另一个登录用户，请核对。": "mobile_of_another_user",
    # an elder, a door, a family
    "填了自理程度、饮食或照护提示，但没有“同意记录健康”的日期。请先征得同意，或清空这几格。": "consent_to_health_missing",
    "填了上门提示，但没有“同意上门提示”的日期。请先征得同意，或清空上门提示。": "consent_to_door_note_missing",
    "这一栋只有 %(floors)s 层，请核对楼层。": "floor_too_high",
    "同一个户号的地址不一样，请核对户号或地址。": "household_at_two_doors",
    "同一户写了两个不同的上门提示，请合成一句。": "two_door_notes",
    "这个门已经是户号 %(there_number)s。住在一起的请填同一个户号，不然会当成两户各送一趟。": "door_of_another_household",
    "户号 %(home_number)s 的地址改了，同户的%(others)s一起搬。只有一个人搬，请给这一位另一个户号。": "others_move_along",
    "%(row)s搬到 %(home_number)s，本人的需求一起搬。原来的 %(before_number)s 还有合在一起的需求：%(shared)s。还要不要、几份、送到哪个门？请在需求表里改好。": "shared_needs_stay",
    "同一个志愿者不能又熟悉又不搭配，请核对。": "usual_and_excluded",
    "手机和“%(user)s”共用：从这个号码登录的人还不能替老人说话，请在老人页面上问过老人再批准。": "mobile_shared",
    "家属要第二个人核准，或者 24 小时没有人反对，才能替老人说话。": "family_waits",
    "这个手机号登记的是“%(known)s”，和“%(values)s”不同名。请核对号码和姓名；确实共用一个手机，请在“共用手机”列填“是”，再到老人页面上批准。": "mobile_of_another_person",
    # a need
    "截止日期早于起始日期，请核对。": "ends_before_it_begins",
    "可选日期要在同一周内，请分成两行。": "days_of_two_weeks",
    "这个编号已用于别的求助单，请换一个。": "number_of_another_request",
    "时段不够长：%(kind)s需要 %(minutes)s 分钟。": "window_too_short",
    "“%(kind)s”不是送餐，份数请留空。": "portions_without_meal",
    # service of an older system
    "日期还没有到，请核对。": "day_to_come",
    "这一条已经收下，不能再改。请把表里的改回原样，或删掉这一行。": "older_accepted",
    "这一条在“%(who)s”导入的一批里等人收，别人不能改。请先在“旧系统的服务”里不收那一批，再导入；或删掉这一行。": "older_of_another",
}
# fmt: on


def code_of(words: Pair) -> str:
    """Return the word of a sentence."""
    return CODES.get(words.msgid, OTHER) if isinstance(words, Sentence) else OTHER
