"""What columns and tables are called, in English, Vietnamese, Chinese and German.

All names are written as `squash` makes them. Within a group the earlier name goes first; where two
columns of the first group of `amount` differ in their values, neither is chosen.
"""

CUSTOMER = (
    (
        *("customerid", "customeruniqueid", "custid", "clientid", "userid", "buyerid"),
        *("buyeruserid", "memberid", "accountid", "customernumber", "customerno", "customerkey"),
        *("contactid", "customer", "client", "user", "makhachhang", "makh", "idkhachhang"),
        *("客户编号", "客户id", "会员id", "用户id", "买家id", "买家会员名", "客户账号", "用户编号"),
        *("会员编号", "会员号", "会员名", "客戶編號", "kundennummer", "kundenid", "kundennr"),
    ),
    (
        *("customeremail", "buyeremail", "billingemail", "email", "emailaddress", "useremail"),
        *("fromemailaddress", "buyerusername", "username", "buyer", "nguoimua", "买家"),
        *("买家昵称", "买家支付宝账号", "邮箱", "客户邮箱", "电子邮箱", "手机号", "联系手机"),
        *("phone", "phonenumber", "sodienthoai", "sdt", "customerphone", "电话"),
    ),
    (
        *("customername", "clientname", "buyername", "billingname", "billtoname", "fullname"),
        *("khachhang", "tenkhachhang", "客户", "客户名称", "客户姓名", "客戶", "kunde"),
    ),
)

ORDERED = (
    (
        *("orderedat", "orderdate", "orderedon", "ordertime", "orderdatetime", "orderplacedat"),
        *("orderplaced", "dateordered", "purchasedate", "purchasedat", "purchasetimestamp"),
        *("orderpurchasetimestamp", "saledate", "salesdate", "transactiondate", "transactiontime"),
        *("invoicedate", "createdat", "created", "createddate", "createdutc", "createddateutc"),
        *("creationdate", "datecreated", "createdtime", "ngaydathang", "ngaydat", "ngaymua"),
        *("thoigiandathang", "ngaytaodon", "ngaytao", "ngayban", "thoigiantao", "下单时间"),
        *("订单创建时间", "创建时间", "订单时间", "下单日期", "购买时间", "交易时间", "订单日期"),
        *("成交时间", "購買日期", "bestelldatum", "kaufdatum"),
    ),
    ("date", "datetime", "time", "timestamp", "day", "ngay", "thoigian", "日期", "时间", "datum"),
    (
        *("paidat", "paymentdate", "paymentsdate", "paiddate", "datepaid", "付款时间", "支付时间"),
        *("订单付款时间", "ngaythanhtoan"),
    ),
)

AMOUNT = (
    (
        *("amountpaid", "totalpaid", "paidamount", "ordertotal", "grandtotal", "totalamount"),
        *("orderamount", "totalprice", "total", "amount", "paymentamount", "salesamount"),
        *("totalrevenue", "revenue", "sales", "spend", "dollarvalue", "tongthanhtoan"),
        *("tongtienthanhtoan", "khachdatra", "khachcantra", "tongtien", "tongcong", "thanhtien"),
        *("sotien", "doanhthu", "实付金额", "实际支付金额", "买家实际支付金额", "支付金额"),
        *("付款金额", "订单金额", "总金额", "金额", "金額", "合计金额", "应付金额", "结算金额"),
        *("成交金额", "betrag", "summe", "gesamt", "gesamtbetrag", "gesamtsumme", "montant"),
    ),
    ("ordervalue", "value", "netamount", "netsales", "net", "subtotal", "ordernet", "price", "gia"),
)

ORDER = (
    (
        *("orderid", "ordernumber", "orderno", "ordernr", "order", "invoiceno", "invoicenumber"),
        *("invoiceid", "invoice", "transactionid", "receiptnumber", "saleid", "incrementid"),
        *("amazonorderid", "madonhang", "madon", "madh", "mahoadon", "sohoadon", "订单编号"),
        *("订单号", "订单id", "交易号", "訂單編號", "bestellnummer", "rechnungsnummer"),
    ),
)

STATUS = (
    (
        *("orderstatus", "status", "financialstatus", "paymentstatus", "state", "trangthai"),
        *("trangthaidonhang", "tinhtrang", "订单状态", "状态", "交易状态", "訂單狀態"),
    ),
)

CURRENCY = (
    (
        *("currency", "currencycode", "ordercurrency", "ordercurrencycode", "币种", "货币"),
        *("幣別", "tiente", "loaitien", "donvitiente", "wahrung", "waehrung"),
    ),
)

UNIT_PRICE = ("unitprice", "price", "itemprice", "lineitemprice", "dongia", "单价", "giaban")
QUANTITY = ("quantity", "qty", "quantitypurchased", "lineitemquantity", "soluong", "数量", "menge")
LINE_TOTAL = ("linetotal", "itemtotal", "lineamount", "thanhtien", "小计")

OURS: dict[str, dict[str, tuple[tuple[str, ...], ...]]] = {
    "orders": {
        "order_id": ORDER,
        "customer_id": CUSTOMER,
        "ordered_at": ORDERED,
        "amount": AMOUNT,
        "status": STATUS,
        "currency": CURRENCY,
    },
    "refunds": {
        "refund_id": (("refundid", "returnid", "退款编号", "mahoantien"),),
        "order_id": ORDER,
        "customer_id": CUSTOMER,
        "refunded_at": (
            ("refundedat", "refunddate", "returndate", "退款时间", "ngayhoantien", "ngayhoan"),
            (*ORDERED[0], *ORDERED[1]),
        ),
        "amount": (
            ("refundamount", "refundedamount", "amountrefunded", "退款金额", "sotienhoan"),
            ("amount", "total", "sotien", "金额"),
        ),
        "currency": CURRENCY,
    },
    "customers": {
        "customer_id": (("id", *CUSTOMER[0]), *CUSTOMER[1:]),
        "created_at": (
            ("createdat", "created", "createddate", "signupdate", "registeredat", "注册时间"),
            ("registrationdate", "datecreated", "joinedat", "ngaydangky", "ngaytao", "createdutc"),
        ),
        "country": (("country", "countrycode", "billingcountry", "国家", "quocgia", "land"),),
        "segment": (("segment", "customergroup", "group", "tier", "phankhuc", "客户等级"),),
        "acquisition_channel": (
            ("acquisitionchannel", "channel", "source", "utmsource", "leadsource", "渠道", "kenh"),
        ),
    },
    "subscriptions": {
        "subscription_id": (("subscriptionid", "subid", "contractid", "id", "合同编号"),),
        "customer_id": CUSTOMER,
        "started_at": (
            ("startedat", "startdate", "start", "startutc", "startdateutc", "contractstart"),
            ("activatedat", "createdat", "createdutc", "created", "开始日期", "ngaybatdau"),
        ),
        "ended_at": (("endedat", "endedatutc", "enddate", "ended", "expiredat", "ngayketthuc"),),
        "cancelled_at": (
            ("cancelledat", "canceledat", "canceledatutc", "cancelledatutc", "canceldate"),
            ("cancellationdate", "取消时间", "ngayhuy"),
        ),
        "term_end_at": (("termendat", "currentperiodend", "currentperiodendutc", "renewaldate"),),
        "mrr": (("mrr", "monthlyamount", "monthlyprice", "monthlyfee", "月费", "phihangthang"),),
        "currency": CURRENCY,
    },
    "tickets": {
        "ticket_id": (("ticketid", "caseid", "ticketnumber", "ticket", "casenumber", "工单编号"),),
        "customer_id": (("requesterid", *CUSTOMER[0]), ("requesteremail", *CUSTOMER[1])),
        "created_at": (("createdat", "created", "createddate", "openedat", "创建时间", "ngaytao"),),
        "type": (("type", "tickettype", "category", "类型", "loai"),),
        "priority": (("priority", "优先级", "douutien"),),
        "channel": (("channel", "via", "source", "渠道", "kenh"),),
    },
    "survey_responses": {
        "response_id": (("responseid", "id", "submissionid"),),
        "customer_id": CUSTOMER,
        "survey": (("survey", "surveyname", "surveytype"),),
        "responded_at": (
            ("respondedat", "responsedate", "submittedat", "submitted", "completedat"),
            ("timestamp", "date", "createdat", "提交时间", "ngaytraloi"),
        ),
        "score": (("score", "rating", "nps", "npsscore", "csat", "评分", "得分", "diem"),),
        "comment": (("comment", "comments", "feedback", "评论", "nhanxet"),),
    },
    "marketing_spend": {
        "date": (("date", "day", "日期", "ngay"),),
        "channel": (("channel", "source", "platform", "渠道", "kenh"),),
        "campaign": (("campaign", "campaignname", "活动", "chiendich"),),
        "amount": (("spend", "cost", "amountspent", "amount", "花费", "chiphi"),),
        "currency": CURRENCY,
    },
}
"""Table → column of ours → groups of names for it, the surest first."""

FILES = {
    "orders": ("order", "sale", "transaction", "purchase", "invoice", "payment", "订单", "donhang"),
    "refunds": ("refund", "return", "退款", "hoantien"),
    "customers": ("customer", "client", "user", "contact", "member", "客户", "会员", "khachhang"),
    "subscriptions": ("subscription", "contract", "membership", "订阅", "合同", "goidichvu"),
    "tickets": ("ticket", "case", "complaint", "工单", "khieunai"),
    "survey_responses": ("survey", "nps", "csat", "response", "feedback", "问卷", "khaosat"),
    "marketing_spend": ("spend", "adcost", "marketing", "adspend", "广告", "quangcao"),
}
"""Table → words of which one stands in the name of its file."""

NEVER = {
    "ordered_at": (
        *("update", "modif", "ship", "deliver", "cancel", "refund", "birth", "dob", "expir"),
        *("due", "estimat", "approv", "发货", "修改", "ngaysinh", "giao"),
    ),
    "amount": (
        *("refund", "discount", "tax", "ship", "fee", "tip", "country", "id", "quantity", "qty"),
        *("number", "count", "weight", "score", "phone", "zip", "postal", "balance", "退款"),
    ),
    "customer_id": ("order", "ship", "status", "date", "amount", "type", "group", "segment"),
}
"""What stands in the names of columns that are never this one, whatever they hold."""
