"""The words of tables: column names and the values of a few columns, in three languages."""

from kpilib.words.text import Text

YES = Text(en="yes", vi="có", zh="是")
NO = Text(en="no", vi="không", zh="否")
MORE = Text(en="{count} rows", vi="{count} dòng", zh="共 {count} 行")

LIMITS = ("low", "high", "predicted_low", "predicted_high", "low_each", "high_each")
"""Columns that hold the limits of the column before them."""

IDENTIFIERS = ("year", "segment")
"""Columns whose numbers are names; so are all that end in `_id`."""

SHARES = (
    "share", "value_share", "money_share", "probability_alive", "bias", "absolute_bias",
    "top_tenth", "coverage", "totals_within", "churn", "retention",
)  # fmt: skip
"""Columns that hold shares."""

COUNTS = ("active", "expected_purchases")
"""Columns that hold expected numbers of people or purchases."""

COLUMNS = {
    "method": Text(en="method", vi="phương pháp", zh="方法"),
    "value": Text(en="value", vi="giá trị", zh="价值"),
    "low": Text(en="low", vi="cận dưới", zh="下限"),
    "high": Text(en="high", vi="cận trên", zh="上限"),
    "predicted_low": Text(
        en="low, with chance", vi="cận dưới, kể cả ngẫu nhiên", zh="含随机性下限"
    ),
    "predicted_high": Text(
        en="high, with chance", vi="cận trên, kể cả ngẫu nhiên", zh="含随机性上限"
    ),
    "customers": Text(en="customers", vi="khách hàng", zh="客户数"),
    "takes": Text(en="takes customers as", vi="coi khách hàng là", zh="对客户的假定"),
    "customer_id": Text(en="customer", vi="khách hàng", zh="客户"),
    "frequency": Text(en="frequency", vi="tần suất", zh="频率"),
    "recency": Text(en="recency", vi="độ gần", zh="近度"),
    "monetary_value": Text(
        en="mean repeat purchase", vi="giá trị trung bình mỗi lần mua lại", zh="重复购买均额"
    ),
    "group": Text(en="group", vi="nhóm", zh="分组"),
    "cohort": Text(
        en="month of the first purchase", vi="tháng mua lần đầu", zh="首购月份"
    ),
    "active": Text(en="active", vi="còn hoạt động", zh="活跃"),
    "expected_purchases": Text(
        en="expected purchases", vi="số lần mua dự kiến", zh="预期购买次数"
    ),
    "residual": Text(en="beyond the horizon", vi="ngoài kỳ hạn", zh="期限之后"),
    "share": Text(en="share", vi="tỷ trọng", zh="占比"),
    "probability_alive": Text(en="P(still a customer)", vi="P(còn là khách)", zh="仍为客户的概率"),
    "total": Text(en="total", vi="tổng", zh="合计"),
    "severity": Text(en="severity", vi="mức độ", zh="严重程度"),
    "finding": Text(en="what was found", vi="phát hiện", zh="发现"),
    "remedy": Text(en="what to do", vi="cách xử lý", zh="处理办法"),
    "measure": Text(en="of", vi="về", zh="对象"),
    "rule": Text(en="forecast by", vi="dự báo bằng", zh="预测方式"),
    "bias": Text(en="totals off by", vi="tổng lệch", zh="总量偏差"),
    "absolute_bias": Text(
        en="totals off by, sign aside", vi="tổng lệch, trị tuyệt đối", zh="总量绝对偏差"
    ),
    "mae": Text(
        en="mean absolute error", vi="sai số tuyệt đối trung bình", zh="平均绝对误差"
    ),
    "rmse": Text(en="root mean square error", vi="căn sai số bình phương", zh="均方根误差"),
    "top_tenth": Text(
        en="brought by the tenth ranked first", vi="phần do nhóm xếp đầu mang lại",
        zh="排名前十分之一带来的占比",
    ),
    "coverage": Text(
        en="customers within their limits", vi="khách trong khoảng dự báo", zh="落在区间内的客户"
    ),
    "totals_within": Text(
        en="totals within their limits", vi="tổng trong khoảng dự báo", zh="落在区间内的总量"
    ),
    "origin": Text(en="asked on", vi="thời điểm dự báo", zh="预测时点"),
    "tier": Text(en="tier", vi="hạng", zh="层级"),
    "value_each": Text(en="value a customer", vi="giá trị mỗi khách", zh="客均价值"),
    "low_each": Text(en="low", vi="cận dưới", zh="下限"),
    "high_each": Text(en="high", vi="cận trên", zh="上限"),
    "value_share": Text(en="share of the value", vi="tỷ trọng giá trị", zh="价值占比"),
    "parameter": Text(en="parameter", vi="tham số", zh="参数"),
    "standard_error": Text(en="standard error", vi="sai số chuẩn", zh="标准误"),
    "mean": Text(en="mean", vi="trung bình", zh="均值"),
    "sd": Text(en="deviation", vi="độ lệch chuẩn", zh="标准差"),
    "window": Text(en="lapse window", vi="ngưỡng rời bỏ", zh="流失窗口"),
    "days": Text(en="days", vi="ngày", zh="天数"),
    "opening": Text(en="opening", vi="đầu kỳ", zh="期初"),
    "new": Text(en="new", vi="mới", zh="新增"),
    "reactivated": Text(en="reactivated", vi="quay lại", zh="召回"),
    "retained": Text(en="retained", vi="giữ được", zh="留存"),
    "lost": Text(en="lost", vi="rời bỏ", zh="流失"),
    "closing": Text(en="closing", vi="cuối kỳ", zh="期末"),
    "lost_from_opening": Text(
        en="lost of the opening", vi="rời bỏ trong số đầu kỳ", zh="期初客户流失"
    ),
    "churn": Text(en="churn", vi="tỷ lệ rời bỏ", zh="流失率"),
    "counted": Text(en="counted", vi="được tính", zh="计入"),
    "first_day": Text(en="first day", vi="ngày đầu", zh="首日"),
    "period": Text(en="period", vi="kỳ", zh="期间"),
    "segment": Text(en="segment", vi="nhóm", zh="分组"),
    "rows": Text(en="rows", vi="số dòng", zh="行数"),
    "table": Text(en="table", vi="bảng", zh="表"),
    "outcome": Text(en="outcome", vi="kết quả", zh="结果"),
    "money": Text(en="money", vi="doanh thu", zh="金额"),
    "money_share": Text(en="share of the money", vi="tỷ trọng doanh thu", zh="金额占比"),
    "money_each": Text(en="money a customer", vi="doanh thu mỗi khách", zh="客均金额"),
    "least": Text(en="from", vi="từ", zh="起点"),
}  # fmt: skip

VALUES = {
    "note": Text(en="note", vi="lưu ý", zh="提示"),
    "warning": Text(en="warning", vi="cảnh báo", zh="警告"),
    "serious": Text(en="serious", vi="nghiêm trọng", zh="严重"),
    "purchases": Text(en="purchases", vi="số lần mua", zh="购买次数"),
    "revenue": Text(en="revenue", vi="doanh thu", zh="收入"),
    "model": Text(en="model", vi="mô hình", zh="模型"),
    "same again": Text(en="same again", vi="lặp lại kỳ trước", zh="重复上期"),
    "mean rate": Text(en="mean rate", vi="nhịp trung bình", zh="平均频率"),
    "observed": Text(en="observed", vi="thực tế", zh="实际观察"),
    "simple product": Text(en="simple product", vi="tích đơn giản", zh="简单乘积"),
    "survival": Text(en="survival", vi="đường sống sót", zh="生存曲线"),
    "all": Text(en="all", vi="tất cả", zh="全部"),
    "half": Text(en="half", vi="một nửa", zh="一半"),
    "chosen": Text(en="chosen", vi="đã chọn", zh="所选"),
    "double": Text(en="double", vi="gấp đôi", zh="两倍"),
    "kept": Text(en="kept", vi="giữ lại", zh="保留"),
    "retain and grow": Text(en="retain and grow", vi="giữ và phát triển", zh="留住并提升"),
    "acquire more like the better ones": Text(
        en="acquire more like the better ones", vi="tìm thêm khách giống nhóm tốt hơn",
        zh="多获取与优质客户相似者",
    ),
    "those already seen for a year": Text(
        en="those already seen for a year", vi="những khách đã quan sát đủ một năm",
        zh="已观察满一年者",
    ),
    "all alike, for as long as a customer lasts": Text(
        en="all alike, for as long as a customer lasts",
        vi="như nhau, trong suốt thời gian làm khách", zh="人人相同，按平均寿命",
    ),
    "all alike, leaving as the survival curve says": Text(
        en="all alike, leaving as the survival curve says",
        vi="như nhau, rời bỏ theo đường sống sót", zh="人人相同，按生存曲线流失",
    ),
    "each with their own rate, leaving and spend": Text(
        en="each with their own rate, leaving and spend",
        vi="mỗi người có nhịp mua, rời bỏ và chi tiêu riêng", zh="各有自己的频率、流失与消费",
    ),
}  # fmt: skip
