// The board as a tool: a block is lifted with Space or dragged, tried on a row and a minute, judged in words, put down or put back.
// Without a script the same is done by the forms beside the map.
"use strict";

const board = document.querySelector("[data-board]");
const form = document.getElementById("board-place");
if (board && form) {
  const axis = JSON.parse(board.querySelector("[data-axis]").dataset.axis);
  const STEP = 5;
  const REST = 500;
  let held = null;

  const rows = () => [...board.querySelectorAll(".board-row[data-person]")];
  const hhmm = (minute) => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  const minuteOf = (text) => Number(text.slice(0, -3)) * 60 + Number(text.slice(-2));
  function percent(minute) {
    for (let at = 1; at < axis.length; at += 1) {
      const [[m0, p0], [m1, p1]] = [axis[at - 1], axis[at]];
      if (minute <= m1) return p0 + ((p1 - p0) * Math.max(minute - m0, 0)) / (m1 - m0);
    }
    return 100;
  }
  function minuteAt(place) {
    for (let at = 1; at < axis.length; at += 1) {
      const [[m0, p0], [m1, p1]] = [axis[at - 1], axis[at]];
      if (place <= p1) return Math.round((m0 + ((m1 - m0) * Math.max(place - p0, 0)) / (p1 - p0)) / STEP) * STEP;
    }
    return axis[axis.length - 1][0];
  }

  function lift(block) {
    const box = block.parentElement;
    const ghost = box.cloneNode(true);
    ghost.querySelectorAll("a").forEach((one) => { one.removeAttribute("href"); one.classList.add("left-behind"); one.setAttribute("aria-hidden", "true"); });
    box.before(ghost);
    const panel = document.createElement("div");
    panel.className = "board-judged";
    panel.innerHTML = '<p class="words" role="status" aria-live="polite"></p><p class="keys small quiet"></p><div class="actions"></div>';
    panel.querySelector(".keys").textContent = board.dataset.keys;
    held = {
      block, box, ghost, panel, row: box.closest(".board-row"), from: box.closest(".board-row"),
      minute: Number(block.dataset.start), start: Number(block.dataset.start), length: Number(block.dataset.end) - Number(block.dataset.start), timer: 0, asked: 0,
    };
    block.classList.add("lifted");
    show();
  }

  function show() {
    const { block, box, panel, row, minute, length } = held;
    rows().forEach((one) => one.classList.toggle("over", one === row));
    if (box.closest(".board-row") !== row) {
      row.querySelector("svg.track").append(box);
      block.focus({ preventScroll: true });
    }
    box.setAttribute("x", `${percent(minute)}%`);
    box.setAttribute("width", `${Math.max(percent(minute + length) - percent(minute), 1)}%`);
    if (row.nextElementSibling !== panel) row.after(panel);
    panel.className = "board-judged";
    panel.querySelector(".words").textContent = `${row.dataset.name} ${hhmm(minute)} …`;
    panel.querySelector(".actions").replaceChildren(press(board.dataset.back, "", back));
    clearTimeout(held.timer);
    held.timer = setTimeout(judge, REST);
  }

  function press(word, kind, act) {
    const one = document.createElement("button");
    one.type = "button";
    one.className = `button little ${kind}`;
    one.textContent = word;
    one.addEventListener("click", act);
    return one;
  }

  function asked() {
    const { block, row, minute } = held;
    const said = new URLSearchParams();
    block.dataset.visits.split(" ").forEach((number) => said.append("visits", number));
    said.append("giver", block.dataset.giver);
    said.append("seen", block.dataset.seen);
    said.append("taker", row.dataset.person);
    said.append("day", board.dataset.day);
    said.append("start", hhmm(minute));
    return said;
  }

  async function judge() {
    if (!held) return false;
    held.asked += 1;
    const [mine, turn] = [held, held.asked];
    clearTimeout(held.timer);
    if (held.row === held.from && held.minute === held.start) return false;
    const answer = await fetch(`${board.dataset.board}?${asked()}`, { headers: { "X-Requested-With": "fetch" } }).catch(() => null);
    if (held !== mine || mine.asked !== turn || !answer || !answer.ok) return false;
    const said = await answer.json();
    if (held !== mine || mine.asked !== turn) return false;
    mine.panel.className = `board-judged ${said.holds ? "holds" : "broken"}`;
    mine.panel.querySelector(".words").textContent = `${mine.row.dataset.name} ${hhmm(mine.minute)}：${said.words}`;
    const ways = [press(board.dataset.back, "", back)];
    if (said.holds) ways.unshift(press(board.dataset.drop, "primary", () => drop()));
    if (said.could_at) ways.unshift(press(board.dataset.put.replace("#", said.could_at), "primary", () => { held.minute = minuteOf(said.could_at); drop(); }));
    mine.panel.querySelector(".actions").replaceChildren(...ways);
    return said.holds;
  }

  function drop() {
    form.querySelectorAll("[data-said]").forEach((one) => one.remove());
    for (const [name, value] of asked()) {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name, value });
      field.dataset.said = "";
      form.append(field);
    }
    form.requestSubmit();
  }

  function back() {
    if (!held) return;
    const { block, box, ghost, panel } = held;
    clearTimeout(held.timer);
    box.setAttribute("x", ghost.getAttribute("x"));
    box.setAttribute("width", ghost.getAttribute("width"));
    ghost.replaceWith(box);
    panel.remove();
    block.classList.remove("lifted");
    rows().forEach((one) => one.classList.remove("over"));
    held = null;
    block.focus({ preventScroll: true });
  }

  document.addEventListener("keydown", (event) => {
    const block = event.target.closest && event.target.closest("a.block[data-visits]");
    if (!held) {
      if (event.key === " " && block) { event.preventDefault(); lift(block); }
      return;
    }
    if (event.target.closest(".board-judged") && event.key !== "Escape") return;
    const all = rows();
    const at = all.indexOf(held.row);
    const acts = {
      ArrowLeft: () => { held.minute -= STEP; show(); },
      ArrowRight: () => { held.minute += STEP; show(); },
      ArrowUp: () => { held.row = all[Math.max(at - 1, 0)]; show(); },
      ArrowDown: () => { held.row = all[Math.min(at + 1, all.length - 1)]; show(); },
      Enter: drop, " ": drop, Escape: back,
    };
    if (acts[event.key]) { event.preventDefault(); event.stopPropagation(); acts[event.key](); }
  }, true);

  // The same by dragging: what is let go where it holds is put down, elsewhere the sentence stays with the way on.
  let drag = null;
  board.addEventListener("dragstart", (event) => event.preventDefault());
  board.addEventListener("pointerdown", (event) => {
    const block = event.target.closest("a.block[data-visits]");
    if (block && event.button === 0 && event.pointerType !== "touch" && !held) drag = { block, x: event.clientX, y: event.clientY, grip: event.clientX - block.getBoundingClientRect().left };
  });
  document.addEventListener("pointermove", (event) => {
    if (!drag) return;
    if (!held && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < 6) return;
    if (!held) lift(drag.block);
    drag.moved = true;
    const row = rows().find((one) => { const box = one.getBoundingClientRect(); return event.clientY >= box.top && event.clientY < box.bottom; }) || held.row;
    const track = row.querySelector("svg.track").getBoundingClientRect();
    const minute = minuteAt((100 * (event.clientX - drag.grip - track.left)) / track.width);
    if (row === held.row && minute === held.minute) return;
    [held.row, held.minute] = [row, minute];
    show();
  });
  document.addEventListener("pointerup", async () => {
    const done = drag;
    drag = null;
    if (!done || !done.moved) return;
    document.addEventListener("click", (event) => { if (event.target.closest("a.block")) event.preventDefault(); }, { capture: true, once: true });
    if (held && (await judge())) drop();
  });
}
