-- From the book's text, as the authors wrote it, to Typst that calls the functions of publishing/typst.
--
-- The document comes from publishing/pdf.py: one chapter as a Div (class "chapter", attribute "path"), its
-- title a level-1 heading, sections and floats with their number in the attribute "number". The metadata
-- "pdf" holds what Lua cannot know: labels, words, pages.

package.path = pandoc.path.join({ pandoc.path.directory(PANDOC_SCRIPT_FILE), "?.lua" }) .. ";" .. package.path

local stringify = pandoc.utils.stringify
local float_kind = require("quarto.common").float_kind
local book = require("typst.book")
local writing = require("typst.writing")
local tables = require("typst.tables")
local set_elsewhere = require("typst.appendix")
local running = require("typst.running")
local raw, raw_block, quoted, as_typst = writing.raw, writing.raw_block, writing.quoted, writing.as_typst
local wrapped, wrapped_blocks = writing.wrapped, writing.wrapped_blocks

-- ---- what is left out of the PDF ------------------------------------------------------------------------------------

local function shown(attributes, classes)
  local wanted = attributes["when-format"]
  if not wanted then return true end
  local ours = wanted == "pdf" or wanted == "typst"
  if classes:includes("content-visible") then return ours end
  return not ours
end

local function decide(element)
  if element.classes:includes("content-visible") or element.classes:includes("content-hidden") then
    if not shown(element.attributes, element.classes) then return {} end
    return element.content
  end
end

-- ---- blocks ---------------------------------------------------------------------------------------------------------

local function heading(element)
  local number = element.attributes.number
  local numbering = number and number ~= "" and "numbered(" .. quoted(number) .. ")" or "none"
  local id = element.identifier ~= "" and "#label(" .. quoted(element.identifier) .. ")" or ""
  return pandoc.Plain(wrapped(
    string.format("#heading(level: %d, numbering: %s)[", element.level, numbering), element.content, "]" .. id))
end

-- Whether a picture is drawn, which brings its own alternative text.
local function holds_image(blocks)
  local found = false
  local function look(element) found = found or element.format == "typst" and element.text:find("image(", 1, true) end
  pandoc.Blocks(blocks):walk({ RawBlock = look, RawInline = look })
  return found
end

-- A float comes as its blocks and, last, its caption, which is the alternative text of what is drawn by other means.
local function float(element)
  local blocks = element.content:clone()
  local caption = blocks:remove().content
  local is_figure = float_kind(element.identifier) == "fig"
  local word = book.words[is_figure and "crossref-fig-title" or "crossref-tbl-title"]
  local head = string.format("#strong[%s~%s%s]", word, element.attributes.number, book.chinese and "：" or ":")
  local before = string.format("#numbered-float(%s, %s, [%s], %s, [%s", quoted(element.identifier),
    is_figure and "image" or "table", word, quoted(element.attributes.number), head .. (book.chinese and "" or " "))
  local out = pandoc.List({ pandoc.Plain(pandoc.List({ raw(before) }) .. caption .. pandoc.List({ raw("],") })) })
  local bare = pandoc.List()
  for _, block in ipairs(blocks) do bare:extend(block.t == "Figure" and block.content or { block }) end
  local drawn = is_figure and not holds_image(bare)
  out:extend(wrapped_blocks("[", bare, drawn and "], alt: " .. quoted(stringify(caption)) .. ")" or "])"))
  if element.classes:includes("landscape") then return tables.wide(out) end
  return is_figure and out or pandoc.List({ raw_block("#need-room") }) .. out
end

local function figure(element)
  local caption = pandoc.utils.blocks_to_inlines(element.caption.long)
  local out = pandoc.List({ pandoc.Plain(wrapped("#plain-figure([", caption, "],")) })
  return out .. wrapped_blocks("[", element.content, "])")
end

local function callout(element)
  local kind
  for _, class in ipairs(element.classes) do kind = kind or class:match("^callout%-(%a+)$") end
  if not kind then return nil end
  local blocks = element.content:clone()
  local title = pandoc.List()
  if element.attributes.title then
    title = pandoc.utils.blocks_to_inlines(pandoc.read(element.attributes.title, "markdown").blocks)
  elseif blocks[1] and blocks[1].t == "Header" then
    title = blocks:remove(1).content
  else
    title:insert(pandoc.Str(book.words["callout-" .. kind .. "-title"]))
  end
  local out = pandoc.List({ pandoc.Plain(wrapped("#callout(" .. quoted(kind) .. ", [", title, "],")) })
  return out .. wrapped_blocks("[", tables.boxed(blocks), "])")
end

local function tabset(element)
  local out, level = pandoc.List(), nil
  local function close() if level then out:insert(raw_block("])")) end end
  for _, block in ipairs(element.content) do
    if block.t == "Header" and (not level or block.level <= level) then
      close()
      level = block.level
      out:insert(pandoc.Plain(wrapped("#panel([", block.content, "],")))
      out:insert(raw_block("["))
    else
      out:insert(block)
    end
  end
  close()
  return out
end

-- A definition of one paragraph stands on the line of its term.
local function definition_list(element)
  local items = pandoc.List()
  for _, item in ipairs(element.content) do
    local blocks = pandoc.List()
    for _, definition in ipairs(item[2]) do blocks:extend(definition) end
    if #blocks == 1 and blocks[1].t == "Para" then blocks = pandoc.List({ pandoc.Plain(blocks[1].content) }) end
    local term = as_typst({ pandoc.Plain(item[1]) })
    items:insert(string.format("terms.item([%s], [%s])", term, as_typst(blocks)))
  end
  return raw_block("#terms(tight: false, " .. table.concat(items, ", ") .. ")")
end

local function horizontal_rule() return raw_block("#horizontal-rule") end

-- ---- the reference list ---------------------------------------------------------------------------------------------

local function entry(element)
  local number, body = nil, pandoc.List()
  element:walk({
    Span = function(part)
      if part.classes:includes("csl-left-margin") then number = part.content end
      if part.classes:includes("csl-right-inline") then body = part.content end
    end,
  })
  if not number then body = pandoc.utils.blocks_to_inlines(element.content) end
  local latin = true
  for _, point in utf8.codes(stringify(body)) do latin = latin and not running.is_han(point) end
  local begin = string.format("#reference(%s, latin: %s", quoted(element.identifier), latin)
  local out = pandoc.List({ raw(begin) })
  if number then out:extend(wrapped(", number: [", number, "]")) end
  return pandoc.Plain(out .. wrapped(")[", body, "]"))
end

local function reference_list(element)
  local entries = element.content:map(function(block) return block.t == "Div" and entry(block) or block end)
  return wrapped_blocks("#references[", entries, "]")
end

-- ---- all of it ------------------------------------------------------------------------------------------------------

local function division(element)
  if element.identifier == "refs" then return reference_list(element) end
  if element.classes:includes("csl-entry") then return nil end
  if float_kind(element.identifier) then return float(element) end
  local boxed = callout(element)
  if boxed then return boxed end
  if element.classes:includes("turned") then return tables.wide(element.content) end
  if element.classes:includes("panel-tabset") then return tabset(element) end
  if element.identifier ~= "" then
    return pandoc.List({ raw_block("#anchor(" .. quoted(element.identifier) .. ")") }) .. element.content
  end
  return element.content
end

function Pandoc(doc)
  book.read(doc.meta)
  local chapter = doc:walk({ Div = decide, Span = decide })
    :walk({ Cite = running.resolve_cite, Emph = running.chinese_emphasis }).blocks[1]
  book.chapter = chapter.attributes.path
  local blocks = pandoc.Blocks(set_elsewhere(chapter.content))
    :walk({ RawBlock = tables.marked })
    :walk({ BlockQuote = tables.in_box })
    :walk({ Cite = running.chinese_marks })
    :walk({ Inlines = running.inlines })
    :walk({
      Link = running.link, Image = running.image, Math = running.math, Span = running.span, Quoted = running.quote_marks,
    })
    :walk({ Div = division })
    :walk({ Plain = writing.guard, Para = writing.guard })
    :walk({
      Figure = figure, Table = tables.table_block, DefinitionList = definition_list, Header = heading,
      HorizontalRule = horizontal_rule,
    })
  return pandoc.Pandoc(blocks)
end
