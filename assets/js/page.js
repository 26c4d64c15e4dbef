// The embedded renderer's page: theme, menu on small screens, the current section, tabs, back to top.
// Quarto's pages bring their own.
(function () {
  "use strict";

  const html = document.documentElement;
  const narrow = matchMedia("(max-width: 47.99rem)");
  const contentsAbove = matchMedia("(max-width: 74.99rem)");

  function theme() {
    const button = document.querySelector(".theme-button");
    button.hidden = false;
    button.addEventListener("click", () => {
      const dark = html.dataset.theme
        ? html.dataset.theme === "dark"
        : matchMedia("(prefers-color-scheme: dark)").matches;
      html.dataset.theme = dark ? "light" : "dark";
      try {
        localStorage.setItem("review-theme", html.dataset.theme);
      } catch (error) {
        // The choice then lasts for this page.
      }
    });
  }

  function menu() {
    const button = document.querySelector(".header-menu");
    const sidebar = document.getElementById("quarto-sidebar");
    const set = (open) => {
      html.classList.toggle("menu-open", open);
      button.setAttribute("aria-expanded", String(open));
    };
    button.setAttribute("role", "button");
    set(false);
    button.addEventListener("click", (event) => {
      event.preventDefault();
      set(!html.classList.contains("menu-open"));
      if (html.classList.contains("menu-open")) sidebar.querySelector("a").focus();
    });
    button.addEventListener("keydown", (event) => {
      if (event.key === " ") {
        event.preventDefault();
        button.click();
      }
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && html.classList.contains("menu-open")) {
        set(false);
        button.focus();
      }
    });
    document.addEventListener("click", (event) => {
      if (!event.target.closest("#quarto-sidebar, .header-menu")) set(false);
    });
    sidebar.addEventListener("focusout", (event) => {
      if (narrow.matches && event.relatedTarget && !event.relatedTarget.closest("#quarto-sidebar, .header-menu")) {
        set(false);
      }
    });
  }

  function contents() {
    const toc = document.querySelector("details.toc");
    if (!toc) return;
    contentsAbove.addEventListener("change", () => { toc.open = !contentsAbove.matches; });
    const links = new Map();
    for (const link of toc.querySelectorAll("a")) links.set(decodeURIComponent(link.hash.slice(1)), link);
    const sections = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
    let waiting = false;
    const mark = () => {
      waiting = false;
      let current = null;
      for (const section of sections) {
        if (section.getBoundingClientRect().top > window.innerHeight / 3) break;
        current = section;
      }
      if (window.innerHeight + window.scrollY >= document.body.scrollHeight - 2) current = sections[sections.length - 1];
      for (const [id, link] of links) {
        if (current && id === current.id) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
      const shown = current && links.get(current.id);
      const box = document.getElementById("quarto-margin-sidebar");
      if (shown && !contentsAbove.matches) {
        const { top, bottom } = shown.getBoundingClientRect();
        const frame = box.getBoundingClientRect();
        if (top < frame.top || bottom > frame.bottom) box.scrollTop += top - frame.top - frame.height / 2;
      }
    };
    const later = () => {
      if (!waiting) requestAnimationFrame(mark);
      waiting = true;
    };
    addEventListener("scroll", later, { passive: true });
    addEventListener("resize", later);
    mark();
  }

  function tabs() {
    for (const set of document.querySelectorAll(".panel-tabset")) {
      const links = [...set.querySelectorAll(":scope > .nav-tabs .nav-link")];
      const choose = (chosen) => {
        for (const link of links) {
          const active = link === chosen;
          link.classList.toggle("active", active);
          link.setAttribute("aria-selected", String(active));
          link.tabIndex = active ? 0 : -1;
          document.getElementById(link.getAttribute("aria-controls")).classList.toggle("active", active);
        }
      };
      choose(links[0]);
      links.forEach((link, place) => {
        link.addEventListener("click", (event) => {
          event.preventDefault();
          choose(link);
        });
        link.addEventListener("keydown", (event) => {
          const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
          if (!step) return;
          event.preventDefault();
          const next = links[(place + step + links.length) % links.length];
          choose(next);
          next.focus();
        });
      });
    }
    // A link to something inside a closed tab or a folded part opens it.
    const reveal = () => {
      const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (!target) return;
      const pane = target.closest(".tab-pane:not(.active)");
      if (pane) document.getElementById(pane.getAttribute("aria-labelledby")).click();
      for (let part = target.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
      if (pane) target.scrollIntoView();
    };
    addEventListener("hashchange", reveal);
    reveal();
  }

  function backToTop() {
    const link = document.getElementById("quarto-back-to-top");
    let before = window.scrollY;
    addEventListener("scroll", () => {
      // Shown on the way up, as someone who goes back wants to go back.
      link.hidden = window.scrollY < 2 * window.innerHeight || window.scrollY > before;
      before = window.scrollY;
    }, { passive: true });
  }

  function start() {
    theme();
    menu();
    contents();
    tabs();
    backToTop();
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
