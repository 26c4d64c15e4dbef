// In every page that `make serve` shows: reloads it when it is new, and tells what is wrong or still to come.
(function () {
  const lang = location.pathname.split("/")[1];
  const chinese = document.documentElement.lang.startsWith("zh");
  const waiting = document.body.hasAttribute("data-waiting");
  let known = null;

  function box(id, css) {
    const made = document.createElement("pre");
    made.id = id;
    made.style.cssText = "position:fixed;z-index:99;margin:0;white-space:pre-wrap;color:#fff;"
      + "font:13px/1.4 monospace;" + css;
    return made;
  }

  function put(made, text) {
    made.textContent = text;
    if (!text) made.remove();
    else if (!made.isConnected) document.body.append(made);
  }

  const told = box("build-error", "inset:auto 0 0 0;padding:1em;max-height:40vh;overflow:auto;background:#5c1a1a");
  const rest = box("build-rest", "right:1em;bottom:1em;max-width:26em;padding:.6em 1em;background:#333;"
    + "border-radius:4px");

  async function look() {
    try {
      const address = "/__build?" + lang + (document.hidden ? "&hidden" : "");
      const state = await (await fetch(address, { cache: "no-store" })).json();
      if ((known !== null && state.shown !== known) || (waiting && state.whole)) location.reload();
      known = state.shown;
      put(told, state.error);
      put(rest, state.whole || state.error || waiting ? "" : chinese
        ? "其他语言、PDF、搜索和下载文件仍在更新，完成之前为上一版。"
        : "Other languages, PDFs, search and downloads are being made; until then they are the last ones.");
    } catch (error) { /* the server is away */ }
    setTimeout(look, 250);
  }
  look();
})();
