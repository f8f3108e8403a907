// A signature drawn with finger, pen or mouse, sent as numbers: "x,y x,y;x,y". Shows one way to sign at a time.
"use strict";
(() => {
  const form = document.getElementById("signing");
  const canvas = form.querySelector("canvas");
  const pen = canvas.getContext("2d");
  const kept = document.getElementById("strokes");
  const ways = [...form.querySelectorAll("[data-way]")];
  const strokes = [];
  let drawing = null;

  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    const within = (at, size, most) => Math.min(most, Math.max(0, Math.round((at / size) * most)));
    return [
      within(event.clientX - box.left, box.width, canvas.width),
      within(event.clientY - box.top, box.height, canvas.height),
    ];
  };
  const draw = () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.lineWidth = 3;
    pen.lineCap = pen.lineJoin = "round";
    for (const stroke of strokes) {
      pen.beginPath();
      pen.moveTo(...stroke[0]);
      for (const point of stroke) pen.lineTo(...point);
      pen.stroke();
    }
    kept.value = strokes.map((stroke) => stroke.map((point) => point.join(",")).join(" ")).join(";");
  };
  const end = (event) => {
    if (drawing === event.pointerId) drawing = null;
  };
  const show = () => {
    const chosen = form.querySelector("[name=kind]:checked");
    for (const way of ways) way.hidden = !chosen || !way.dataset.way.split(" ").includes(chosen.value);
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (drawing !== null || event.button !== 0) return;
    event.preventDefault();
    drawing = event.pointerId;
    canvas.setPointerCapture(drawing);
    strokes.push([place(event)]);
    draw();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (drawing !== event.pointerId) return;
    const passed = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
    for (const each of passed.length ? passed : [event]) strokes.at(-1).push(place(each));
    draw();
  });
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
  form.querySelector("[data-draw=undo]").addEventListener("click", () => {
    strokes.pop();
    draw();
  });
  form.querySelector("[data-draw=clear]").addEventListener("click", () => {
    strokes.length = 0;
    draw();
  });
  form.addEventListener("change", show);

  document.getElementById("drawing").hidden = false;
  if (!form.querySelector("[name=kind]:checked")) document.getElementById("kind-drawn").checked = true;
  show();
})();
