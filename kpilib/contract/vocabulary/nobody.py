"""Customer ids that mean nobody: what tills, shops and people write where no customer is known."""

import re
import unicodedata

_WORDS = frozenset(
    (
        *("guest", "guests", "guest customer", "guest user", "guest checkout", "n/a", "na"),
        *("#n/a", "nan", "none", "null", "nil", "<na>", "no customer", "no id", "unknown"),
        *("anonymous", "anon", "undefined", "not set", "(not set)", "unregistered"),
        *("not registered", "nobody", "walk in", "walkin", "walk in customer"),
        *("walk in customers", "walkin customer", "tbd"),
        *(
            "cash",
            "cash customer",
            "cash sale",
            "cash sales",
            "counter sale",
            "pos",
            "pos customer",
        ),
        *("default", "default customer", "unknown customer", "anonymous customer", "no name"),
        *("general customer", "retail customer", "casual customer", "one time customer"),
        *(
            "khách lẻ",
            "khách vãng lai",
            "khách",
            "khách hàng lẻ",
            "khách hàng vãng lai",
            "vãng lai",
        ),
        *("không có", "không rõ", "không xác định", "ẩn danh", "khách mua lẻ", "khách không tên"),
        *("khach le", "khach vang lai", "kvl", "khách lạ", "chưa rõ"),
        *(
            "游客",
            "访客",
            "散客",
            "匿名",
            "匿名用户",
            "匿名客户",
            "未注册",
            "未知",
            "无",
            "零售客户",
        ),
        *(
            "非会员",
            "普通散客",
            "过路客",
            "路人",
            "临时客户",
            "默认客户",
            "门店散客",
            "遊客",
            "訪客",
        ),
        *("gast", "gastbestellung", "laufkunde", "barverkauf", "unbekannt", "invité", "anonyme"),
        *("invitado", "anónimo", "ospite", "anonimo", "convidado", "ゲスト", "гость", "tamu"),
    )
)


_MARKS = r"[-–—_.?*/#]+|x{2,}|-1(?:\.0+)?|[0 -]+|0+\.0+"
_MAILS = r"(?:guest|anonymous|walk ?in|noemail|no email|none)@.*"


def _spelled(word: str) -> str:
    """A word as a regular expression for engines that know only the English capitals."""
    first = word[0].upper() if word[0].upper() != word[0] else ""
    begin = f"[{re.escape(word[0])}{first}]" if first else re.escape(word[0])
    return begin + re.escape(word[1:]).replace(r"\ ", "[ _-]+")


PATTERN = f"(?i)^(?:{'|'.join(sorted(map(_spelled, _WORDS)))}|{_MARKS}|{_MAILS})$"
"""What ids that may mean nobody look like, as a regular expression; `means_nobody` decides."""


def plain_id(text: str) -> str:
    """An id as it is looked up: small, blanks and hyphens between words as one blank.

    >>> plain_id(" Walk-in  Customer ")
    'walk in customer'
    """
    small = unicodedata.normalize("NFKC", text).strip().casefold()
    return re.sub(r"[\s_]+|(?<=\w)-(?=\w)", " ", small)


def means_nobody(text: str) -> bool:
    """Whether an id says that no customer is known.

    A number is nobody's where it is -1 or made of zeros alone.

    >>> [means_nobody(text) for text in ("Guest", "khách lẻ", "-", "0", "-1", "00007", "Nancy")]
    [True, True, True, True, True, False, False]
    """
    plain = plain_id(text)
    return plain in _WORDS or bool(re.fullmatch(f"{_MARKS}|{_MAILS}", plain))
