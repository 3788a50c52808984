"""Measures of one page in a real browser: axe at any level, contrast as computed, targets a thumb hits, words and numbers that stay whole, nothing sideways.

A page is opened once, wide as a phone, then its window is turned and narrowed around it; what is measured comes back as lines that name the
page and the part of it. The rules of axe stand in the package that brings it; contrast and targets are measured here again, since axe lets
large words be paler and counts 24 pixels as a target.
"""

from dataclasses import dataclass, field
from importlib.resources import files

from playwright.sync_api import Page

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
OFFICE = ((390, 844), (1180, 820), (1440, 900))
UPRIGHT, ACROSS, HALVED = ((320, 640), (360, 740), (390, 844)), (844, 390), (640, 450)
"""Windows of telephones held upright and across, and a desk's window of 1280 pixels at a zoom of 200 percent."""
RULES = """async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
  .flatMap((rule) => rule.nodes.map((node) => `${rule.id} (${rule.impact}): ${node.html.slice(0, 140)}`))"""
MEASURED = """(least) => {
  const found = [], seen = (part) => { const box = part.getBoundingClientRect(); return part.checkVisibility({ visibilityProperty: true }) && box.width > 1 && box.height > 1 && box.right > 0 && box.bottom > 0; };
  const named = (part) => `<${part.tagName.toLowerCase()} ${part.className.baseVal ?? part.className}> ${(part.textContent.trim() || part.value || part.name || '').replace(/\\s+/g, ' ').slice(0, 50)}`;
  const parts = (colour) => { const all = colour.match(/[\\d.]+/g).map(Number); return all.length < 4 ? [...all, 1] : all; };
  const over = (top, below) => { const a = top[3]; return [0, 1, 2].map((at) => top[at] * a + below[at] * (1 - a)).concat(1); };
  const light = (colour) => { const [r, g, b] = colour.slice(0, 3).map((one) => { const part = one / 255; return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = (part) => { const layers = []; for (let up = part; up; up = up.parentElement) { const colour = parts(getComputedStyle(up).backgroundColor); layers.push(colour); if (colour[3] === 1) break; } return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]); };
  const opaque = (part) => { let all = 1; for (let up = part; up; up = up.parentElement) all *= Number(getComputedStyle(up).opacity); return all; };
  for (const part of document.querySelectorAll('body *')) {
    if (part.closest('svg, [hidden], .skip') || !seen(part) || ![...part.childNodes].some((one) => one.nodeType === 3 && one.textContent.trim())) continue;
    const behind = ground(part), ink = parts(getComputedStyle(part).color); ink[3] *= opaque(part);
    const [dark, bright] = [light(over(ink, behind)), light(behind)].sort((one, other) => one - other);
    const ratio = (bright + 0.05) / (dark + 0.05);
    if (ratio < 4.5) found.push(`contrast ${ratio.toFixed(2)}: ${named(part)}`);
  }
  const inText = (part) => part.tagName === 'A' && getComputedStyle(part).display === 'inline' && [...part.parentElement.childNodes].some((one) => one.nodeType === 3 && /[\\p{L}\\p{N}]/u.test(one.textContent));
  for (const part of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, label.check, label.pick, [role=button]')) {
    if (part.closest('.skip, [hidden]') || part.classList.contains('skip') || part.matches('label.check input, label.pick input') || !seen(part) || inText(part)) continue;
    const box = part.getBoundingClientRect();
    if (box.height < least - 0.5 || box.width < least - 0.5) found.push(`target ${Math.round(box.width)}x${Math.round(box.height)}: ${named(part)}`);
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode, around = node.parentElement;
    if (around.closest('code, svg, [hidden], .skip, script, template') || !seen(around)) continue;
    for (const word of node.data.matchAll(/(?<![\\p{L}\\p{N}@._-])(?:[A-Za-z]{4,}|\\d{4,})(?![\\p{L}\\p{N}@._-])/gu)) {
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1) found.push(`broken word ${word[0]}: ${named(around)}`);
    }
  }
  return found;
}"""
SIDEWAYS = """() => {
  const wide = document.documentElement.clientWidth, found = [];
  if (document.documentElement.scrollWidth > wide) {
    const out = [...document.querySelectorAll('main *, header *, footer *')].filter((part) => part.checkVisibility() && part.getBoundingClientRect().right > wide + 0.5 && !part.closest('svg'));
    found.push(`sideways ${document.documentElement.scrollWidth} of ${wide}: ` + out.slice(-2).map((part) => `<${part.tagName.toLowerCase()} ${part.className.baseVal ?? part.className}> ${part.textContent.trim().slice(0, 30)}`).join(' | '));
  }
  for (const part of document.querySelectorAll('body *')) {
    const style = getComputedStyle(part);
    if (/auto|scroll/.test(style.overflowX) && part.checkVisibility() && part.scrollWidth > part.clientWidth + 1 && !part.matches('textarea, .day-tabs'))
      found.push(`scrolls inside ${part.scrollWidth} of ${part.clientWidth}: <${part.tagName.toLowerCase()} ${part.className}>`);
  }
  return found;
}"""
NEXT_FRAME = "() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))"
DOUBLED = "(times) => { const root = document.documentElement; root.style.fontSize = times === 1 ? '' : `${parseFloat(getComputedStyle(root).fontSize) * times}px`; }"
THUMB, ELDERS_THUMB = 44, 60


@dataclass
class Sweep:
    """One window that goes from page to page and notes what is amiss."""

    page: Page
    amiss: dict[str, list[str]] = field(default_factory=dict)
    pages: int = 0

    def look(self, path: str) -> None:
        """Open a page and measure it in every window."""
        self.page.set_viewport_size({"width": 390, "height": 844})
        answer = self.page.goto(path)
        self.measure(path)
        if answer is None or answer.status >= 400:
            self.amiss.setdefault(path, []).append(f"answered {answer.status if answer else 'nothing'}")

    def read(self, path: str) -> None:
        """Open a page and ask axe about it, as wide as a phone, a tablet and a desk."""
        self.pages += 1
        self.page.goto(path)
        self.page.evaluate(AXE)
        for width, height in OFFICE:
            self.page.set_viewport_size({"width": width, "height": height})
            self.page.evaluate(NEXT_FRAME)  # the page hears of its new size with the next frame
            found = self.page.evaluate(RULES)
            if found:
                self.amiss[f"{path} {width}"] = found

    def measure(self, path: str) -> None:
        """Measure the page that stands open."""
        self.pages += 1
        elder = "elder" in (self.page.locator("html").get_attribute("class") or "").split()
        self.page.evaluate(AXE)
        found = [*self.page.evaluate(RULES), *self.page.evaluate(MEASURED, ELDERS_THUMB if elder else THUMB)]
        for width, height in (*UPRIGHT, ACROSS, HALVED):
            self.page.set_viewport_size({"width": width, "height": height})
            found += [f"{width}x{height}: {each}" for each in self.page.evaluate(SIDEWAYS)]
        if not elder:  # whose words are large already, in three sizes of their own
            self.page.set_viewport_size({"width": 390, "height": 844})
            self.page.evaluate(DOUBLED, 2)
            found += [f"words doubled: {each}" for each in self.page.evaluate(SIDEWAYS)]
            self.page.evaluate(DOUBLED, 1)
        if found:
            self.amiss[path] = sorted(set(found))
