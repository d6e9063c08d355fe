"""What order statuses mean, in the words of the platforms and of several languages."""

import re
import unicodedata

CANCELLED, NOT_PAID, REFUNDED = "cancelled", "not paid", "refunded"
"""Why an order of some status is no sale."""

_WORDS = {
    CANCELLED: (
        *("cancelled", "canceled", "cancel", "cancellation", "void", "voided", "trash"),
        *("trashed", "deleted", "removed", "rejected", "abandoned", "expired", "fraud"),
        *("suspected fraud", "annulled", "checkout draft", "auto draft", "draft", "reversed"),
        *("canceled reversal", "delivery failed", "undelivered", "not delivered", "lost"),
        *("đã hủy", "hủy", "hủy đơn", "bị hủy", "đã hủy đơn", "hủy bỏ", "từ chối", "đã xóa"),
        *("giao thất bại", "giao hàng thất bại", "giao không thành công", "không giao được"),
        *("đã huỷ", "huỷ", "huỷ đơn", "bị huỷ", "hết hạn", "nháp", "bom hàng"),
        *(
            "已取消",
            "取消",
            "交易关闭",
            "订单关闭",
            "已关闭",
            "关闭",
            "交易取消",
            "订单取消",
            "已作废",
        ),
        *("作废", "已删除", "已拒绝", "拒收", "买家取消", "卖家取消", "已失效", "草稿", "已撤销"),
        *("storniert", "abgebrochen", "annulé", "annulée", "anulado", "anulada", "cancelado"),
        *("cancelada", "annullato", "geannuleerd", "anulowane", "отменен", "отменён"),
        *("キャンセル", "dibatalkan", "batal", "ยกเลิก", "취소"),
    ),
    NOT_PAID: (
        *("pending", "pending payment", "payment pending", "awaiting payment", "unpaid"),
        *("failed", "denied"),
        *(
            "failure",
            "payment failed",
            "declined",
            "payment declined",
            "on hold",
            "holded",
            "error",
        ),
        *("not paid", "payment error", "incomplete", "requires payment method"),
        *("waiting payment", "requires action", "requires confirmation", "requires capture"),
        *("authorized", "blocked", "authorised", "pending review", "payment review", "overdue"),
        *("uncaptured", "new unpaid", "chờ thanh toán", "chưa thanh toán", "thất bại"),
        *("thanh toán thất bại", "tạm giữ", "thanh toán lỗi", "chưa trả tiền", "lỗi thanh toán"),
        *("đang chờ thanh toán", "nợ"),
        *(
            "待付款",
            "未付款",
            "等待买家付款",
            "等待付款",
            "待支付",
            "未支付",
            "支付失败",
            "付款失败",
        ),
        *("失败", "交易失败", "拼团中", "挂起", "ausstehend", "fehlgeschlagen", "wartend"),
        *("échoué", "en attente", "pendiente", "fallido", "pendente", "in attesa", "fallito"),
        *("не оплачен", "入金待ち"),
    ),
    REFUNDED: (
        *("refunded", "refund", "fully refunded", "returned", "return completed", "chargeback"),
        *("charged back", "chargedback", "money back", "return", "refund completed"),
        *("đã hoàn tiền", "hoàn tiền", "đã trả hàng", "trả hàng", "đã hoàn trả", "hoàn hàng"),
        *("trả hàng hoàn tiền", "đã hoàn hàng", "hoàn trả", "已退款", "退款", "退款成功", "退货"),
        *("已退货", "退货退款", "退款完成", "全额退款", "erstattet", "zurückerstattet"),
        *("retourniert", "remboursé", "remboursée", "reembolsado", "rimborsato", "terugbetaald"),
        *("возвращен", "返金済み"),
    ),
    "": (
        *("paid", "completed", "complete", "processing", "shipped", "delivered", "fulfilled"),
        *("partially refunded", "partially paid", "partially shipped", "partially fulfilled"),
        *("unfulfilled", "success", "successful", "succeeded", "captured", "settled", "done"),
        *("approved", "confirmed", "accepted", "dispatched", "in transit", "out for delivery"),
        *("picked up", "ready for pickup", "ready to ship", "packed", "packing", "preparing"),
        *("invoiced", "received", "sold", "purchased", "finished", "in progress"),
        *("partial refund", "awaiting shipment", "awaiting fulfillment", "awaiting pickup"),
        *("awaiting dispatch", "unshipped", "partial", "ok", "sale", "charged"),
        *("payment received", "ready", "normal", "partially returned", "sent", "shipping"),
        *("paid out", "order complete", "hoàn thành", "đã hoàn thành", "hoàn tất"),
        *("đã thanh toán", "đã giao", "đã giao hàng", "giao hàng thành công", "giao thành công"),
        *("thành công", "đang giao", "đang giao hàng", "đang xử lý", "đã xác nhận"),
        *("đã nhận hàng", "đã nhận", "đang vận chuyển", "đã gửi hàng", "chờ giao hàng"),
        *("chờ lấy hàng", "đang đóng gói", "đã đóng gói", "đã xuất hàng", "chờ xử lý"),
        *("chờ xác nhận", "phiếu hoàn thành", "hoàn tiền một phần", "đã bán"),
        *(
            "已完成",
            "完成",
            "交易成功",
            "交易完成",
            "订单完成",
            "已付款",
            "已支付",
            "支付成功",
            "成功",
        ),
        *(
            "已发货",
            "卖家已发货",
            "买家已付款",
            "等待卖家发货",
            "待发货",
            "待收货",
            "已收货",
            "已签收",
        ),
        *(
            "等待买家确认收货",
            "卖家已发货等待买家确认",
            "买家已付款等待卖家发货",
            "待评价",
            "已评价",
        ),
        *(
            "已出库",
            "配送中",
            "运输中",
            "处理中",
            "已确认",
            "部分退款",
            "部分发货",
            "待出库",
            "已送达",
        ),
        *("bezahlt", "abgeschlossen", "versandt", "versendet", "geliefert", "in bearbeitung"),
        *("payé", "payée", "expédié", "expédiée", "livré", "livrée", "terminé", "terminée"),
        *("pagado", "pagada", "enviado", "enviada", "entregado", "entregada", "completado"),
        *("completada", "pago", "entregue", "concluído", "pagato", "spedito", "consegnato"),
        *("completato", "betaald", "verzonden", "opłacone", "wysłane", "оплачен", "доставлен"),
        *("выполнен", "発送済み", "完了", "selesai", "dikirim", "สำเร็จ", "완료"),
    ),
}

_KNOWN = {word: reason for reason, words in _WORDS.items() for word in words}

_BEGINNINGS = {
    CANCELLED: (
        *("cancelled ", "canceled ", "cancel ", "voided ", "rejected ", "đã hủy ", "hủy "),
        *("đã huỷ ", "已取消", "交易关闭", "已关闭", "storniert "),
    ),
    NOT_PAID: (
        "pending payment",
        "awaiting payment",
        "payment failed",
        "unpaid ",
        "chờ thanh toán ",
    ),
    REFUNDED: ("refunded ", "fully refunded", "đã hoàn tiền ", "已退款"),
}
"""What may go on after such words without changing what they say, like *cancelled by buyer*."""


def plain_status(status: str) -> str:
    """A status as it is looked up: small, without a platform's prefix, its words apart.

    >>> plain_status(" WC-Pending_Payment ")
    'pending payment'
    >>> plain_status("OrderStatus.PartiallyRefunded")
    'partially refunded'
    """
    text = unicodedata.normalize("NFKC", status).strip()
    text = re.sub(r"^(?i:wc-|wcs?_|order_?status[._:]|status[._:]|order[._](?=[a-z]))", "", text)
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    text = re.sub(r"[\s_\-.,;:/|()（）!，、]+", " ", text.lower())
    return text.strip()


def meaning(status: str) -> str | None:
    """Why orders of a status are no sale; empty where they are, None where it is not known.

    >>> meaning("wc-cancelled"), meaning("Đã giao hàng"), meaning("已退款"), meaning("green")
    ('cancelled', '', 'refunded', None)
    >>> meaning("Canceled by buyer"), meaning("Partially refunded")
    ('cancelled', '')
    """
    plain = plain_status(status)
    if plain in _KNOWN:
        return _KNOWN[plain]
    for reason, beginnings in _BEGINNINGS.items():
        if plain.startswith(beginnings):
            return reason
    return None
