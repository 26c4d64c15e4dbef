// What both engines' pages do with JavaScript: the language switch keeps the section, wide tables that the
// keyboard can scroll, section links that copy themselves. Nothing here is needed for reading.
(function () {
  "use strict";

  const main = document.querySelector("main.content, main");

  // Quarto's navigation takes every link's href for a string and stops at a link inside an SVG.
  if (!document.querySelector("body.embedded")) {
    SVGAnimatedString.prototype.replace = function (...parts) { return this.baseVal.replace(...parts); };
  }

  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
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
        const scrolls = box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1;
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

  function start() {
    const text = words();
    languageSwitch();
    if (!main) return;
    scrollableTables(text);
    sectionLinks(text);
    copyable(text);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
