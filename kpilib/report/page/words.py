"""The words of the report's pages, in English, Vietnamese and Chinese."""

from kpilib.words import Text

WORDS = {
    "report": Text(en="Customer report", vi="Báo cáo khách hàng", zh="客户报告"),
    "reports": Text(en="Customer reports", vi="Các báo cáo khách hàng", zh="客户报告目录"),
    "skip": Text(en="Skip to the content", vi="Đến phần nội dung", zh="跳到正文"),
    "contents": Text(en="Contents", vi="Nội dung", zh="目录"),
    "pages": Text(en="Pages", vi="Các trang", zh="页面"),
    "overview": Text(en="Month at a glance", vi="Tổng quan tháng", zh="本月总览"),
    "all_months": Text(en="All months", vi="Tất cả các tháng", zh="全部月份"),
    "code": Text(en="Code", vi="Mã lệnh", zh="代码"),
    "messages": Text(en="Messages from the run", vi="Thông báo khi chạy", zh="运行消息"),
    "table": Text(en="Table", vi="Bảng", zh="表格"),
    "table_of": Text(en="Table: {section}", vi="Bảng: {section}", zh="表格：{section}"),
    "figure_of": Text(
        en="Figure {number}: {section}",
        vi="Hình {number}: {section}",
        zh="图 {number}：{section}",
    ),
    "about": Text(en="About these numbers", vi="Về các con số này", zh="关于这些数字"),
    "data": Text(en="Data", vi="Dữ liệu", zh="数据"),
    "period": Text(en="Period", vi="Kỳ", zh="期间"),
    "span": Text(
        en="{start} to {end}, both included",
        vi="từ {start} đến hết {end}",
        zh="{start} 至 {end}（含首尾两日）",
    ),
    "as_of": Text(en="Data complete to", vi="Dữ liệu đầy đủ đến hết", zh="数据完整至"),
    "time_zone": Text(en="Time zone", vi="Múi giờ", zh="时区"),
    "currency": Text(en="Currency", vi="Tiền tệ", zh="货币"),
    "rows": Text(en="Rows", vi="Số dòng", zh="行数"),
    "row_counts": Text(
        en="{table}: {read} read, {kept} kept, {left_out} left out",
        vi="{table}: đọc {read}, giữ {kept}, bỏ {left_out}",
        zh="{table}：读取 {read}，保留 {kept}，剔除 {left_out}",
    ),
    "lapse": Text(
        en="{days} days without a purchase count as lost",
        vi="{days} ngày không mua được coi là đã mất",
        zh="{days} 天未购买视为流失",
    ),
    "lapse_window": Text(en="Lapse window", vi="Ngưỡng rời bỏ", zh="流失窗口"),
    "versions": Text(en="Made with", vi="Tạo bằng", zh="生成工具"),
    "again": Text(en="To make it again", vi="Để tạo lại", zh="重新生成"),
    "files": Text(en="Files", vi="Tệp", zh="文件"),
    "files_are": Text(
        en="every value of this run; the run itself; the executed notebooks",
        vi="mọi giá trị của lần chạy; bản thân lần chạy; các sổ tay đã chạy",
        zh="本次运行的全部数值；运行记录；已执行的笔记本",
    ),
    "changed": Text(en="What changed", vi="Điều gì đã thay đổi", zh="有何变化"),
    "changed_lead": Text(
        en="Against {period}; what moved beyond its interval comes first, largest first.",
        vi="So với {period}; thay đổi vượt khoảng tin cậy đứng trước, lớn nhất đứng đầu.",
        zh="与 {period} 相比；超出区间的变化在前，幅度大的在前。",
    ),
    "lead": Text(
        en="{name} moved most: {now}, {change} {basis}.",
        vi="{name} thay đổi nhiều nhất: {now}, {change} {basis}.",
        zh="变化最大的是{name}：{now}，{change}，{basis}。",
    ),
    "nothing_changed": Text(
        en="No number here has a value for the period before to set beside it.",
        vi="Chưa có con số nào có giá trị kỳ trước để so sánh.",
        zh="没有可与上期对照的数值。",
    ),
    "kpi": Text(en="KPI", vi="Chỉ số", zh="指标"),
    "before": Text(en="Before", vi="Trước", zh="上期"),
    "now": Text(en="Now", vi="Nay", zh="本期"),
    "change": Text(en="Change", vi="Thay đổi", zh="变化"),
    "notebooks": Text(en="Notebooks", vi="Sổ tay", zh="笔记本"),
    "notebook": Text(en="Notebook", vi="Sổ tay", zh="笔记本"),
    "status": Text(en="Status", vi="Trạng thái", zh="状态"),
    "good": Text(en="good", vi="tốt", zh="正常"),
    "failed": Text(en="failed", vi="thất bại", zh="失败"),
    "kpis": Text(en="KPIs", vi="Chỉ số", zh="指标数"),
    "figures": Text(en="Figures", vi="Hình", zh="图数"),
    "month": Text(en="Month", vi="Tháng", zh="月份"),
    "no_months": Text(
        en="There is no report here yet.", vi="Chưa có báo cáo nào.", zh="尚无报告。"
    ),
    "failed_run": Text(
        en="The last run failed", vi="Lần chạy gần nhất thất bại", zh="最近一次运行失败"
    ),
    "run_failed": Text(
        en="{count} of {all} notebooks did not finish. What is shown here is not a report to rely "
        "on, and it has replaced none.",
        vi="{count} trên {all} sổ tay không chạy xong. Nội dung dưới đây không phải báo cáo để "
        "dựa vào và không thay thế báo cáo nào.",
        zh="{all} 个笔记本中有 {count} 个未完成。此处内容不可作为报告使用，也未替换任何报告。",
    ),
    "not_finished": Text(
        en="This page could not be finished",
        vi="Không thể hoàn thành trang này",
        zh="本页未能完成",
    ),
    "what": Text(en="What failed", vi="Lỗi gì", zh="失败原因"),
    "where": Text(en="Where", vi="Ở đâu", zh="位置"),
    "cell": Text(en="cell {number}", vi="ô {number}", zh="第 {number} 个单元格"),
    "cell_of": Text(
        en="cell {number}, in “{section}”",
        vi="ô {number}, trong “{section}”",
        zh="“{section}”中的第 {number} 个单元格",
    ),
    "last_good": Text(en="Last good report", vi="Báo cáo tốt gần nhất", zh="最近的正常报告"),
    "none_yet": Text(en="there is none yet", vi="chưa có", zh="尚无"),
    "details": Text(en="The error in full", vi="Toàn bộ lỗi", zh="完整错误"),
    "so_far": Text(
        en="What was made before it stopped",
        vi="Những gì đã tạo trước khi dừng",
        zh="停止前已生成的内容",
    ),
    "failed_cell": Text(
        en="A cell stopped with {name}: {message}",
        vi="Một ô dừng với {name}: {message}",
        zh="某个单元格因 {name} 停止：{message}",
    ),
    "failed_kernel": Text(
        en="The process that ran the notebook ended twice on its own; most often it ran out of "
        "memory.",
        vi="Tiến trình chạy sổ tay tự kết thúc hai lần; thường là do hết bộ nhớ.",
        zh="运行笔记本的进程两次自行终止；多半是内存不足。",
    ),
    "failed_timeout": Text(
        en="A cell took longer than the time allowed; --timeout gives it more.",
        vi="Một ô chạy quá thời gian cho phép; dùng --timeout để cho thêm thời gian.",
        zh="某个单元格超出允许时间；可用 --timeout 延长。",
    ),
    "failed_evidence": Text(
        en="The notebook ran to its end and shows less than it must ({message}).",
        vi="Sổ tay chạy đến cuối nhưng hiển thị ít hơn mức phải có ({message}).",
        zh="笔记本已运行完毕，但展示的内容少于要求（{message}）。",
    ),
    "failed_page": Text(
        en="The notebook ran, and its page could not be made: {message}",
        vi="Sổ tay đã chạy nhưng không tạo được trang: {message}",
        zh="笔记本已运行，但页面无法生成：{message}",
    ),
}

FAMILIES = {
    "acquisition": Text(en="Acquisition", vi="Thu hút khách hàng", zh="获客"),
    "retention": Text(en="Retention", vi="Giữ chân khách hàng", zh="留存"),
    "churn": Text(en="Churn", vi="Rời bỏ", zh="流失"),
    "loyalty": Text(en="Loyalty", vi="Trung thành", zh="忠诚度"),
    "satisfaction": Text(en="Satisfaction", vi="Hài lòng", zh="满意度"),
    "engagement": Text(en="Engagement", vi="Tương tác", zh="互动"),
    "service": Text(en="Service", vi="Dịch vụ", zh="服务"),
    "lifetime_value": Text(en="Lifetime value", vi="Giá trị vòng đời", zh="客户终身价值"),
}


def say(word: str, lang: str, **parts: object) -> str:
    """A wording in one language, with its parts put in.

    >>> say("cell", "en", number=3)
    'cell 3'
    """
    text = WORDS[word].of(lang)
    return text.format(**parts) if parts else text


def family_name(family: str, lang: str) -> str:
    """The name of a KPI family, or its id made readable."""
    known = FAMILIES.get(family)
    return known.of(lang) if known else family.replace("_", " ").capitalize()


def family_place(family: str) -> tuple[int, str]:
    """Where a family stands among the others: in the order of `FAMILIES`, strangers last."""
    known = list(FAMILIES)
    return known.index(family) if family in known else len(known), family
