"""Pages of posts.

``office``   the list, a post with the rota of its week, and what it is
``booking``  what units have booked, and the names that come later
``phone``    a volunteer's own posts, the posts that look for somebody, and swaps
"""

from timebank.posts.views import booking, office, phone

__all__ = ["booking", "office", "phone"]
