"""Exports of fifteen kinds: what init proposes loads at once, and its numbers are plain pandas'."""

import csv
import random
from datetime import datetime, timedelta

import pandas as pd
import pytest

import kpilib

START = datetime(2025, 1, 3, 9, 30, 15)
SOLD, GONE = "sold", "gone"


def orders(seed: int = 7) -> list[dict]:
    """Sixty orders of a dozen customers over four months, one in nine of them cancelled."""
    draw = random.Random(seed)
    made = []
    for number in range(60):
        made.append(
            {
                "id": 1000 + number,
                "who": draw.randrange(12),
                "at": START + timedelta(days=2 * number, minutes=draw.randrange(600)),
                "paid": draw.randrange(500, 20_000) / 100,
                "is": GONE if number % 9 == 4 else SOLD,
            }
        )
    return made


def mail(order):
    return f"buyer{order['who']}@example.com"


def shopify(order):
    common = {"Name": f"#{order['id']}", "Email": mail(order)}
    at = order["at"].strftime("%Y-%m-%d %H:%M:%S +0000")
    first = {
        **common,
        "Financial Status": {SOLD: "paid", GONE: "voided"}[order["is"]],
        "Paid at": at,
        "Fulfillment Status": "fulfilled",
        "Currency": "EUR",
        "Subtotal": f"{order['paid'] - 5:.2f}",
        "Shipping": "5.00",
        "Taxes": "1.00",
        "Total": f"{order['paid']:.2f}",
        "Discount Amount": "0.00",
        "Created at": at,
        "Lineitem quantity": 1,
        "Lineitem name": 'Tea, "green"',
        "Lineitem price": "3.00",
        "Refunded Amount": "0.00",
        "Id": 10**12 + order["id"],
    }
    more = {**common, "Created at": at, "Lineitem quantity": 2, "Lineitem name": "Cup"}
    return [first, more] if order["id"] % 2 else [first]


def woocommerce(order):
    return [
        {
            "order_id": order["id"],
            "order_number": order["id"],
            "date": order["at"].strftime("%Y-%m-%d %H:%M:%S"),
            "status": {SOLD: "completed", GONE: "cancelled"}[order["is"]],
            "shipping_total": "4.00",
            "tax_total": "0.50",
            "discount_total": "0.00",
            "order_total": f"{order['paid']:.2f}",
            "refunded_total": "0.00",
            "order_currency": "GBP",
            "payment_method": "stripe",
            "customer_id": order["who"] + 1,
            "billing_first_name": "An",
            "billing_email": mail(order),
        }
    ]


def magento(order):
    return [
        {
            "ID": f"{order['id']:09d}",
            "Purchase Point": "Main Website",
            "Purchase Date": order["at"].strftime("%Y-%m-%d %H:%M:%S"),
            "Bill-to Name": "An Ng",
            "Grand Total (Base)": f"{order['paid']:.2f}",
            "Grand Total (Purchased)": f"{order['paid']:.2f}",
            "Status": {SOLD: "complete", GONE: "canceled"}[order["is"]],
            "Customer Email": mail(order),
            "Customer Group": "General",
            "Subtotal": f"{order['paid'] - 4:.2f}",
            "Shipping and Handling": "4.00",
            "Total Refunded": "",
        }
    ]


def stripe(order):
    return [
        {
            "id": f"ch_{order['id']}",
            "Description": "Charge",
            "Created (UTC)": order["at"].strftime("%Y-%m-%d %H:%M"),
            "Amount": f"{order['paid']:.2f}",
            "Amount Refunded": "0.00",
            "Currency": "usd",
            "Fee": "0.59",
            "Mode": "Live",
            "Status": {SOLD: "Paid", GONE: "Failed"}[order["is"]],
            "Customer ID": f"cus_{order['who']}",
            "Customer Email": mail(order),
            "Captured": "true",
            "Card ID": "card_1",
            "Invoice ID": "",
        }
    ]


def square(order):
    sign = "" if order["is"] == SOLD else "-"
    return [
        {
            "Date": order["at"].strftime("%Y-%m-%d"),
            "Time": order["at"].strftime("%H:%M:%S"),
            "Time Zone": "London",
            "Gross Sales": f"${order['paid'] + 1:,.2f}",
            "Discounts": "-$1.00",
            "Net Sales": f"${order['paid']:,.2f}",
            "Tax": "$0.00",
            "Tip": "$0.00",
            "Total Collected": f"{sign}${order['paid'] + 2:,.2f}",
            "Fees": "-$0.10",
            "Net Total": f"${order['paid'] + 1.9:,.2f}",
            "Transaction ID": f"T{order['id']}",
            "Payment ID": f"P{order['id']}",
            "Event Type": "Payment",
            "Transaction Status": {SOLD: "Complete", GONE: "Voided"}[order["is"]],
            "Customer ID": f"C{order['who']}",
            "Customer Name": "An",
        }
    ]


def etsy(order):
    return [
        {
            "Sale Date": order["at"].strftime("%m/%d/%y"),
            "Order ID": order["id"],
            "Buyer User ID": f"buyer{order['who']}",
            "Full Name": "An",
            "Number of Items": 1,
            "Date Shipped": (order["at"] + timedelta(days=1)).strftime("%m/%d/%y"),
            "Currency": "USD",
            "Order Value": f"{order['paid'] - 3:.2f}",
            "Discount Amount": "0",
            "Shipping": "3.00",
            "Sales Tax": "0",
            "Order Total": f"{order['paid']:.2f}",
            "Status": {SOLD: "Completed", GONE: "Canceled"}[order["is"]],
            "Card Processing Fees": "0.40",
            "Order Net": f"{order['paid'] - 0.4:.2f}",
        }
    ]


def amazon(order):
    half = round(order["paid"] / 2, 2)
    base = {
        "amazon-order-id": f"701-{order['id']}",
        "purchase-date": order["at"].strftime("%Y-%m-%dT%H:%M:%S+00:00"),
        "last-updated-date": "2025-06-01T00:00:00+00:00",
        "order-status": {SOLD: "Shipped", GONE: "Cancelled"}[order["is"]],
        "sku": "A",
        "quantity": 1,
        "currency": "EUR",
        "item-tax": "1.00",
        "ship-country": "DE",
        "buyer-email": mail(order),
    }
    return [
        {**base, "item-price": f"{half:.2f}"},
        {**base, "sku": "B", "item-price": f"{order['paid'] - half:.2f}"},
    ]


def amazon_unshipped(order):
    return [
        {
            "order-id": f"701-{order['id']}",
            "order-item-id": f"{order['id']}7",
            "purchase-date": order["at"].strftime("%Y-%m-%dT%H:%M:%S+00:00"),
            "payments-date": order["at"].strftime("%Y-%m-%dT%H:%M:%S+00:00"),
            "buyer-email": mail(order),
            "buyer-name": "An",
            "sku": "A",
            "quantity-purchased": 1,
            "currency": "EUR",
            "item-price": f"{order['paid']:.2f}",
            "item-tax": "0.00",
            "shipping-price": "0.00",
        }
    ]


def taobao(order):
    return [
        {
            "订单编号": f"31{order['id']}",
            "买家会员名": f"买家{order['who']}",
            "买家应付货款": f"{order['paid']:.2f}",
            "总金额": f"{order['paid'] + 6:.2f}",
            "买家实际支付金额": f"{order['paid']:.2f}",
            "订单状态": {SOLD: "交易成功", GONE: "交易关闭"}[order["is"]],
            "订单创建时间": order["at"].strftime("%Y-%m-%d %H:%M:%S"),
            "订单付款时间": order["at"].strftime("%Y-%m-%d %H:%M:%S"),
            "宝贝标题": "绿茶",
        }
    ]


def paypal(order):
    return [
        {
            "Date": order["at"].strftime("%Y-%m-%d"),
            "Time": order["at"].strftime("%H:%M:%S"),
            "TimeZone": "GMT",
            "Name": "An",
            "Type": "Express Checkout Payment",
            "Status": {SOLD: "Completed", GONE: "Denied"}[order["is"]],
            "Currency": "EUR",
            "Gross": f"{order['paid']:.2f}",
            "Fee": "-0.35",
            "Net": f"{order['paid'] - 0.35:.2f}",
            "From Email Address": mail(order),
            "Transaction ID": f"TX{order['id']}",
        }
    ]


def kiotviet(order):
    return [
        {
            "Mã hóa đơn": f"HD{order['id']}",
            "Thời gian": order["at"].strftime("%d/%m/%Y %H:%M:%S"),
            "Mã khách hàng": f"KH{order['who']:03d}",
            "Tên khách hàng": "An",
            "Tổng tiền hàng": round(order["paid"] * 1000) + 5000,
            "Giảm giá": 5000,
            "Khách cần trả": round(order["paid"] * 1000),
            "Khách đã trả": 0,
            "Trạng thái": {SOLD: "Hoàn thành", GONE: "Đã hủy"}[order["is"]],
        }
    ]


def bigcommerce(order):
    return [
        {
            "Order ID": order["id"],
            "Customer ID": order["who"] + 1,
            "Customer Name": "An",
            "Customer Email": mail(order),
            "Order Date": order["at"].strftime("%Y-%m-%d"),
            "Order Status": {SOLD: "Completed", GONE: "Cancelled"}[order["is"]],
            "Subtotal (ex tax)": f"{order['paid'] - 2:.2f}",
            "Order Total (ex tax)": f"{order['paid'] - 1:.2f}",
            "Order Total (inc tax)": f"{order['paid']:.2f}",
            "Order Currency Code": "AUD",
        }
    ]


def ebay(order):
    return [
        {
            "Sales Record Number": order["id"] - 900,
            "Order Number": f"12-{order['id']}",
            "Buyer Username": f"buyer{order['who']}",
            "Buyer Name": "An",
            "Sold For": f"£{order['paid'] - 2:.2f}",
            "Postage": "£2.00",
            "Total Price": f"£{order['paid']:.2f}",
            "Sale Date": order["at"].strftime("%d-%b-%y"),
        }
    ]


def german_shop(order):
    return [
        {
            "Bestellnummer": order["id"],
            "Bestelldatum": order["at"].strftime("%d.%m.%Y %H:%M"),
            "Kundennummer": f"K{order['who']}",
            "Gesamtbetrag": f"{order['paid']:.2f}".replace(".", ","),
            "Status": {SOLD: "bezahlt", GONE: "storniert"}[order["is"]],
        }
    ]


def vietnamese_shop(order):
    return [
        {
            "Mã đơn hàng": order["id"],
            "Ngày đặt hàng": order["at"].strftime("%d/%m/%Y"),
            "Khách hàng": f"Nguyễn {order['who']}",
            "Tổng tiền (VND)": round(order["paid"] * 1000),
            "Trạng thái": {SOLD: "Hoàn thành", GONE: "Đã huỷ"}[order["is"]],
        }
    ]


EXPORTS = {
    shopify: {"currency": "EUR"},
    woocommerce: {"currency": "GBP"},
    magento: {},
    stripe: {"currency": "USD"},
    square: {},
    etsy: {"currency": "USD", "days": True},
    amazon: {"currency": "EUR", "delimiter": "\t", "name": "orders.txt"},
    amazon_unshipped: {"currency": "EUR", "delimiter": "\t", "name": "orders.txt", "states": False},
    taobao: {"currency": "CNY", "encoding": "gb18030", "zone": "Asia/Shanghai"},
    paypal: {"currency": "EUR", "encoding": "utf-8-sig"},
    kiotviet: {"currency": "VND", "times": 1000, "zone": "Asia/Ho_Chi_Minh"},
    bigcommerce: {"currency": "AUD", "days": True},
    ebay: {"currency": "GBP", "days": True, "states": False},
    german_shop: {"delimiter": ";", "encoding": "cp1252"},
    vietnamese_shop: {"currency": "VND", "times": 1000, "days": True, "encoding": "utf-16"},
}


def written(path, rows, encoding="utf-8", delimiter=","):
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, names, delimiter=delimiter, restval="")
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.__name__)
def test_what_init_proposes_for_an_export_loads_and_counts_like_pandas(tmp_path, export):
    expected, given = EXPORTS[export], orders()
    path = tmp_path / expected.get("name", "export.csv")
    rows = [row for order in given for row in export(order)]
    written(path, rows, expected.get("encoding", "utf-8"), expected.get("delimiter", ","))

    proposal = kpilib.init(path, to=tmp_path / "kpilib.toml")
    assert proposal.runs, str(proposal)
    assert proposal.questions == ()
    assert len(proposal.rows) == 5

    base = kpilib.open(tmp_path / "kpilib.toml")
    assert base.settings.currency == expected.get("currency")
    assert base.settings.time_zone == expected.get("zone", "UTC")
    sold = [order for order in given if order["is"] == SOLD or expected.get("states") is False]
    loaded = base.engine.collect(base.tables["orders"])
    plain = pd.DataFrame(sold)
    times = expected.get("times", 1)
    assert len(loaded) == len(plain)
    assert loaded["customer_id"].nunique() == plain["who"].nunique()
    both = loaded.sort_values("order_id")["amount"].to_numpy()
    assert both == pytest.approx((plain["paid"] * times).to_numpy(), abs=0.01)
    zone = expected.get("zone", "UTC")
    read = pd.to_datetime(loaded.sort_values("order_id")["ordered_second"], unit="s", utc=True)
    read = read.dt.tz_convert(zone).dt.tz_localize(None)
    step = "D" if expected.get("days") else "min"
    assert (read.dt.floor(step).to_numpy() == plain["at"].dt.floor(step).to_numpy()).all()

    month = plain[plain["at"].dt.strftime("%Y-%m") == "2025-03"]
    before = set(plain.loc[plain["at"] < datetime(2025, 3, 1), "who"])
    new = set(month["who"]) - before
    assert base.kpi("new_customers", "2025-03").value == len(new)


def test_subscriptions_of_stripe_are_read_by_month(tmp_path):
    common = {"Customer ID": "cus_1", "Plan": "p", "Quantity": 2, "Currency": "usd"}
    times = {"Created (UTC)": "2024-01-05 10:00", "Start (UTC)": "2024-01-05 10:00"}
    rows = [
        {
            "id": f"sub_{interval}",
            **common,
            "Interval": interval,
            "Amount": "120.00",
            "Status": "active",
            **times,
            "Current Period End (UTC)": "2024-06-05 10:00",
            "Canceled At (UTC)": "",
            "Ended At (UTC)": "2024-03-01 09:00" if interval == "year" else "",
        }
        for interval in ("month", "year")
    ]
    written(tmp_path / "subscriptions.csv", rows)
    proposal = kpilib.init(tmp_path / "subscriptions.csv", to=tmp_path / "kpilib.toml")
    assert proposal.runs and proposal.questions == (), str(proposal)
    base = kpilib.open(tmp_path / "kpilib.toml")
    loaded = base.engine.collect(base.tables["subscriptions"]).sort_values("subscription_id")
    assert loaded["mrr"].tolist() == [240.0, 20.0]
    assert base.settings.currency == "USD"
    assert loaded["ended_day"].isna().tolist() == [True, False]
