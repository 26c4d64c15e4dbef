-- The Quarto syntax that chapters use, in two passes over a book.
--
--   number   one chapter: other profiles' content goes, the title is taken out, sections, figures and
--            tables get their number (attribute `number`) and are listed as labels
--   html     one chapter with the labels of the whole book: cross references, callouts, tabsets, figures,
--            tables and sections become what Quarto's pages hold
--
-- Settings come as a JSON file named by the metadata field `settings`; what the passes found goes back in
-- the metadata. A message of `fail` reaches publishing/markdown.py in both languages.

package.path = pandoc.path.join({ pandoc.path.directory(PANDOC_SCRIPT_FILE), "?.lua" }) .. ";" .. package.path

local common = require("quarto.common")

function Pandoc(doc)
  common.read(pandoc.utils.stringify(doc.meta.settings))
  doc.meta.settings = nil
  return require(common.settings.pass == "number" and "quarto.numbering" or "quarto.html")(doc)
end
