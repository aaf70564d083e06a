// The pictures of the Teacher view that are no charts: all students' neurons as arrows in the plane, or as small matrices.
import { ARRIVED } from "./teacher_math.js";

// A canvas as large as `box`, drawn on in CSS pixels.
export function canvasIn(box) {
  let canvas = box.querySelector("canvas");
  if (!canvas) canvas = box.appendChild(Object.assign(document.createElement("canvas"), { className: "ca-canvas" }));
  const { clientWidth: width, clientHeight: height } = box, scale = Math.min(window.devicePixelRatio || 1, 2);
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    Object.assign(canvas, { width: Math.round(width * scale), height: Math.round(height * scale) });
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  return { pen, width, height };
}

// All students' neurons as points with a thin line from 0, the teacher's as thick arrows, one student's as numbered arrows.
export function drawPlane(box, plot, { W, size, losses, teacher, shown, newNeuron }, colors) {
  const { pen } = canvasIn(box), { _size: margin, xaxis, yaxis } = plot._fullLayout;
  const at = (x, y) => [margin.l + xaxis.d2p(x), margin.t + yaxis.d2p(y)], zero = at(0, 0);
  pen.save();
  pen.beginPath();
  pen.rect(margin.l, margin.t, margin.w, margin.h);
  pen.clip();
  pen.strokeStyle = colors.faint;
  pen.globalAlpha = 0.5;
  pen.beginPath();
  pen.arc(...zero, Math.abs(at(1, 0)[0] - zero[0]), 0, 2 * Math.PI);
  pen.stroke();
  const sorted = [[], []];
  losses.forEach((loss, r) => sorted[loss < ARRIVED ? 0 : 1].push(r));
  const faint = Math.max(0.07, Math.min(0.5, 12 / losses.length));
  sorted.forEach((students, stuck) => {
    pen.strokeStyle = pen.fillStyle = stuck ? colors.second : colors.first;
    for (const r of students) for (let k = r * size; k < (r + 1) * size; k += 2) {
      const tip = at(W[k], W[k + 1]);
      pen.globalAlpha = faint;
      pen.lineWidth = 1;
      line(pen, zero, tip);
      pen.globalAlpha = 0.6;
      if (stuck) cross(pen, tip, 2.6);
      else disc(pen, tip, 1.9);
    }
  });
  pen.globalAlpha = 1;
  for (const [x, y] of teacher) arrow(pen, zero, at(x, y), colors.ink, 2.2, 9, [7, 4]);
  const color = shown.loss < ARRIVED ? colors.first : colors.second;
  for (let k = 0; k < shown.W.length; k += 2) {
    const tip = at(shown.W[k], shown.W[k + 1]);
    arrow(pen, zero, tip, colors.surface, 6, 13);
    arrow(pen, zero, tip, color, 3, 11);
    label(pen, String(k / 2 + 1), zero, tip, colors);
  }
  if (newNeuron) arrow(pen, zero, at(...newNeuron), colors.third, 2, 8, [2, 3]);
  pen.restore();
}

function line(pen, from, to) {
  pen.beginPath();
  pen.moveTo(...from);
  pen.lineTo(...to);
  pen.stroke();
}

function disc(pen, [x, y], radius) {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fill();
}

function cross(pen, [x, y], half) {
  line(pen, [x - half, y - half], [x + half, y + half]);
  line(pen, [x - half, y + half], [x + half, y - half]);
}

function arrow(pen, from, to, color, width, head, dash = []) {
  const dx = to[0] - from[0], dy = to[1] - from[1], long = Math.hypot(dx, dy);
  if (!(long > 0.5)) return;
  const ux = dx / long, uy = dy / long, size = Math.min(head, long), back = [to[0] - size * ux, to[1] - size * uy];
  Object.assign(pen, { strokeStyle: color, fillStyle: color, lineWidth: width });
  pen.setLineDash(dash);
  line(pen, from, back);
  pen.setLineDash([]);
  pen.beginPath();
  pen.moveTo(...to);
  pen.lineTo(back[0] - size * 0.45 * uy, back[1] + size * 0.45 * ux);
  pen.lineTo(back[0] + size * 0.45 * uy, back[1] - size * 0.45 * ux);
  pen.fill();
}

function label(pen, text, from, to, colors) {
  const dx = to[0] - from[0], dy = to[1] - from[1], long = Math.hypot(dx, dy) || 1, part = Math.max(0.5, 1 - 26 / long);
  const x = from[0] + part * dx - (11 * dy) / long, y = from[1] + part * dy + (11 * dx) / long;
  pen.font = "600 12px system-ui, sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  Object.assign(pen, { fillStyle: colors.surface, strokeStyle: colors.surface, lineWidth: 4 });
  pen.strokeText(text, x, y);
  pen.fillStyle = colors.ink;
  pen.fillText(text, x, y);
}

// The rows of a student's matrix in the order of the teacher's neurons that they are most like; what is left over comes last.
export function rowsInOrder(W, from, K, D) {
  const pairs = [], order = new Array(D).fill(-1), free = new Set(Array.from({ length: K }, (_, i) => i));
  for (let i = 0; i < K; i++) for (let d = 0; d < D; d++) pairs.push([W[from + i * D + d], i, d]);
  pairs.sort((a, b) => b[0] - a[0]);
  for (const [, i, d] of pairs) if (order[d] < 0 && free.has(i)) { order[d] = i; free.delete(i); }
  return [...order.filter((i) => i >= 0), ...free];
}

// Every student as a small matrix: a row for each neuron, a column for each of the teacher's. Gives where each one stands.
export function drawMatrices(box, { W, K, D, losses, pick }, colors) {
  const { pen, width, height } = canvasIn(box), count = losses.length, places = [];
  let columns = 1;
  while (columns < count && (width / columns) * Math.ceil(count / columns) * ((K + 1) / (D + 1)) > height) columns += 1;
  const step = width / columns, cell = Math.max(1, Math.floor(((step - 3) / D) * 2) / 2), cells = new Map();
  for (let r = 0; r < count; r++) {
    const x = (r % columns) * step + 1, y = Math.floor(r / columns) * ((cell * K) + 3) + 1, from = r * K * D;
    rowsInOrder(W, from, K, D).forEach((i, row) => {
      for (let d = 0; d < D; d++) {
        const level = levelOf(W[from + i * D + d]);
        if (!cells.has(level)) cells.set(level, []);
        if (level) cells.get(level).push(x + d * cell, y + row * cell);
      }
    });
    places.push([x, y, cell * D, cell * K]);
  }
  for (const [level, corners] of cells) {
    pen.fillStyle = shadeOf(level, colors, 100);
    for (let k = 0; k < corners.length; k += 2) pen.fillRect(corners[k], corners[k + 1], cell, cell);
  }
  places.forEach(([x, y, w, h], r) => {
    pen.lineWidth = r === pick ? 2.5 : 1;
    pen.strokeStyle = r === pick ? colors.ink : losses[r] < ARRIVED ? colors.first : colors.second;
    pen.strokeRect(x - 0.5, y - 0.5, w + 1, h + 1);
  });
  return places;
}

// From orange (−1) through the ground (0) to blue (1), in steps of a twentieth.
const levelOf = (value) => Math.round(Math.max(-1, Math.min(1, value)) * 20) || 0;
const shadeOf = (level, colors, most) => `color-mix(in srgb, ${level < 0 ? colors.second : colors.first} ${(Math.abs(level) * most) / 20}%, ${colors.surface})`;

// The same as the ground of a table's cell, pale enough for its text to be read.
export const shade = (value, colors) => `background:${shadeOf(levelOf(value), colors, 55)}`;
