// Search in both engines' pages, over Pagefind's index of sections. Nothing is loaded before it is opened.
(function () {
  "use strict";

  const root = new URL("../../", document.currentScript.src);
  const SHOWN = 20;
  const VARIANTS = 12;
  const HAN = /\p{Script=Han}/u;
  const LATIN = /[\p{Script=Latin}\p{N}]/u;

  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  function fill(template, values) {
    return template.replace(/\{(\w+)\}/g, (all, key) => (key in values ? String(values[key]) : all));
  }

  // What is asked -------------------------------------------------------------------------------------

  // Where a name stands in the query as words of its own; Chinese has no spaces to tell.
  function places(query, name) {
    const found = [];
    for (let at = query.indexOf(name); at >= 0; at = query.indexOf(name, at + 1)) {
      let end = at + name.length;
      if (LATIN.test(name[0]) && at > 0 && LATIN.test(query[at - 1])) continue;
      if (LATIN.test(name[name.length - 1])) {
        if (query[end] === "s") end += 1;
        if (end < query.length && LATIN.test(query[end])) continue;
      }
      found.push([at, end]);
    }
    return found;
  }

  // The query cut where names of the glossary stand in it: each piece as all the ways to say it.
  function pieces(query, synonyms) {
    const lower = query.toLowerCase();
    const hits = [];
    for (const group of synonyms) {
      for (const name of group) {
        for (const [from, to] of places(lower, name.toLowerCase())) hits.push({ from, to, group });
      }
    }
    hits.sort((a, b) => b.to - b.from - (a.to - a.from) || a.from - b.from);
    const kept = [];
    for (const hit of hits) {
      const same = kept.find((other) => other.from === hit.from && other.to === hit.to);
      if (same) same.names.push(...hit.group);
      else if (kept.every((other) => other.to <= hit.from || hit.to <= other.from)) {
        kept.push({ from: hit.from, to: hit.to, names: [...hit.group] });
      }
    }
    kept.sort((a, b) => a.from - b.from);
    const cut = [];
    let at = 0;
    for (const { from, to, names } of kept) {
      if (from > at) cut.push([query.slice(at, from)]);
      cut.push([query.slice(from, to), ...names]);
      at = to;
    }
    if (at < query.length) cut.push([query.slice(at)]);
    return cut;
  }

  // Every way to ask, the reader's own first.
  function variants(query, words, chinese) {
    const simple = [...query].map((letter) => words.simplified.get(letter) || letter).join("");
    let ways = [""];
    for (const [typed, ...names] of pieces(simple, words.synonyms)) {
      const fitting = names.filter((name) => chinese || !HAN.test(name));
      // The name as the glossary writes it, in the place of the one that was typed: capitals count in `holds`.
      const choices = new Map([typed, ...fitting].map((name) => [name.toLowerCase(), name]));
      const more = [];
      for (const choice of choices.values()) for (const way of ways) more.push(`${way} ${choice}`);
      ways = more.slice(0, VARIANTS);
    }
    const all = ways.map((way) => way.replace(/\s+/g, " ").trim());
    if (simple !== query) all.push(query);
    return [...new Set(all)];
  }

  // One or two letters mean many things: what a term written out finds comes first.
  function trust(query) {
    return query.split(" ").some((word) => word.length < 3 && !HAN.test(word) && /\p{L}/u.test(word)) ? 0.4 : 1;
  }

  // Pagefind knows no capitals, and takes a word that it does not know for the beginning of one that it does.
  function holds(content, query) {
    const plain = content.normalize("NFKC");
    const lower = plain.toLowerCase();
    return query.split(/[^\p{L}\p{N}]+/u).every((word) => {
      if (HAN.test(word)) return [...word].some((letter) => lower.includes(letter));
      if (/^\p{Lu}{2,3}$/u.test(word)) return new RegExp(`(?<!\\p{L})${word}(?!\\p{Lu})`, "u").test(plain);
      const start = word.toLowerCase();
      return lower.includes(start.length < 4 ? start : start.slice(0, Math.ceil(start.length * 0.6)));
    });
  }

  // What is found -------------------------------------------------------------------------------------

  class Index {
    constructor(htmlLang, base) {
      this.htmlLang = htmlLang;
      this.base = base;
      this.ready = null;
    }

    load() {
      this.ready = this.ready || this.open().catch((error) => {
        this.ready = null;
        throw error;
      });
      return this.ready;
    }

    async open() {
      const [engine, words] = await Promise.all([
        import(new URL("pagefind/pagefind.js", this.base).href),
        fetch(new URL("pagefind/words.json", this.base)).then((answer) => answer.json()),
      ]);
      await engine.options({ baseUrl: "/", excerptLength: 24 });
      await engine.init();
      const letters = [...words.characters];
      const simplified = new Map();
      for (let i = 0; i < letters.length; i += 2) simplified.set(letters[i], letters[i + 1]);
      return { engine, words: { simplified, synonyms: words.synonyms } };
    }

    // The sections that hold every word of one variant, best first, and whether there are more.
    async find(query) {
      const { engine, words } = await this.load();
      const ways = variants(query, words, this.htmlLang.startsWith("zh"));
      const best = new Map();
      for (const way of ways) {
        const found = await engine.search(way);
        for (const result of found.results) {
          const score = result.score * trust(way);
          const known = best.get(result.id);
          if (!known || known.score < score) best.set(result.id, { result, score, way });
        }
      }
      const hits = await this.read([...best.values()]);
      if (hits.sections.length) return hits;
      for (const way of ways) {
        const apart = await this.apart(engine, way);
        if (apart.sections.length) return apart;
      }
      return hits;
    }

    async read(found) {
      found.sort((a, b) => b.score - a.score);
      const sections = [];
      let at = 0;
      for (; at < found.length && sections.length < SHOWN; at += SHOWN) {
        const read = await Promise.all(
          found.slice(at, at + SHOWN).map(async ({ result, way }) => ({ way, section: await result.data() })),
        );
        sections.push(...read.filter(({ section, way }) => holds(section.content, way)).map(({ section }) => section));
      }
      const more = at < found.length || sections.length > SHOWN;
      const shown = sections.slice(0, SHOWN);
      shown.sort((a, b) => Boolean(a.meta.last) - Boolean(b.meta.last));
      return { sections: shown, more };
    }

    // Words that stand on one page, in different sections: the best section for each of them.
    async apart(engine, query) {
      const terms = query.split(" ");
      if (terms.length < 2) return { sections: [], more: false };
      await engine.filters(); // Else a search does not count by page.
      const each = await Promise.all(terms.map((term) => engine.search(term)));
      const pages = each
        .map((found) => Object.entries(found.filters.page || {}).filter(([, count]) => count))
        .map((entries) => new Set(entries.map(([page]) => page)))
        .reduce((all, some) => new Set([...all].filter((page) => some.has(page))));
      const found = new Map();
      for (const page of [...pages].slice(0, SHOWN)) {
        for (const term of terms) {
          const [first] = (await engine.search(term, { filters: { page } })).results;
          if (first && !found.has(first.id)) found.set(first.id, { result: first, score: first.score, way: term });
        }
      }
      const read = await this.read([...found.values()]);
      const whole = (page) => terms.every((term) => read.sections.some(
        (section) => section.meta.page === page && holds(section.content, term)));
      return { sections: read.sections.filter((section) => whole(section.meta.page)), more: read.more };
    }

    address(section) {
      const { page, anchor } = section.meta;
      return new URL(anchor ? `${page}#${encodeURIComponent(anchor)}` : page, this.base).href;
    }
  }

  // What is shown -------------------------------------------------------------------------------------

  // Pagefind's excerpts are escaped text with <mark>; they are taken apart, never inserted as HTML.
  function excerpt(html) {
    const line = document.createElement("p");
    const parsed = new DOMParser().parseFromString(html, "text/html");
    for (const node of parsed.body.childNodes) {
      if (node.nodeName === "MARK") line.append(element("mark", {}, node.textContent));
      else line.append(node.textContent);
    }
    return line;
  }

  // A page once, at the rank of its best section, with its sections under it.
  function resultList(index, sections, label) {
    const pages = new Map();
    for (const section of sections) {
      const { page } = section.meta;
      if (!pages.has(page)) pages.set(page, []);
      pages.get(page).push(section);
    }
    return [...pages].map(([page, found]) => {
      const above = (found[0].meta.above || found[0].meta.title).split(" › ");
      const name = element("span", { class: "search-language" }, label);
      const item = element("li", {}, element("a", { href: new URL(page, index.base).href }, above[0]), " ", name);
      for (const section of found) {
        if (section.meta.anchor) {
          const between = (section.meta.above || "").split(" › ").slice(1).map((title) => `${title} › `).join("");
          const link = element("a", { href: index.address(section) }, section.meta.title);
          item.append(element("div", { class: "search-place" }, "§ ", between, link));
        }
        item.append(excerpt(section.excerpt));
      }
      return item;
    });
  }

  function searchButton(text) {
    const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    icon.setAttribute("viewBox", "0 0 16 16");
    icon.setAttribute("aria-hidden", "true");
    const lens = document.createElementNS("http://www.w3.org/2000/svg", "path");
    lens.setAttribute("d", "M7 2a5 5 0 1 0 0 10A5 5 0 0 0 7 2M10.7 10.7 14 14");
    icon.append(lens);
    return element(
      "button",
      {
        type: "button", class: "search-button", "aria-haspopup": "dialog", "aria-label": text.search,
        "aria-keyshortcuts": "/",
      },
      icon,
      element("span", { class: "search-label", "aria-hidden": "true" }, text.search),
      element("kbd", { "aria-hidden": "true" }, "/"),
    );
  }

  class Dialog {
    constructor(text, own, others) {
      this.text = text;
      this.own = own;
      this.others = others;
      this.latest = 0;
      this.input = element("input", {
        type: "text", role: "searchbox", "aria-label": text.search, placeholder: text.search, autocomplete: "off",
        spellcheck: "false", enterkeyhint: "search", "aria-describedby": "search-state",
      });
      const close = element("button", { type: "button", "aria-label": text["search-close"] }, text.close);
      this.state = element("p", { class: "search-state", id: "search-state", role: "status" }, text["search-hint"]);
      this.results = element("ol", { class: "search-results" });
      this.elsewhere = element("div", { class: "search-elsewhere" });
      this.dialog = element(
        "dialog",
        { class: "search", "aria-label": text.search },
        element("div", { class: "search-field" }, this.input, close),
        this.state,
        this.results,
        this.elsewhere,
      );
      document.body.append(this.dialog);
      close.addEventListener("click", () => this.dialog.close());
      this.dialog.addEventListener("click", (event) => {
        if (event.target === this.dialog || event.target.closest("a")) this.dialog.close();
      });
      this.dialog.addEventListener("keydown", (event) => this.key(event));
      this.shown = "";
      this.timer = 0;
      this.input.addEventListener("input", () => {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.look(), 120);
      });
    }

    get query() {
      return this.input.value.normalize("NFKC").replace(/\s+/g, " ").trim();
    }

    // Whoever types faster than the search answers is not sent to what an unfinished word found.
    async enter() {
      clearTimeout(this.timer);
      const query = this.query;
      if (this.shown !== query) await this.look();
      const first = this.shown === query && this.results.querySelector("a.search-first");
      if (first) first.click();
    }

    open() {
      if (!this.dialog.open) this.dialog.showModal();
      this.input.focus();
      this.input.select();
      this.own.load().catch(() => this.fail());
    }

    fail() {
      this.state.textContent = this.text[location.protocol === "file:" ? "search-failed" : "search-broken"];
    }

    // Arrows go through the results, Enter in the field opens the first; a letter goes on typing.
    key(event) {
      const links = [this.input, ...this.dialog.querySelectorAll("a, summary")].filter((link) => link.checkVisibility());
      const here = links.indexOf(document.activeElement);
      const steps = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 1, End: links.length - 1 };
      const typing = document.activeElement === this.input;
      if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (typing && event.key === "Enter") {
        this.enter();
      } else if (event.key in steps && !(typing && (event.key === "Home" || event.key === "End"))) {
        const next = links[steps[event.key]];
        if (!next || here < 0) return;
        event.preventDefault();
        next.focus();
      } else if (!typing && event.key.length === 1 && event.key !== " " && links.includes(document.activeElement)) {
        this.input.focus();
      }
    }

    async look() {
      const { query } = this;
      const turn = ++this.latest;
      if (!query) {
        this.shown = query;
        this.results.replaceChildren();
        this.elsewhere.replaceChildren();
        this.state.textContent = this.text["search-hint"];
        return;
      }
      try {
        const found = await this.own.find(query);
        const { sections } = found;
        if (turn !== this.latest) return;
        this.state.textContent = this.said("search", found, { query });
        this.results.replaceChildren(...resultList(this.own, sections, this.text["language-name"]));
        this.elsewhere.replaceChildren();
        this.markFirst(sections[0]);
        this.shown = query;
        const open = sections.every((section) => section.meta.last);
        for (const other of this.others) await this.lookElsewhere(other, query, turn, open);
      } catch (error) {
        if (turn === this.latest) this.fail();
      }
    }

    said(key, { sections, more }, values) {
      const amount = more ? "many" : ["none", "one"][sections.length] || "some";
      return fill(this.text[`${key}-${amount}`], { ...values, count: sections.length });
    }

    // The place that Enter opens: the best section, not the page that it stands in.
    markFirst(section) {
      if (!section) return;
      const address = this.own.address(section);
      const link = [...this.results.querySelectorAll("a")].find((found) => found.href === address);
      if (link) link.classList.add("search-first");
    }

    async lookElsewhere({ index, name }, query, turn, open) {
      const found = await index.find(query).catch(() => null);
      if (turn !== this.latest || !found || !found.sections.length) return;
      const said = this.said("search-other", found, { language: name });
      const list = element(
        "ol", { class: "search-results", lang: index.htmlLang }, ...resultList(index, found.sections, name),
      );
      const details = element("details", {}, element("summary", {}, said), list);
      details.open = open;
      this.elsewhere.append(details);
      this.state.textContent += ` ${said}`;
    }
  }

  function start() {
    const data = document.getElementById("review-words");
    const text = data ? JSON.parse(data.textContent) : {};
    const button = searchButton(text);
    const slot = document.querySelector(".search-slot");
    const sidebar = document.querySelector("#quarto-sidebar .sidebar-menu-container");
    if (slot) slot.replaceWith(button);
    else if (sidebar) sidebar.before(button);
    else return;

    const own = new Index(document.documentElement.lang, root);
    const others = [...new Map([...document.querySelectorAll("a[data-review-language]")].map((link) => {
      const lang = link.dataset.reviewLanguage;
      const index = new Index(link.hreflang, new URL(`../${lang}/`, root));
      return [lang, { index, name: link.textContent.trim() || text.language }];
    })).values()];
    let dialog = null;
    const open = () => {
      dialog = dialog || new Dialog(text, own, others);
      dialog.open();
    };
    button.addEventListener("click", open);
    document.addEventListener("keydown", (event) => {
      // Just closed, the dialog still has the focus for a moment.
      const field = event.target.closest && event.target.closest("input, textarea, select, [contenteditable], dialog");
      const typing = field && field.checkVisibility();
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        open();
      }
    });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
