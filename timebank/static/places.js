// Putting a building on paper: a press, or the arrow keys. Without a script a coordinate or a list does the same.
"use strict";

const paper = document.getElementById("paper");
const form = document.getElementById("house");
if (paper && form) {
  const METRES_PER_DEGREE = 111320;
  const { west, north, scale, squeeze } = Object.fromEntries(["west", "north", "scale", "squeeze"].map((name) => [name, Number(paper.dataset[name])]));
  const cross = document.getElementById("cross");
  const box = paper.viewBox.baseVal;
  let spot = null;

  const show = () => {
    cross.removeAttribute("hidden");
    cross.setAttribute("transform", `translate(${spot.x} ${spot.y})`);
    form.elements.lat.value = (north - spot.y / scale / METRES_PER_DEGREE).toFixed(6);
    form.elements.lon.value = (west + spot.x / scale / METRES_PER_DEGREE / squeeze).toFixed(6);
  };
  if (form.elements.lat.value) {
    spot = {
      x: (Number(form.elements.lon.value) - west) * METRES_PER_DEGREE * squeeze * scale,
      y: (north - Number(form.elements.lat.value)) * METRES_PER_DEGREE * scale,
    };
    show();
  }
  paper.addEventListener("click", (event) => {
    spot = new DOMPoint(event.clientX, event.clientY).matrixTransform(paper.getScreenCTM().inverse());
    show();
    (form.elements.compound.value ? form.elements.name : form.elements.compound).focus();
  });
  paper.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.key === "Enter" && spot) { event.preventDefault(); form.elements.name.focus(); }
    if (!way) return;
    event.preventDefault();
    const step = (event.shiftKey ? 1 : 5) * scale;
    spot = spot ? { x: spot.x + way[0] * step, y: spot.y + way[1] * step } : { x: box.width / 2, y: box.height / 2 };
    show();
  });
}
