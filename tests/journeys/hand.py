"""Somebody's hand at a page: it does in a real browser what a person does, and counts how long that takes by the keystroke-level model.

The times are those of Card, Moran and Newell (1983): a key 0.28 s for a slow typist, pointing 1.1 s, a press 0.2 s, the hand from the
mouse to the keys 0.4 s, a thought before each unit 1.35 s; a page that comes is counted as one second. Whoever has never seen a page
reads it once, 400 Chinese signs a minute. A Chinese sign is three keys: its sounds, and a share of the choice of the word.
"""

import re
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page, expect

KEY, POINT, PRESS, TO_THE_KEYS, THOUGHT, PAGE = 0.28, 1.1, 0.2, 0.4, 1.35, 1.0
READ = 400 / 60
WIDE = re.compile(r"[\u4e00-\u9fff]")
NUMBERS = re.compile(r"\d+")


def keys(text: str) -> int:
    """Return how many keys a text takes."""
    wide = len(WIDE.findall(text))
    return 3 * wide + len(text) - wide


@dataclass
class Hand:
    """One person at one window; ``seconds`` is what they have needed, ``presses`` how often they pressed a button or a link."""

    page: Page
    seconds: float = 0.0
    presses: int = 0
    read: set[str] = field(default_factory=set)

    def arrive(self) -> None:
        """Wait for a page and, the first time, read it."""
        self.seconds += PAGE
        kind = NUMBERS.sub("0", self.page.url.split("?")[0].split("/", 3)[-1])
        if kind not in self.read:
            self.read.add(kind)
            self.seconds += len(WIDE.findall(self.page.locator("main").inner_text())) / READ

    def press(self, what: Locator) -> None:
        """Press a button or a link that leads to a page."""
        self.seconds += THOUGHT + POINT + PRESS
        self.presses += 1
        what.click()
        self.arrive()

    def button(self, name: str) -> None:
        """Press the button of this name."""
        self.press(self.page.get_by_role("button", name=name, exact=True).first)

    def link(self, name: str) -> None:
        """Follow the link of this name in the page or its head."""
        self.press(self.page.get_by_role("link", name=name, exact=True).first)

    def write(self, label: str, text: str) -> None:
        """Write into the field of this label."""
        self.seconds += THOUGHT + POINT + PRESS + TO_THE_KEYS + KEY * keys(text)
        self.page.get_by_label(re.compile(f"^{re.escape(label)}")).first.fill(text)

    def choose(self, label: str, word: str) -> None:
        """Choose in a list."""
        self.seconds += THOUGHT + 2 * (POINT + PRESS)
        box = self.page.get_by_label(re.compile(f"^{re.escape(label)}")).first
        box.select_option(label=next(each for each in box.locator("option").all_inner_texts() if word in each))

    def tick(self, name: str) -> None:
        """Tick a box or choose one of several."""
        self.seconds += THOUGHT + POINT + PRESS
        self.page.get_by_label(re.compile(f"^{re.escape(name)}")).first.check()

    def point(self, x: float, y: float) -> None:
        """Press on the paper of buildings."""
        self.seconds += THOUGHT + POINT + PRESS
        self.page.locator("#paper").click(position={"x": x, "y": y})

    def sees(self, words: str) -> None:
        """Look whether a page says something."""
        expect(self.page.locator("body")).to_contain_text(words)
