// @ts-check
// The network diagram: neurons as small live maps over the input plane, links by sign (colour) and size (width).
import { Card } from "./card.js";
import { Editor } from "./edit.js";
import { bytes, paint } from "./drawing.js";
import { show } from "../stepper/dom.js";

/** @typedef {import("./protocol.js").Spec} Spec */
/** @typedef {import("./protocol.js").Part} Part */
/** @typedef {import("./protocol.js").NetworkFigure} NetworkFigure */
/**
 * @typedef {object} Node
 * @property {number} layer
 * @property {number} index
 * @property {string} title
 * @property {HTMLButtonElement} button
 * @property {HTMLCanvasElement} canvas
 * @property {Uint8Array} palette
 * @property {number} x
 * @property {number} y
 * @property {number} size
 * @property {Uint8Array} [map]
 */

const DENSE = 1_000;

export class Network extends Card {
  /** @param {string} name @param {import("./panel.js").Panel} panel */
  constructor(name, panel) {
    super(name, panel);
    this.body.classList.add("dl-network");
    this.links = document.createElement("canvas");
    this.links.className = "dl-links";
    this.tip = document.createElement("output");
    this.tip.className = "dl-tip";
    this.tip.hidden = true;
    this.body.append(this.links, this.tip);
    this.body.onpointermove = (event) => this.hoverLink(event);
    this.body.onclick = (event) => {
      const link = this.spec_?.clicks || this.spec_?.edits ? this.nearest(event) : null;
      if (link && this.spec.edits) this.edit(link.to.layer, link.to.index, link.from.index);
      else if (link) this.panel.click(this.spec.name, link.index, 0, this.spec.pauses ?? true);
    };
    this.body.onpointerleave = () => { this.tip.hidden = true; };
    /** @type {Node | null} */
    this.pinned = null;
    /** @type {Node | null} */
    this.pointed = null;
    /** @type {Node[][]} */
    this.nodes = [];
    /** @type {HTMLElement[]} */
    this.labels = [];
    this.size = 0;
    this.ratio = 1;
    /** @type {Float32Array | null} */
    this.weights = null;
    /** @type {Float32Array | null} */
    this.biases = null; // where they can be edited
    /** @type {Editor | null} */
    this.editor = null;
    this.palette = new Uint8Array();
    /** @type {NetworkFigure} */
    this.figure = { layers: [], headings: [], palette: "", outputs: [], frozen: [], chosen: "", negative: "", positive: "" };
  }

  /** @param {Spec} spec */
  mount(spec) {
    this.head(spec);
    this.body.setAttribute("role", "group");
    this.figure = spec.figure;
    this.palette = bytes(spec.figure.palette);
    const outputs = this.figure.outputs.map(bytes); // of several classes, each in its own colour
    const last = this.figure.layers.length - 1;
    this.pinned = null;
    this.panel.board.overlay(null);
    this.nodes.flat().forEach((node) => node.button.remove());
    this.nodes = this.figure.layers.map((names, layer) => names.map((title, index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "dl-node";
      button.setAttribute("aria-label", title);
      button.title = title;
      const canvas = document.createElement("canvas");
      button.append(canvas);
      const palette = layer === last && outputs[index] || this.palette;
      /** @type {Node} */
      const node = { layer, index, title, button, canvas, palette, x: 0, y: 0, size: 0 };
      button.onpointerenter = () => this.point(node);
      button.onpointerleave = () => this.point(this.pinned);
      button.onfocus = () => this.point(node);
      button.onblur = () => this.point(this.pinned);
      button.onclick = () => {
        this.pinned = this.pinned === node ? null : node;
        this.nodes.flat().forEach((other) => other.button.setAttribute("aria-pressed", String(other === this.pinned)));
        this.point(this.pinned);
        if (this.spec.edits && layer && this.pinned) this.edit(layer, index, null);
      };
      this.body.append(button);
      return node;
    }));
    this.labels.forEach((label) => label.remove());
    this.labels = this.figure.headings.map((text) => {
      const label = document.createElement("span");
      label.className = "dl-layer-name";
      label.textContent = text;
      this.body.append(label);
      return label;
    });
    this.resize();
  }

  /** A weight or bias of a neuron on a slider. @param {number} layer @param {number} target @param {number | null} source */
  edit(layer, target, source) {
    if (!this.panel.aims.offers("edit_weights")) return;
    this.editor ??= new Editor(this);
    this.editor.open(layer, target, source);
  }

  resize() {
    if (!this.nodes.length) return;
    const { width, height } = this.body.getBoundingClientRect();
    if (width < 20 || height < 20) return;
    const most = Math.max(...this.nodes.map((layer) => layer.length));
    const top = 22;
    const row = (height - top - 4) / most;
    const size = Math.max(7, Math.min(40, row * 0.84, (width / this.nodes.length) * 0.5));
    const left = size / 2 + 18;
    const gap = this.nodes.length > 1 ? (width - 2 * left) / (this.nodes.length - 1) : 0;
    this.nodes.forEach((layer, column) => {
      const space = Math.min(row, size * 1.5, (height - top - 4) / layer.length);
      layer.forEach((node, index) => {
        node.x = left + column * gap;
        node.y = top + (height - top) / 2 + (index - (layer.length - 1) / 2) * space;
        node.size = size;
        Object.assign(node.button.style, {
          left: `${node.x - size / 2}px`, top: `${node.y - size / 2}px`, width: `${size}px`, height: `${size}px`,
        });
      });
      const label = this.labels[column];
      label.style.left = `${left + column * gap}px`;
      label.dataset.edge = column === 0 ? "first" : column === this.nodes.length - 1 ? "last" : "";
    });
    this.ratio = window.devicePixelRatio || 1;
    this.links.width = width * this.ratio;
    this.links.height = height * this.ratio;
    this.drawLinks();
  }

  /** At rest the maps are those of the weights. @param {Part} part */
  rest(part) {
    this.draw([part]);
  }

  /** @param {Part[]} parts */
  draw(parts) {
    const part = parts[parts.length - 1];
    if (part.weights) this.weights = new Float32Array(bytes(part.weights).buffer);
    if (part.biases) this.biases = new Float32Array(bytes(part.biases).buffer);
    const withMaps = parts.findLast((each) => each.maps);
    if (withMaps?.maps && withMaps.size) this.drawMaps(bytes(withMaps.maps), withMaps.size);
    this.drawLinks();
    if (this.pointed) this.point(this.pointed);
    this.editor?.show();
  }

  /** One map of size × size bytes for each neuron, layer by layer. @param {Uint8Array} maps @param {number} size */
  drawMaps(maps, size) {
    this.size = size;
    this.nodes.flat().forEach((node, index) => {
      node.map = maps.subarray(index * size * size, (index + 1) * size * size);
      paint(node.canvas, node.map, size, size, node.palette);
    });
  }

  /** Thousands of links are straight and thin: curves and dashes of that many cost 50 to 150 ms a frame. */
  get dense() {
    return this.weights !== null && this.weights.length > DENSE;
  }

  drawLinks() {
    if (!this.weights) return;
    const context = this.links.getContext("2d");
    if (!context) return;
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.links.width, this.links.height);
    let k = 0;
    for (let layer = 1; layer < this.nodes.length; layer++) {
      for (const from of this.nodes[layer - 1]) {
        for (const to of this.nodes[layer]) {
          const weight = this.weights[k++];
          const chosen = this.spec.chosen?.includes(k - 1); // the two weights that a picture is drawn over
          if (weight === 0 && !chosen) continue;
          this.pen(context, weight, layer);
          const middle = (from.x + to.x) / 2;
          context.beginPath();
          context.moveTo(from.x + from.size / 2, from.y);
          if (this.dense) context.lineTo(to.x - to.size / 2, to.y);
          else context.bezierCurveTo(middle, from.y, middle, to.y, to.x - to.size / 2, to.y);
          context.stroke();
          if (chosen) {
            Object.assign(context, { strokeStyle: this.figure.chosen, globalAlpha: 1, lineWidth: 3 });
            context.setLineDash([]);
            context.stroke();
          }
        }
      }
    }
  }

  /** The line of a weight into a layer. @param {CanvasRenderingContext2D} context @param {number} weight @param {number} layer */
  pen(context, weight, layer) {
    const strength = Math.min(1, Math.abs(weight) / 2);
    context.strokeStyle = weight < 0 ? this.figure.negative : this.figure.positive;
    context.globalAlpha = (0.15 + 0.75 * strength) * (this.figure.frozen.includes(layer) ? 0.4 : 1);
    context.lineWidth = 0.4 + (this.dense ? 2 : 5) * strength;
    context.setLineDash(weight < 0 && (!this.dense || strength > 0.5) ? [5, 3] : []); // colour is never the only cue
  }

  /** The link nearest to the pointer, if one is near, with the pointer's place. @param {PointerEvent | MouseEvent} event */
  nearest(event) {
    if (!this.weights || (event.target instanceof Element && event.target.closest(".dl-node"))) return null;
    const box = this.body.getBoundingClientRect();
    const x = event.clientX - box.left, y = event.clientY - box.top;
    /** @type {{index: number, weight: number, from: Node, to: Node, x: number, y: number, width: number} | null} */
    let best = null;
    let distance = 7, k = 0;
    for (let layer = 1; layer < this.nodes.length; layer++) {
      for (const from of this.nodes[layer - 1]) {
        for (const to of this.nodes[layer]) {
          const index = k++;
          const x0 = from.x + from.size / 2, x1 = to.x - to.size / 2;
          if (x < x0 || x > x1) continue;
          const share = (x - x0) / (x1 - x0);
          const away = Math.abs((this.dense ? from.y + share * (to.y - from.y) : curveY(share, from.y, to.y)) - y);
          if (away < distance) { distance = away; best = { index, weight: this.weights[index], from, to, x, y, width: box.width }; }
        }
      }
    }
    return best;
  }

  /** @param {PointerEvent} event */
  hoverLink(event) {
    const best = this.nearest(event);
    this.tip.hidden = !best;
    this.body.style.cursor = best && (this.spec.clicks || this.spec.edits) ? "pointer" : "";
    if (!best) return;
    this.tip.textContent = `${best.from.title} → ${best.to.title}: weight ${show(best.weight, 3)}`;
    this.tip.style.left = `${Math.max(0, Math.min(best.x + 10, best.width - this.tip.offsetWidth - 2))}px`;
    this.tip.style.top = `${Math.max(0, best.y - 30)}px`;
  }

  /** @param {Node | null} node */
  point(node) {
    this.pointed = node;
    this.panel.board.overlay(!node?.map ? null : {
      values: node.map, width: this.size, height: this.size, palette: node.palette,
      title: `${node.title}${node === this.pinned ? " (pinned)" : ""}`,
    });
  }
}

/**
 * y of the Bézier curve above a given share of its width (its x runs monotonically): bisection on t
 * @param {number} share @param {number} y0 @param {number} y1
 */
function curveY(share, y0, y1) {
  let low = 0, high = 1;
  for (let i = 0; i < 12; i++) {
    const t = (low + high) / 2;
    const s = 1 - t;
    const at = 1.5 * s * s * t + 1.5 * s * t * t + t * t * t;
    if (at < share) low = t; else high = t;
  }
  const t = (low + high) / 2, s = 1 - t;
  return (s * s * s + 3 * s * s * t) * y0 + (3 * s * t * t + t * t * t) * y1;
}
