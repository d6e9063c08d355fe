"""Where the four texts that kpilib comes from disagree, and what is done here instead."""

from kpilib.words import _

DISAGREEMENTS = {
    "C01": _(
        "On opening 1,000, new 200 and closing 1,100 the texts make retention 110%, 90% or no "
        "number at all. Here the same customers are followed; the form from totals has an id of "
        "its own, and closing over opening is growth."
    ),
    "C02": _(
        "One text calls three measures by one name: it heads a section “repurchase rate”, "
        "explains repeat purchase and prints the formula of retention. Here they are five ids."
    ),
    "C03": _(
        "Churn is divided by the opening customers in one text, by all customers in another, by "
        "those who may buy in a third sentence. Here it is the opening customers."
    ),
    "C04": _(
        "Lifetime value is “total revenue” in the introduction of a text, “net profit” in its "
        "section and revenue again in its formula. Here there are four ids, and horizon, margin "
        "and discount are printed."
    ),
    "C05": _(
        "The examples of one text together lose money: a lifetime value of 1,000 is revenue, its "
        "margin of 40% leaves 400, and winning the customer cost 500."
    ),
    "C06": _(
        "“New over total” leaves open whether the total is before or after the new ones: 20% or "
        "18.2%. Here it is the closing customers."
    ),
    "C07": _(
        "A heading says resolution time in Vietnamese and response time in English, and the text "
        "means both. Here they are two ids."
    ),
    "C08": _(
        "Engagement and interaction frequency list the same three measures in one text. Here "
        "frequency is one side of engagement, and depth is defined apart."
    ),
    "C09": _(
        "Three lists say what loyalty is made of. Here each is a preset by name, and a loyal "
        "customer is whoever meets a printed rule."
    ),
    "C10": _(
        "Complaints over customers is called a share, though a customer may complain twice. Here "
        "the rate and the share of customers who complain are two ids."
    ),
    "C11": _(
        "A text says that a low loss after the first purchase has bad causes. It must mean a high "
        "one: lower is better."
    ),
    "C12": _(
        "A text calls a duration a rate, and averages relationships that are not over as if they "
        "were. Here unfinished ones count as unfinished."
    ),
    "C13": _(
        "The referral rate is over new customers in one place and over all customers in another. "
        "Here they are two ids."
    ),
    "C14": _(
        "NPS stands for satisfaction and recommendation in one text, for recommendation alone in "
        "another, and its groups bear different names. Here it is points on one question."
    ),
    "C15": _(
        "Satisfaction is a mean in one text and an overall degree in another; practice also "
        "counts the two best answers. Here there are both, beside the distribution."
    ),
    "C16": _(
        "Lost customers are split into first-time and loyal ones, which leaves out those in "
        "between; and nobody sees that a customer buys no more. Here there are three states and a "
        "lapse window."
    ),
    "C17": _(
        "Loyal customers lost are divided by those there are now, among whom the lost no longer "
        "are. Here it is the loyal customers of the opening."
    ),
    "C18": _(
        "Unsubscribing is listed as churn: from a mailing list or from the service? Here they are "
        "two ids."
    ),
    "C19": _(
        "The text of a section counts marketing, sales and other costs, its formula only the "
        "first two. Here the types of cost are a setting, and printed."
    ),
    "C20": _(
        "The Chinese term for advertising return is written input to output and output to input. "
        "Here it is output over input, and says so."
    ),
}

"""What they say and what kpilib makes of it, by number."""
