// A workbook of one sheet: the six parts that Excel needs, in a zip file without compression. Text is written as
// text, so that no cell can act as a formula. Loaded when a reader asks for one.
(function () {
  "use strict";

  const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
  const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
  const OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
  const PACKAGE = "http://schemas.openxmlformats.org/package/2006";
  const TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml";
  const LONGEST = 32767;

  function escaped(text) {
    return text
      // eslint-disable-next-line no-control-regex
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "")
      .replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
  }

  function cell(value) {
    if (value === "") return "<c/>";
    if (typeof value === "number") return `<c><v>${value}</v></c>`;
    return `<c t="inlineStr"><is><t xml:space="preserve">${escaped(value.slice(0, LONGEST))}</t></is></c>`;
  }

  function parts(name, lines) {
    const rows = lines.map((line) => `<row>${line.map(cell).join("")}</row>`).join("");
    const sheet = escaped(name.replace(/[[\]:*?/\\]/g, " ").slice(0, 31));
    const relation = (id, kind, target) => `<Relationship Id="${id}" Type="${OFFICE}/${kind}" Target="${target}"/>`;
    return {
      "[Content_Types].xml": `<Types xmlns="${PACKAGE}/content-types">`
        + '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        + `<Override PartName="/xl/workbook.xml" ContentType="${TYPE}.sheet.main+xml"/>`
        + `<Override PartName="/xl/worksheets/sheet1.xml" ContentType="${TYPE}.worksheet+xml"/></Types>`,
      "_rels/.rels": `<Relationships xmlns="${PACKAGE}/relationships">`
        + `${relation("rId1", "officeDocument", "xl/workbook.xml")}</Relationships>`,
      "xl/workbook.xml": `<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}">`
        + `<sheets><sheet name="${sheet}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
      "xl/_rels/workbook.xml.rels": `<Relationships xmlns="${PACKAGE}/relationships">`
        + `${relation("rId1", "worksheet", "worksheets/sheet1.xml")}</Relationships>`,
      "xl/worksheets/sheet1.xml": `<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0">`
        + '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        + `<sheetData>${rows}</sheetData></worksheet>`,
    };
  }

  const TABLE = Array.from({ length: 256 }, (_, byte) => {
    let rest = byte;
    for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
    return rest >>> 0;
  });

  function checksum(bytes) {
    let sum = 0xffffffff;
    for (const byte of bytes) sum = (sum >>> 8) ^ TABLE[(sum ^ byte) & 0xff];
    return (sum ^ 0xffffffff) >>> 0;
  }

  // Numbers in the order and the widths that the zip format wants, lowest byte first.
  function packed(...fields) {
    const bytes = [];
    for (const [value, width] of fields) {
      for (let place = 0; place < width; place += 1) bytes.push((value >>> (8 * place)) & 0xff);
    }
    return new Uint8Array(bytes);
  }

  function zip(files) {
    const encoder = new TextEncoder();
    const local = [];
    const central = [];
    let offset = 0;
    for (const [name, text] of Object.entries(files)) {
      const title = encoder.encode(name);
      const content = encoder.encode(HEAD + text);
      // Version 2.0, UTF-8 names, stored, the first day of the zip calendar, sum, sizes, length of the name.
      const facts = [
        [20, 2], [0x0800, 2], [0, 2], [0, 2], [0x21, 2], [checksum(content), 4], [content.length, 4],
        [content.length, 4], [title.length, 2], [0, 2],
      ];
      const head = packed([0x04034b50, 4], ...facts);
      local.push(head, title, content);
      central.push(packed([0x02014b50, 4], [20, 2], ...facts, [0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]), title);
      offset += head.length + title.length + content.length;
    }
    const size = central.reduce((sum, piece) => sum + piece.length, 0);
    const count = Object.keys(files).length;
    const end = packed([0x06054b50, 4], [0, 2], [0, 2], [count, 2], [count, 2], [size, 4], [offset, 4], [0, 2]);
    return [...local, ...central, end];
  }

  window.reviewWorkbook = (name, lines) => new Blob(zip(parts(name, lines)), { type: `${TYPE}.sheet` });
})();
