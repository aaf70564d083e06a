// @ts-check
// A table card: rows of text that sort by their values, with a CSV download. Streams like any other chart.
import { Card } from "./card.js";

/** @typedef {import("./protocol.js").Spec} Spec */
/** @typedef {import("./protocol.js").Part} Part */
/** @typedef {import("./protocol.js").Cell} Cell */
/** @typedef {import("./protocol.js").TableFigure} TableFigure */

export class Table extends Card {
  /** @param {string} name @param {import("./panel.js").Panel} panel */
  constructor(name, panel) {
    super(name, panel);
    this.element.classList.add("dl-table-card");
    this.table = document.createElement("table");
    this.table.className = "dl-table";
    this.head_ = this.table.createTHead().insertRow();
    this.rows = this.table.createTBody();
    /** @type {TableFigure} */
    this.figure = { columns: [], looks: [], rows: [] };
    /** @type {Cell[][]} */
    this.latest = [];
    this.body.append(this.table);
    /** @type {{column: number, falling: boolean} | null} */
    this.sorted = null;
  }

  /** @param {Spec} spec */
  mount(spec) {
    this.head(spec);
    this.body.setAttribute("role", "group");
    this.figure = spec.figure;
    this.head_.replaceChildren(...this.figure.columns.map((column, index) => this.heading(column, index)));
    const save = Object.assign(document.createElement("button"), { type: "button", className: "dl-toggle", textContent: "CSV", title: "Download this table" });
    save.onclick = () => this.download();
    this.tools.replaceChildren(save);
    this.show(spec.figure.rows);
  }

  /** @param {{title: string, help: string}} column @param {number} index */
  heading(column, index) {
    const cell = document.createElement("th");
    cell.scope = "col";
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: column.title, title: column.help });
    button.onclick = () => {
      const falling = this.sorted?.column === index && !this.sorted.falling;
      this.sorted = { column: index, falling };
      [...this.head_.cells].forEach((other) => other.removeAttribute("aria-sort"));
      cell.setAttribute("aria-sort", falling ? "descending" : "ascending");
      this.show(this.latest);
    };
    cell.append(button);
    return cell;
  }

  /** @param {Part[]} parts */
  draw(parts) {
    const rows = parts.findLast((part) => part.rows)?.rows;
    if (rows) this.show(rows);
    const caption = parts.findLast((part) => part.caption !== undefined)?.caption;
    if (caption !== undefined) this.say(caption);
  }

  /** @param {Part} part */
  rest(part) {
    if (part.rows) this.show(part.rows);
    if (part.caption !== undefined) this.say(part.caption);
  }

  /** @param {Cell[][]} rows */
  show(rows) {
    this.latest = rows;
    const order = rows.map((_, index) => index);
    if (this.sorted) {
      const { column, falling } = this.sorted;
      const value = (/** @type {number} */ index) => rows[index][column].value ?? Infinity; // what is missing comes last
      order.sort((a, b) => (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : a - b) * (falling ? -1 : 1));
    }
    while (this.rows.rows.length > rows.length) this.rows.deleteRow(-1);
    order.forEach((index, place) => {
      const row = this.rows.rows[place] ?? this.rows.insertRow();
      const look = this.figure.looks[index];
      row.onpointerenter = look ? () => this.panel.board.point(look.lane) : null;
      row.onpointerleave = look ? () => this.panel.board.point(null) : null;
      rows[index].forEach((cell, column) => {
        const element = row.cells[column] ?? row.insertCell();
        const text = column === 0 && look ? `${look.glyph} ${cell.text}` : cell.text;
        if (element.textContent !== text) element.textContent = text;
        element.classList.toggle("dl-number", typeof cell.value === "number" && column > 0);
      });
      if (look) row.cells[0].style.setProperty("--dl-color", look.color);
    });
  }

  download() {
    const quote = (/** @type {string} */ text) => {
      const plain = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text; // no formulas in spreadsheets
      return /[",\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
    };
    const lines = [this.figure.columns.map((column) => column.title), ...this.latest.map((row) => row.map((cell) => String(cell.value ?? cell.text)))];
    const blob = new Blob([lines.map((line) => line.map(quote).join(",")).join("\n") + "\n"], { type: "text/csv" });
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: `${this.spec.file ?? "table"}.csv` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
}
