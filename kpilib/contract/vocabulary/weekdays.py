"""How the days of the week are named, in small letters, from 1 for Monday to 7 for Sunday."""

import unicodedata
from types import MappingProxyType

_NAMES = (
    ("monday", "mon", "thứ hai", "thứ 2", "t2", "周一", "星期一", "礼拜一", "montag", "lundi"),
    ("tuesday", "tue", "tues", "thứ ba", "thứ 3", "t3", "周二", "星期二", "礼拜二",
     "dienstag", "mardi"),
    ("wednesday", "wed", "thứ tư", "thứ 4", "t4", "周三", "星期三", "礼拜三", "mittwoch",
     "mercredi"),
    ("thursday", "thu", "thur", "thurs", "thứ năm", "thứ 5", "t5", "周四", "星期四", "礼拜四",
     "donnerstag", "jeudi"),
    ("friday", "fri", "thứ sáu", "thứ 6", "t6", "周五", "星期五", "礼拜五", "freitag", "vendredi"),
    ("saturday", "sat", "thứ bảy", "thứ bẩy", "thứ 7", "t7", "周六", "星期六", "礼拜六", "samstag",
     "sonnabend", "samedi"),
    ("sunday", "sun", "chủ nhật", "chúa nhật", "cn", "周日", "周天", "星期日", "星期天", "礼拜日",
     "礼拜天", "sonntag", "dimanche"),
)  # fmt: skip

WEEKDAYS = MappingProxyType(
    {
        day: tuple(
            dict.fromkeys(
                unicodedata.normalize(form, name) for name in names for form in ("NFC", "NFD")
            )
        )
        for day, names in enumerate(_NAMES, start=1)
    }
)
"""Day → its names, with their marks set in one character and in two, as files have them."""
