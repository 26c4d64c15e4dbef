// What both engines' pages do with JavaScript: the language switch keeps the section, search, wide tables
// that the keyboard can scroll, section links that copy themselves. Nothing here is needed for reading.
(function () {
  "use strict";

  const script = document.currentScript;
  const root = new URL("../../", script.src);
  const main = document.querySelector("main.content, main");

  // Quarto's navigation takes every link's href for a string and stops at a link inside an SVG.
  if (!document.querySelector("body.embedded")) {
    SVGAnimatedString.prototype.replace = function (...parts) { return this.baseVal.replace(...parts); };
  }

  function words() {
    const data = document.getElementById("review-words");
    return data ? JSON.parse(data.textContent) : {};
  }

  function stored(name, value) {
    try {
      if (value === undefined) return localStorage.getItem(name);
      localStorage.setItem(name, value);
    } catch (error) {
      // Storage may be forbidden; the page works without it.
    }
    return null;
  }

  // The section being read: the one the address names while it is in sight, else the last one whose heading
  // has passed the upper third of the window.
  function currentSection() {
    const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (named) {
      const { top } = named.getBoundingClientRect();
      if (top >= 0 && top < window.innerHeight) return named.id;
    }
    let current = "";
    for (const section of main.querySelectorAll("section[id], .quarto-section-identifier[id]")) {
      if (section.closest(".tab-pane, .footnotes")) continue;
      if (section.getBoundingClientRect().top > window.innerHeight / 3) break;
      current = section.id;
    }
    return window.scrollY < 40 ? "" : current;
  }

  function languageSwitch() {
    for (const link of document.querySelectorAll("a[data-review-language]")) {
      const page = link.getAttribute("href").split("#")[0];
      const aim = () => {
        const section = currentSection();
        link.setAttribute("href", section ? `${page}#${encodeURIComponent(section)}` : page);
      };
      for (const kind of ["pointerdown", "focus", "click", "contextmenu"]) link.addEventListener(kind, aim);
      link.addEventListener("click", () => stored("review-language", link.dataset.reviewLanguage));
    }
    // Until the reader chooses, the language of the first page read stands for a choice.
    const own = document.documentElement.dataset.reviewLanguage;
    if (own && !stored("review-language")) stored("review-language", own);
  }

  function scrollableTables(text) {
    const boxes = main.querySelectorAll(".quarto-float-tbl > div[aria-describedby], .review-table-block, .table-scroll");
    const mark = () => {
      for (const box of boxes) {
        const scrolls = box.scrollWidth > box.clientWidth + 1;
        if (scrolls) {
          box.tabIndex = 0;
          box.setAttribute("role", "group");
          if (!box.hasAttribute("aria-describedby")) box.setAttribute("aria-label", text["table-scrolls"]);
          else box.setAttribute("aria-labelledby", box.getAttribute("aria-describedby"));
        } else {
          box.removeAttribute("tabindex");
        }
      }
    };
    mark();
    addEventListener("resize", mark);
  }

  function sectionLinks(text) {
    main.addEventListener("click", (event) => {
      const link = event.target.closest("a.anchorjs-link");
      if (!link || !navigator.clipboard) return;
      const address = new URL(link.getAttribute("href"), location.href);
      navigator.clipboard.writeText(address.href).then(() => say(text.copied), () => {});
    });
  }

  // What is there to be copied gets a button; the day of reading is known only here.
  function copyable(text) {
    const day = new Date();
    const iso = [day.getFullYear(), day.getMonth() + 1, day.getDate()].map((part) => String(part).padStart(2, "0"));
    const month = day.toLocaleString("en", { month: "short" });
    for (const slot of main.querySelectorAll(".cite-today")) {
      slot.textContent = slot.dataset.style === "vancouver" ? `${iso[0]} ${month} ${day.getDate()}` : iso.join("-");
    }
    if (!navigator.clipboard) return;
    for (const box of main.querySelectorAll(".copyable")) {
      const button = element("button", { type: "button", class: "copy-button" }, text.copy);
      button.addEventListener("click", () => {
        navigator.clipboard.writeText(box.innerText.trim()).then(() => say(text["copied-text"]), () => {});
      });
      box.before(button);
    }
  }

  let toast = null;
  function say(message) {
    if (!toast) {
      toast = document.createElement("p");
      toast.className = "page-toast";
      toast.setAttribute("role", "status");
      document.body.append(toast);
    }
    toast.textContent = message;
    toast.hidden = false;
    clearTimeout(say.timer);
    say.timer = setTimeout(() => { toast.hidden = true; }, 1800);
  }

  // Search ------------------------------------------------------------------------------------------

  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
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
      { type: "button", class: "search-button", "aria-haspopup": "dialog", "aria-label": text.search },
      icon,
      element("span", { class: "search-label", "aria-hidden": "true" }, text.search),
      element("kbd", { "aria-hidden": "true" }, "/"),
    );
  }

  function searchDialog(text) {
    const input = element("input", {
      type: "text", role: "searchbox", "aria-label": text.search, placeholder: text.search, autocomplete: "off", spellcheck: "false",
      enterkeyhint: "search",
    });
    const close = element("button", { type: "button", "aria-label": text["search-close"] }, text.close);
    const state = element("p", { class: "search-state", role: "status" }, text["search-hint"]);
    const results = element("ol", { class: "search-results" });
    const dialog = element(
      "dialog",
      { class: "search", "aria-label": text.search },
      element("div", { class: "search-field" }, input, close),
      state,
      results,
    );
    document.body.append(dialog);
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    return { dialog, input, state, results };
  }

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

  function resultItem(page) {
    const address = (url) => new URL(url.replace(/^\//, ""), root).href;
    const sections = page.sub_results.filter((section) => section.url.includes("#")).slice(0, 3);
    const item = element("li", {}, element("a", { href: address(page.url) }, page.meta.title || page.url));
    if (!sections.length) item.append(excerpt(page.excerpt));
    for (const section of sections) {
      const link = element("a", { href: address(section.url) }, section.title);
      item.append(element("div", { class: "search-place" }, "§ ", link), excerpt(section.excerpt));
    }
    return item;
  }

  function search(text) {
    const button = searchButton(text);
    const slot = document.querySelector(".search-slot");
    const sidebar = document.querySelector("#quarto-sidebar .sidebar-menu-container");
    if (slot) slot.replaceWith(button);
    else if (sidebar) sidebar.before(button);
    else return;

    let parts = null;
    let engine = null;
    let latest = 0;

    async function load() {
      engine = engine || import(new URL("pagefind/pagefind.js", root).href).then(async (module) => {
        await module.options({ baseUrl: "/", excerptLength: 24 });
        await module.init();
        return module;
      });
      return engine;
    }

    async function look() {
      const query = parts.input.value.normalize("NFKC").trim();
      const turn = ++latest;
      if (!query) {
        parts.results.replaceChildren();
        parts.state.textContent = text["search-hint"];
        return;
      }
      try {
        const found = await (await load()).search(query);
        const pages = await Promise.all(found.results.slice(0, 12).map((result) => result.data()));
        if (turn !== latest) return;
        const count = found.results.length;
        const key = count === 0 ? "search-none" : count === 1 ? "search-one" : "search-some";
        parts.state.textContent = text[key].replace("{query}", query).replace("{count}", count);
        parts.results.replaceChildren(...pages.map(resultItem));
      } catch (error) {
        engine = null;
        parts.state.textContent = text["search-failed"];
      }
    }

    function open() {
      if (!parts) {
        parts = searchDialog(text);
        let timer = 0;
        parts.input.addEventListener("input", () => {
          clearTimeout(timer);
          timer = setTimeout(look, 120);
        });
        parts.results.addEventListener("click", (event) => {
          if (event.target.closest("a")) parts.dialog.close();
        });
        parts.dialog.addEventListener("keydown", (event) => {
          if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
          const links = [parts.input, ...parts.results.querySelectorAll("a")];
          const next = links.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
          if (links[next]) {
            event.preventDefault();
            links[next].focus();
          }
        });
      }
      if (!parts.dialog.open) parts.dialog.showModal();
      parts.input.focus();
      parts.input.select();
      load().catch(() => { parts.state.textContent = text["search-failed"]; engine = null; });
    }

    button.addEventListener("click", open);
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest("input, textarea, select, [contenteditable]");
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        open();
      }
    });
  }

  function start() {
    const text = words();
    languageSwitch();
    if (!main) return;
    scrollableTables(text);
    sectionLinks(text);
    copyable(text);
    search(text);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
