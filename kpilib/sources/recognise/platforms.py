"""The exports of the big platforms, by the columns that only they have."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kpilib.sources.recognise.sample import Sample, squash


@dataclass(frozen=True)
class Platform:
    """One platform's export of one table."""

    name: str
    """What it is, as comments say it."""
    table: str
    """The table it is."""
    signature: tuple[str, ...]
    """Columns that it has and others have not all of."""
    columns: Mapping[str, tuple[str, ...]]
    """Column of ours → columns, or an expression in the form `= SQL`, the first that is there."""
    lines: bool = False
    """Whether several rows make one order."""
    leave_out: Mapping[str, str] = field(default_factory=dict)
    """Name of an exclusion → its condition."""
    currency: str | None = None
    """The currency of all money, where the export does not say."""
    time_zone: str | None = None
    """The clock of its times, where it is always the same."""
    date_format: str | None = None
    """How its days are written, where digits alone would not tell day from month."""
    remarks: tuple[str, ...] = ()
    """What to know of it."""


_STRIPE_CUSTOMER = ("Customer ID", "Customer Email", "Customer Description")

PLATFORMS = (
    Platform(
        "a Shopify export of orders, one line per item",
        "orders",
        ("Name", "Financial Status", "Lineitem quantity", "Lineitem name", "Total"),
        {
            "order_id": ("Name",),
            "customer_id": ("Email",),
            "ordered_at": ("Created at", "Paid at"),
            "amount": ("Total",),
            "status": ("Financial Status",),
            "currency": ("Currency",),
        },
        leave_out={"further items of an order": '"Total" IS NULL'},
        remarks=(
            "Total holds tax and delivery; Subtotal does not hold delivery",
            'what was given back is in "Refunded Amount"',
        ),
    ),
    Platform(
        "a WooCommerce export of orders",
        "orders",
        ("order_total", "order_currency", "billing_email"),
        {
            "order_id": ("order_number", "order_id"),
            "customer_id": ("billing_email",),
            "ordered_at": ("date", "order_date", "date_created"),
            "amount": ("order_total",),
            "status": ("status", "order_status"),
            "currency": ("order_currency",),
        },
        remarks=(
            "order_total holds tax and delivery; customer_id is 0 for guests, their e-mail not",
        ),
    ),
    Platform(
        "WooCommerce's own report of orders",
        "orders",
        ("Order #", "N. Revenue", "Customer type"),
        {
            "order_id": ("Order #",),
            "customer_id": ("Customer",),
            "ordered_at": ("Date",),
            "amount": ("N. Revenue",),
            "status": ("Status",),
        },
    ),
    Platform(
        "a Magento export of orders",
        "orders",
        ("Purchase Point", "Purchase Date", "Grand Total (Purchased)"),
        {
            "order_id": ("ID",),
            "customer_id": ("Customer Email", "Customer Name", "Bill-to Name"),
            "ordered_at": ("Purchase Date",),
            "amount": ("Grand Total (Purchased)",),
            "status": ("Status",),
        },
        remarks=("Grand Total (Base) is the same in the shop's base currency",),
    ),
    Platform(
        "a Stripe export of subscriptions",
        "subscriptions",
        ("id", "Plan", "Interval", "Status"),
        {
            "subscription_id": ("id",),
            "customer_id": _STRIPE_CUSTOMER,
            "started_at": ("Start (UTC)", "Start Date (UTC)", "Created (UTC)"),
            "term_end_at": ("Current Period End (UTC)",),
            "cancelled_at": ("Canceled At (UTC)",),
            "ended_at": ("Ended At (UTC)",),
            "mrr": (
                '= TRY_CAST("Amount" AS DOUBLE) * TRY_CAST("Quantity" AS DOUBLE) / CASE '
                "\"Interval\" WHEN 'year' THEN 12.0 WHEN 'week' THEN 12.0 / 52 "
                "WHEN 'day' THEN 12.0 / 365 ELSE 1.0 END",
            ),
            "currency": ("Currency",),
        },
        time_zone="UTC",
        remarks=("mrr is Amount times Quantity by month, whatever the interval",),
    ),
    Platform(
        "a Stripe export of payments",
        "orders",
        ("id", "Amount Refunded", "Captured", "Status"),
        {
            "order_id": ("id",),
            "customer_id": _STRIPE_CUSTOMER,
            "ordered_at": ("Created (UTC)", "Created date (UTC)", "Created"),
            "amount": ("Amount",),
            "status": ("Status",),
            "currency": ("Currency",),
        },
        time_zone="UTC",
        remarks=("what was given back is in Amount Refunded",),
    ),
    Platform(
        "a Square export of transactions",
        "orders",
        ("Transaction ID", "Gross Sales", "Net Sales", "Total Collected", "Event Type"),
        {
            "order_id": ("Transaction ID",),
            "customer_id": ("Customer ID", "Customer Reference ID", "Customer Name"),
            "ordered_at": ('= "Date" || \' \' || "Time"',),
            "amount": ("Net Sales",),
            "status": ("Transaction Status",),
        },
        remarks=(
            "Net Sales are without tax, tips and discounts; Total Collected holds tax and tips",
        ),
    ),
    Platform(
        "an Etsy export of orders",
        "orders",
        ("Sale Date", "Order ID", "Order Value", "Order Total", "Order Net"),
        {
            "order_id": ("Order ID",),
            "customer_id": ("Buyer User ID", "Buyer", "Full Name"),
            "ordered_at": ("Sale Date",),
            "amount": ("Order Total",),
            "status": ("Status",),
            "currency": ("Currency",),
        },
        date_format="%m/%d/%y",
        remarks=("Order Total holds delivery and tax; Order Net is without Etsy's fees",),
    ),
    Platform(
        "an Amazon report of all orders, one line per item",
        "orders",
        ("amazon-order-id", "purchase-date", "order-status", "item-price"),
        {
            "order_id": ("amazon-order-id",),
            "customer_id": ("buyer-email", "buyer-name", "buyer-id"),
            "ordered_at": ("purchase-date",),
            "amount": ("item-price",),
            "status": ("order-status",),
            "currency": ("currency",),
        },
        lines=True,
        remarks=("item-price is for all pieces of the line, without item-tax and delivery",),
    ),
    Platform(
        "an Amazon report of orders, one line per item",
        "orders",
        ("order-id", "order-item-id", "purchase-date", "buyer-email", "item-price"),
        {
            "order_id": ("order-id",),
            "customer_id": ("buyer-email",),
            "ordered_at": ("purchase-date",),
            "amount": ("item-price",),
            "currency": ("currency",),
        },
        lines=True,
        remarks=("item-price is for all pieces of the line, without item-tax and delivery",),
    ),
    Platform(
        "a Taobao or Tmall export of orders",
        "orders",
        ("订单编号", "买家会员名", "买家实际支付金额", "订单状态"),
        {
            "order_id": ("订单编号",),
            "customer_id": ("买家会员名",),
            "ordered_at": ("订单创建时间", "订单付款时间"),
            "amount": ("买家实际支付金额",),
            "status": ("订单状态",),
        },
        currency="CNY",
        time_zone="Asia/Shanghai",
    ),
    Platform(
        "a PayPal report of activity",
        "orders",
        ("TimeZone", "Gross", "Fee", "From Email Address", "Transaction ID"),
        {
            "order_id": ("Transaction ID",),
            "customer_id": ("From Email Address",),
            "ordered_at": ('= "Date" || \' \' || "Time"',),
            "amount": ("Gross",),
            "status": ("Status",),
            "currency": ("Currency",),
        },
        remarks=("negative Gross is money sent: refunds, fees and transfers alike",),
    ),
    Platform(
        "an eBay report of orders",
        "orders",
        ("Sales Record Number", "Order Number", "Buyer Username", "Total Price"),
        {
            "order_id": ("Order Number",),
            "customer_id": ("Buyer Username",),
            "ordered_at": ("Sale Date",),
            "amount": ("Total Price",),
        },
    ),
    Platform(
        "a BigCommerce export of orders",
        "orders",
        ("Order ID", "Order Date", "Order Total (inc tax)", "Customer ID"),
        {
            "order_id": ("Order ID",),
            "customer_id": ("Customer Email", "Customer ID"),
            "ordered_at": ("Order Date",),
            "amount": ("Order Total (inc tax)",),
            "status": ("Order Status",),
            "currency": ("Order Currency Code",),
        },
        remarks=("Order Total (ex tax) is the same without tax",),
    ),
    Platform(
        "a KiotViet export of invoices",
        "orders",
        ("Mã hóa đơn", "Thời gian", "Khách cần trả"),
        {
            "order_id": ("Mã hóa đơn",),
            "customer_id": ("Mã khách hàng", "Khách hàng", "Tên khách hàng"),
            "ordered_at": ("Thời gian",),
            "amount": ("Khách cần trả",),
            "status": ("Trạng thái",),
        },
        currency="VND",
        time_zone="Asia/Ho_Chi_Minh",
        remarks=("Khách cần trả is after discounts; Khách đã trả is what has been paid by now",),
    ),
)
"""Every export that is known by its columns; of two that fit, the one with more of them."""


def platform_of(sample: Sample) -> Platform | None:
    """The platform whose signature a file's columns hold, letters and punctuation aside."""
    fitting = [
        platform
        for platform in PLATFORMS
        if all(squash(name) in sample.squashed for name in platform.signature)
    ]
    return max(fitting, key=lambda platform: len(platform.signature), default=None)
