"""Whether a page promises somebody a message: where no channel carries any, the page says so itself."""

import re

TAGS = re.compile(r"<[^>]+>")
CHINESE = re.compile(r"收到[^。；]{0,8}消息|人会收到|发消息|会收到一条|消息告诉")
ENGLISH = re.compile(r"\b(?:gets?|got|get|hears?|receives?|sends?) (?:\w+ ){0,3}messages?\b|\bare told\b", re.IGNORECASE)


def promises_a_message(page: str) -> bool:
    """Say whether the words of a page, in either language, promise that somebody will be told."""
    words = TAGS.sub("", page)
    return CHINESE.search(words) is not None or ENGLISH.search(words) is not None
