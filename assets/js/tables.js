// Long tables: filter, sort, choose columns, and take away what is shown. Without it they are plain tables.
(function () {
  "use strict";

  const here = new URL("./", document.currentScript.src);
  const NUMBER = /^(?:[pPn]\s*[=<>≤≥]\s*|[<>≤≥≈~约])?\s*([+\-−]?\d+(?:[,\u202f\u2009]\d{3})*(?:\.\d+)?(?:[eE][+\-−]?\d+)?)/;
  const WHOLE = /^[+\-−]?\d+(?:\.\d+)?(?:[eE][+\-−]?\d+)?$/;
  const PART = /^(\d+(?:\.\d+)?)\s*\/\s*(\d+(?:\.\d+)?)/;
  const DATE = /^\d{4}(?:-\d\d){0,2}(?:T.*)?$/;
  // As analysis/wording/escape.py: what a spreadsheet would run.
  const FORMULA = /^[=+\-@＝＋－＠\t\r\n]/;

  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  function fill(template, values) {
    return template.replace(/\{(\w+)\}/g, (all, key) => (key in values ? String(values[key]) : all));
  }

  // A cell's text without the signs that point to notes.
  function textOf(cell) {
    if (!cell.querySelector("abbr.mark")) return cell.textContent.trim().replace(/\s+/g, " ");
    const copy = cell.cloneNode(true);
    for (const mark of copy.querySelectorAll("abbr.mark")) mark.remove();
    return copy.textContent.trim().replace(/\s+/g, " ");
  }

  function folded(text) {
    return text.normalize("NFKC").toLowerCase();
  }

  function number(text) {
    const found = NUMBER.exec(text);
    return found ? Number(found[1].replace("−", "-").replace(/[,\u202f\u2009]/g, "")) : NaN;
  }

  function part(text) {
    const found = PART.exec(text);
    return found ? Number(found[1]) / Number(found[2]) : NaN;
  }

  // How a column's cells are put in order: as dates, shares ("2/18"), numbers, or words.
  function comparator(keys, isNumeric, collator) {
    const filled = keys.filter((key) => key);
    const dates = filled.filter((key) => DATE.test(key)).length;
    const parts = filled.filter((key) => PART.test(key)).length;
    const numbers = filled.filter((key) => !Number.isNaN(number(key))).length;
    let value = null;
    if (parts * 2 > filled.length) value = part;
    else if (dates && dates === filled.length) value = (key) => (key ? Date.parse(key) : NaN);
    else if (numbers && !parts && (isNumeric || numbers === filled.length)) value = number;
    if (!value) return { missing: (key) => !key, compare: (a, b) => collator.compare(a, b) };
    return { missing: (key) => Number.isNaN(value(key)), compare: (a, b) => value(a) - value(b) };
  }

  class Table {
    constructor(tools, table, text) {
      this.tools = tools;
      this.table = table;
      this.text = text;
      this.body = table.tBodies[0];
      this.heads = [...table.tHead.rows[0].cells];
      this.collator = new Intl.Collator(
        document.documentElement.lang.startsWith("zh") ? "zh-Hans-u-co-pinyin" : document.documentElement.lang || "en",
        { numeric: true, sensitivity: "base" },
      );
      this.sorted = { column: -1, direction: 0 };
      this.query = [];
      this.groups = [];
      for (const row of this.body.rows) {
        if (row.classList.contains("group")) this.groups.push({ heading: row, rows: [] });
        else {
          if (!this.groups.length) this.groups.push({ heading: null, rows: [] });
          this.groups[this.groups.length - 1].rows.push(row);
        }
      }
      this.words = new Map();
      this.total = this.groups.reduce((sum, group) => sum + group.rows.length, 0);
      this.addSorting();
      this.addTools();
      this.count();
    }

    get name() {
      return this.table.dataset.table;
    }

    wordsOf(cell) {
      if (!this.words.has(cell)) this.words.set(cell, textOf(cell));
      return this.words.get(cell);
    }

    // Tools ------------------------------------------------------------------------------------------

    addTools() {
      const { text } = this;
      const id = `filter-${this.name}`;
      this.input = element("input", {
        type: "search", id, class: "table-filter", placeholder: text["table-filter"], autocomplete: "off",
        spellcheck: "false", "aria-label": text["table-filter"],
      });
      let timer = 0;
      this.input.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(() => this.filter(this.input.value), 80);
      });
      this.state = element("span", { class: "table-state", role: "status" });
      this.tools.append(this.input, this.sortChoice(), this.state, this.columnChoice());
      for (const form of ["csv", "xlsx"]) {
        const label = fill(text["table-take"], { format: form.toUpperCase() });
        const button = element("button", { type: "button", class: "table-take", "aria-label": label, title: label });
        button.append(form.toUpperCase());
        button.addEventListener("click", () => this.take(form));
        this.tools.append(button);
      }
      this.tools.setAttribute("role", "group");
      this.tools.setAttribute("aria-label", text["table-tools"]);
    }

    // Where rows are cards there are no column heads to press.
    sortChoice() {
      this.choice = element("select", { class: "table-order", "aria-label": this.text["table-sort"] });
      this.choice.append(element("option", { value: "" }, this.text["table-sort"]));
      this.heads.forEach((head, column) => {
        for (const [direction, arrow] of [[1, "↑"], [-1, "↓"]]) {
          this.choice.append(element("option", { value: `${column} ${direction}` }, `${textOf(head)} ${arrow}`));
        }
      });
      this.choice.addEventListener("change", () => {
        const [column, direction] = this.choice.value.split(" ").map(Number);
        if (this.choice.value) this.sort(column, direction);
        else this.sort(-1, 0);
      });
      return this.choice;
    }

    columnChoice() {
      const panel = element("div", { class: "table-columns-panel", role: "group", "aria-label": this.text["table-columns"] });
      this.boxes = this.heads.map((head, column) => {
        if (column === 0) return null;
        const box = element("input", { type: "checkbox" });
        box.checked = true;
        box.addEventListener("change", () => this.showColumn(column, box.checked));
        panel.append(element("label", {}, box, " ", textOf(head)));
        return box;
      });
      this.summary = element("summary", {}, this.text["table-columns"]);
      const details = element("details", { class: "table-columns" }, this.summary, panel);
      details.addEventListener("keydown", (event) => {
        if (event.key !== "Escape" || !details.open) return;
        details.open = false;
        this.summary.focus();
      });
      document.addEventListener("click", (event) => {
        if (!details.contains(event.target)) details.open = false;
      });
      return details;
    }

    showColumn(column, shown) {
      for (const row of this.table.rows) {
        if (!row.classList.contains("group")) row.cells[column].hidden = !shown;
      }
      const left = this.heads.filter((head) => !head.hidden).length;
      for (const { heading } of this.groups) if (heading) heading.cells[0].colSpan = left;
      this.boxes[column].checked = shown;
      const all = this.heads.length;
      this.summary.textContent = this.text["table-columns"] + (left < all ? ` ${left}/${all}` : "");
      if (this.query.length) this.filter(this.input.value);
    }

    // Filter -----------------------------------------------------------------------------------------

    filter(query) {
      this.query = folded(query).split(/\s+/).filter(Boolean);
      for (const { heading, rows } of this.groups) {
        const title = heading ? folded(this.wordsOf(heading.cells[0])) : "";
        let any = false;
        for (const row of rows) {
          const words = [title];
          for (const cell of row.cells) if (!cell.hidden) words.push(folded(this.wordsOf(cell)));
          const line = words.join(" ");
          row.hidden = !this.query.every((word) => line.includes(word));
          any = any || !row.hidden;
        }
        if (heading) heading.hidden = !any && rows.length > 0;
      }
      this.count();
    }

    count() {
      const shown = this.groups.reduce((sum, { rows }) => sum + rows.filter((row) => !row.hidden).length, 0);
      this.state.textContent = fill(this.text["table-rows"], { shown, total: this.total });
    }

    // Sort -------------------------------------------------------------------------------------------

    addSorting() {
      this.heads.forEach((head, column) => {
        const button = element("button", { type: "button", class: "table-sort" });
        button.append(...head.childNodes);
        head.append(button);
        button.addEventListener("click", () => {
          const same = this.sorted.column === column;
          const direction = same ? { 1: -1, [-1]: 0, 0: 1 }[this.sorted.direction] : 1;
          this.sort(column, direction);
        });
      });
    }

    // Rows stay under their heading; what has no value comes last either way.
    sort(column, direction) {
      this.sorted = { column, direction };
      this.heads.forEach((head, place) => {
        if (place === column && direction) {
          head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
        } else head.removeAttribute("aria-sort");
      });
      this.choice.value = direction ? `${column} ${direction}` : "";
      const key = (row) => {
        const cell = row.cells[column];
        return cell.dataset.sort || (cell.querySelector(".muted") ? "" : this.wordsOf(cell));
      };
      const rows = this.groups.flatMap((group) => group.rows);
      const order = direction && comparator(
        rows.map(key), rows.some((row) => row.cells[column].dataset.sort || row.cells[column].matches(".num")), this.collator,
      );
      for (const { heading, rows: own } of this.groups) {
        const inOrder = [...own];
        if (direction) {
          inOrder.sort((a, b) => {
            const [one, two] = [key(a), key(b)];
            const [noOne, noTwo] = [order.missing(one), order.missing(two)];
            if (noOne || noTwo) return Number(noOne) - Number(noTwo);
            return direction * order.compare(one, two);
          });
        }
        if (heading) this.body.append(heading);
        this.body.append(...inOrder);
      }
    }

    // Take away --------------------------------------------------------------------------------------

    // Heads and rows as they are shown, a heading above rows as a column of its own.
    shown() {
      const grouped = this.groups.some(({ heading }) => heading);
      const visible = (cells) => [...cells].filter((cell) => !cell.hidden).map((cell) => this.wordsOf(cell));
      const lines = [[...(grouped ? [this.text["table-part"]] : []), ...visible(this.heads)]];
      for (const { heading } of this.groups) {
        const title = heading ? this.wordsOf(heading.cells[0]) : "";
        let row = heading ? heading.nextElementSibling : this.body.rows[0];
        for (; row && !row.classList.contains("group"); row = row.nextElementSibling) {
          if (!row.hidden) lines.push([...(grouped ? [title] : []), ...visible(row.cells)]);
        }
      }
      return lines.map((line, place) => line.map((value) => (place && WHOLE.test(value) ? number(value) : value)));
    }

    async take(form) {
      const lines = this.shown();
      const blob = form === "csv" ? csv(lines) : await workbook(this.name, lines);
      const link = element("a", { href: URL.createObjectURL(blob), download: `${this.name}-shown.${form}` });
      document.body.append(link);
      link.click();
      link.remove();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    }

    // A link leads to a row or a cell that is filtered out: show it.
    reveal(target) {
      const row = target.closest("tr");
      if (row && row.hidden) {
        this.input.value = "";
        this.filter("");
      }
      const cell = target.closest("th, td");
      if (cell && cell.hidden) this.showColumn(cell.cellIndex, true);
    }
  }

  function csv(lines) {
    const cell = (value) => {
      const guarded = typeof value === "string" && FORMULA.test(value) ? `'${value}` : String(value);
      return /[",\n\r]/.test(guarded) ? `"${guarded.replace(/"/g, '""')}"` : guarded;
    };
    // The byte-order mark tells Excel that the file is UTF-8.
    const text = `\ufeff${lines.map((line) => line.map(cell).join(",")).join("\r\n")}\r\n`;
    return new Blob([text], { type: "text/csv;charset=utf-8" });
  }

  let loading = null;
  async function workbook(name, lines) {
    loading = loading || new Promise((resolve, reject) => {
      const script = element("script", { src: new URL("xlsx.js", here).href });
      script.addEventListener("load", resolve);
      script.addEventListener("error", () => { loading = null; reject(new Error("xlsx.js")); });
      document.head.append(script);
    });
    await loading;
    return window.reviewWorkbook(name, lines);
  }

  function start() {
    const data = document.getElementById("review-words");
    const text = data ? JSON.parse(data.textContent) : {};
    const tables = [];
    for (const tools of document.querySelectorAll(".table-tools:empty")) {
      const table = tools.parentElement.querySelector("table[data-table]");
      if (table && table.tHead && table.tBodies.length) tables.push(new Table(tools, table, text));
    }
    if (!tables.length) return;
    const reveal = () => {
      const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      const holder = target && tables.find(({ table }) => table.contains(target));
      if (!holder || target.checkVisibility()) return;
      holder.reveal(target);
      target.scrollIntoView();
    };
    addEventListener("hashchange", reveal);
    // A link to the place that the address names already changes no hash.
    document.addEventListener("click", (event) => {
      const link = event.target.closest && event.target.closest("a[href*='#']");
      if (link && link.hash && link.hash === location.hash) reveal();
    });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
