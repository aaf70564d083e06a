// A table card: rows of text that sort by their values, with a CSV download. Streams like any other chart.
import { Card } from "./card.js";

export class Table extends Card {
  constructor(name, panel) {
    super(name, panel);
    this.element.classList.add("dl-table-card");
    this.table = document.createElement("table");
    this.table.className = "dl-table";
    this.head_ = this.table.createTHead().insertRow();
    this.rows = this.table.createTBody();
    this.body.append(this.table);
    this.sorted = null; // {column, falling}
  }

  mount(spec) {
    this.head(spec);
    this.body.setAttribute("role", "group");
    this.figure = spec.figure; // {columns: [{title, help}], looks: [{lane, color, glyph}], rows: [[{text, value}, …], …]}
    this.head_.replaceChildren(...spec.figure.columns.map((column, index) => this.heading(column, index)));
    const save = Object.assign(document.createElement("button"), { type: "button", className: "dl-toggle", textContent: "CSV", title: "Download this table" });
    save.onclick = () => this.download();
    this.tools.replaceChildren(save);
    this.show(spec.figure.rows);
  }

  heading(column, index) {
    const cell = document.createElement("th");
    cell.scope = "col";
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: column.title, title: column.help ?? "Sort" });
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

  draw(parts) {
    const rows = parts.findLast((part) => part.rows)?.rows;
    if (rows) this.show(rows);
    const caption = parts.findLast((part) => part.caption !== undefined)?.caption;
    if (caption !== undefined) this.say(caption);
  }

  rest(figure) {
    this.show(figure.rows);
    if (figure.caption !== undefined) this.say(figure.caption);
  }

  show(rows) {
    this.latest = rows;
    const order = rows.map((_, index) => index);
    if (this.sorted) {
      const { column, falling } = this.sorted;
      const value = (index) => rows[index][column].value ?? Infinity; // what is missing comes last
      order.sort((a, b) => (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : a - b) * (falling ? -1 : 1));
    }
    while (this.rows.rows.length > rows.length) this.rows.deleteRow(-1);
    order.forEach((index, place) => {
      const row = this.rows.rows[place] ?? this.rows.insertRow();
      const look = this.figure.looks?.[index];
      row.onpointerenter = look ? () => this.panel.point(look.lane) : null;
      row.onpointerleave = look ? () => this.panel.point(null) : null;
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
    const quote = (text) => {
      const plain = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text; // no formulas in spreadsheets
      return /[",\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
    };
    const lines = [this.figure.columns.map((column) => column.title), ...this.latest.map((row) => row.map((cell) => String(cell.csv ?? cell.value ?? cell.text)))];
    const blob = new Blob([lines.map((line) => line.map(quote).join(",")).join("\n") + "\n"], { type: "text/csv" });
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: `${this.spec.file ?? "table"}.csv` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  resize() {}
}
