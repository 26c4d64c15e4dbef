-- From the book's text, as the authors wrote it, to Typst that calls the functions of publishing/typst.
--
-- The document comes from publishing/pdf.py: a Div per chapter (class "chapter", attribute "path"), its
-- title a level-1 heading, sections and floats with their number in the attribute "number". The metadata
-- "pdf" holds what Lua cannot know: labels, words, pages.

local pdf = {}        -- metadata: words, labels, pages, site
local chinese = false
local chapter = ""    -- path of the chapter being walked
local anchors = {}    -- ids that the PDF has

local stringify = pandoc.utils.stringify

local function raw(text) return pandoc.RawInline("typst", text) end
local function raw_block(text) return pandoc.RawBlock("typst", text) end
local function quoted(text) return '"' .. text:gsub("\\", "\\\\"):gsub('"', '\\"'):gsub("\n", " ") .. '"' end

-- Typst takes "- x", "+ x", "= x", "/ x" and "1. x" for a list or heading where a content block begins.
local function needs_guard(inlines)
  local first = inlines[1]
  return first and first.t == "Str" and (first.text:match("^[-+=/]") or first.text:match("^%d+%."))
end

local function guarded(inlines)
  return needs_guard(inlines) and pandoc.List({ raw("#[]") }) .. inlines or inlines
end

local function guard(block)
  local inlines = block.content
  if not needs_guard(inlines) then return nil end
  block.content = guarded(inlines)
  return block
end

-- `before` inlines `after` as one run of text.
local function wrapped(before, inlines, after)
  return pandoc.List({ raw(before) }) .. guarded(inlines) .. pandoc.List({ raw(after) })
end

-- `before` blocks `after`, each on lines of their own.
local function wrapped_blocks(before, blocks, after)
  return pandoc.List({ raw_block(before) }) .. blocks .. pandoc.List({ raw_block(after) })
end

local function as_typst(blocks)
  return (pandoc.write(pandoc.Pandoc(blocks), "typst-smart", { wrap_text = "none" }):gsub("%s+$", ""))
end

-- publishing/pdf_tables.py finds the calls of review-table by this mark, which no text has, and wide tables by these lines.
local mark = "\u{E000}"

local function marked(element)
  if element.format ~= "typst" then return nil end
  local text = ("\n" .. element.text):gsub("\n([ \t]*)#review%-table%(", "\n%1#review-table" .. mark .. "(")
  return pandoc.RawBlock("typst", text:sub(2))
end

local function wide(blocks) return wrapped_blocks("// wide-table", blocks, "// wide-table ends") end

-- Boxes leave less room to a table.
local function boxed(blocks)
  return pandoc.Blocks(blocks):walk({
    RawBlock = function(element)
      if element.format == "typst" then return raw_block((element.text:gsub("#review%-table" .. mark, "#boxed-review-table" .. mark))) end
    end,
    Table = function(element)
      element.classes:insert("boxed")
      return element
    end,
  })
end

local function in_box(element)
  element.content = boxed(element.content)
  return element
end

local function is_float(id) return id:match("^fig%-") or id:match("^tbl%-") end

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

-- ---- what is set elsewhere ------------------------------------------------------------------------------------------

-- What is there to be looked up stands in the data appendix: sections whose heading, tables whose div has the class.
local function belongs_in_appendix(element) return element.classes:includes("data-appendix") end

local function moved_sections(blocks)
  local stay, moved, level = pandoc.List(), pandoc.List(), nil
  for _, block in ipairs(blocks) do
    if block.t == "Header" then
      if belongs_in_appendix(block) then level = block.level
      elseif level and block.level <= level then level = nil end
      if level and #moved == 0 then stay:insert(pandoc.Div({}, { class = "moved-sections" })) end
    end
    if level then moved:insert(block) else stay:insert(block) end
  end
  return stay, moved
end

local function moved_note(first, last)
  local function number(block) return block.attributes.number or "" end
  local word = pdf.words[first.t == "Header" and "crossref-sec-prefix" or "crossref-tbl-title"]
  local name = word .. "\u{a0}" .. number(first)
  if first ~= last then name = word .. (chinese and "" or "s") .. "\u{a0}" .. number(first) .. "–" .. number(last) end
  return raw_block(string.format("#moved(%s, %s)", quoted(first.identifier), quoted(name)))
end

-- The chapter's blocks in the order of the PDF.
local function set_elsewhere(blocks)
  local title = blocks[1].content
  local stay, sections = moved_sections(blocks)
  local tables = pandoc.List()
  stay = pandoc.Blocks(stay):walk({
    Div = function(element)
      if element.classes:includes("moved-sections") then
        local headers = sections:filter(function(block) return block.t == "Header" and belongs_in_appendix(block) end)
        return moved_note(headers[1], headers[#headers])
      end
      if is_float(element.identifier) and belongs_in_appendix(element) then
        tables:insert(element)
        return moved_note(element, element)
      end
    end,
  })
  for index, element in ipairs(tables) do
    local blocks = index == 1 and pandoc.List({ pandoc.Header(2, title), element }) or pandoc.List({ element })
    -- The title turns with its table.
    local turned = element.classes:includes("landscape")
    element.classes = element.classes:filter(function(class) return class ~= "landscape" end)
    sections:extend(turned and { pandoc.Div(blocks, { class = "turned" }) } or blocks)
  end
  if #sections > 0 then
    stay:insert(raw_block("// data-appendix"))
    stay:extend(sections)
  end
  return stay
end

-- ---- cross references -----------------------------------------------------------------------------------------------

local prefixes = { fig = "crossref-fig-prefix", tbl = "crossref-tbl-prefix", sec = "crossref-sec-prefix" }

local function reference_text(label, citation)
  if label.number == "" then return { pandoc.Str(label.title) } end
  if citation.mode == "SuppressAuthor" then return { pandoc.Str(label.number) } end
  local words = { pandoc.Str(pdf.words[label.chapter and "crossref-ch-prefix" or prefixes[label.kind]]) }
  if #citation.prefix > 0 then words = citation.prefix end
  return pandoc.List(words) .. pandoc.List({ pandoc.Str("\u{a0}" .. label.number) })
end

local function resolve_cite(cite)
  local inlines = pandoc.List()
  for _, citation in ipairs(cite.citations) do
    local label = pdf.labels[citation.id]
    if not label then return nil end
    if #inlines > 0 then inlines:extend(chinese and { pandoc.Str("、") } or { pandoc.Str(","), pandoc.Space() }) end
    inlines:insert(pandoc.Link(reference_text(label, citation), "#" .. citation.id))
    inlines:extend(citation.suffix)
  end
  return inlines
end

-- The words of a citation come from citeproc with half-width marks; Chinese text wants them full-width.
local full_width = { ["("] = "（", [")"] = "）", [";"] = "；", [","] = "，" }

local function chinese_marks(cite)
  local text = stringify(cite.content)
  if not chinese or not text:find("[()]") then return cite.content end
  return cite.content:walk({
    Inlines = function(list)
      local out = pandoc.List()
      for _, element in ipairs(list) do
        local last = out[#out]
        local after_mark = last and last.t == "Str" and (last.text:match("；$") or last.text:match("，$"))
        if element.t == "Str" then element = pandoc.Str((element.text:gsub("[();,]", full_width))) end
        if not (element.t == "Space" and after_mark) then out:insert(element) end
      end
      return out
    end,
  })
end

-- Noto Sans SC has no italic, and Chinese needs none: emphasis is bold.
local function chinese_emphasis(element)
  if chinese and stringify(element):find("[\xE4-\xE9][\x80-\xBF][\x80-\xBF]") then return pandoc.Strong(element.content) end
end

-- ---- links and images -----------------------------------------------------------------------------------------------

local function folder(path) return path:match("^(.*/)") or "" end

-- `path`, written in the chapter, as seen from the project folder.
local function from_project(path)
  local parts = pandoc.List()
  for part in (path:sub(1, 1) == "/" and path or folder(chapter) .. path):gmatch("[^/]+") do
    if part == ".." then parts:remove() elseif part ~= "." then parts:insert(part) end
  end
  return table.concat(parts, "/")
end

local function link(element)
  local target, inlines = element.target, element.content
  if target:match("^%a[%w+.-]*:") then return nil end
  local path, fragment = target:match("^([^#]*)#?(.*)$")
  local id = fragment
  if path ~= "" then
    local page = from_project(path)
    if not pdf.pages[page] then
      if pdf.site == "" then return inlines end
      return pandoc.Link(inlines, pdf.site .. "/" .. page .. (fragment ~= "" and "#" .. fragment or ""))
    end
    if id == "" then id = pdf.pages[page] end
  end
  return wrapped("#to(" .. quoted(id) .. ")[", inlines, "];")
end

local function image(element)
  local options = { quoted("/" .. from_project(element.src)) }
  local alt = element.attributes["fig-alt"] or element.attributes.alt or stringify(element.caption)
  table.insert(options, "alt: " .. quoted(alt))
  table.insert(options, "width: " .. (element.attributes.width or "100%"))
  local call = "image(" .. table.concat(options, ", ") .. ")"
  return raw(element.classes:includes("within-text") and "#box(" .. call .. ");" or "#" .. call .. ";")
end

-- ---- inlines --------------------------------------------------------------------------------------------------------

local function math(element)
  local display = element.mathtype == "DisplayMath"
  local body = as_typst({ pandoc.Plain({ element }) })
  return raw(string.format("#math.equation(block: %s, alt: %s, %s.body);", display, quoted(element.text), body))
end

local function span(element)
  local id = element.identifier
  if id == "" then return nil end
  element.identifier = ""
  return pandoc.List({ raw("#anchor(" .. quoted(id) .. ");") }) .. element.content
end

local marks = { SingleQuote = { "‘", "’" }, DoubleQuote = { "“", "”" } }

local function quote_marks(element)
  local pair = marks[element.quotetype]
  return pandoc.List({ pandoc.Str(pair[1]) }) .. element.content .. pandoc.List({ pandoc.Str(pair[2]) })
end

-- The first code point of an element's text, or its last; 0 without any.
local function first_point(element)
  local text = element.t == "Str" and element.text or stringify(element)
  return text == "" and 0 or utf8.codepoint(text)
end

local function last_point(element)
  local text = element.t == "Str" and element.text or stringify(element)
  return text == "" and 0 or utf8.codepoint(text, utf8.offset(text, -1))
end

-- Han characters, their punctuation, full-width forms.
local function is_wide(point)
  return (point >= 0x2E80 and point <= 0x9FFF) or (point >= 0xF900 and point <= 0xFAFF)
    or (point >= 0xFF00 and point <= 0xFFEF) or (point >= 0x20000 and point <= 0x3FFFF)
end

local function is_han(point) return point >= 0x3400 and point <= 0x9FFF end

local function formula(element) return element and element.t == "Math" and element.mathtype == "InlineMath" end

-- A list that stays as it is is not given back: to carry one to pandoc takes longer than to look through it.
local function inlines(list)
  local out, changed, before, kind = pandoc.List(), false, nil, nil
  for index, element in ipairs(list) do
    local kind_before, after = kind, list[index + 1]
    kind = element.t
    if kind == "SoftBreak" or kind == "Space" then
      -- A space between two Chinese characters is never meant, be it a line's end or the one that sets off "@fig-x".
      if before and after and is_wide(last_point(before)) and is_wide(first_point(after)) then
        changed = true
      else
        out:insert(element)
      end
    else
      if kind == "Image" and #list > 1 then
        element.classes:insert("within-text")
        changed = true
      end
      -- Typst spaces Chinese from Latin letters and figures, but not from a formula.
      if kind == "Math" and before and formula(element) and is_han(last_point(before))
        or kind_before == "Math" and formula(before) and is_han(first_point(element)) then
        out:insert(raw("#h(0.2em)"))
        changed = true
      end
      -- "#emph[a].b" would be a field access.
      if kind == "Str" and before and kind_before ~= "Str" and element.text:match("^%.%a") then
        out:insert(raw(";"))
        changed = true
      end
      out:insert(element)
    end
    before = element
  end
  if changed then return out end
end

-- ---- blocks ---------------------------------------------------------------------------------------------------------

local function heading(element)
  local number = element.attributes.number
  local numbering = number and number ~= "" and "numbered(" .. quoted(number) .. ")" or "none"
  local id = element.identifier ~= "" and "#label(" .. quoted(element.identifier) .. ")" or ""
  return pandoc.Plain(wrapped(
    string.format("#heading(level: %d, numbering: %s)[", element.level, numbering), element.content, "]" .. id))
end

-- A float is its blocks and, last, its caption. `alt` is needed only where Typst cannot find one inside.
-- A float comes as its blocks and, last, its caption.
local function float(element)
  local blocks = element.content:clone()
  local caption = blocks:remove().content
  local is_figure = element.identifier:match("^fig%-")
  local word = pdf.words[is_figure and "crossref-fig-title" or "crossref-tbl-title"]
  local head = string.format("#strong[%s~%s%s]", word, element.attributes.number, chinese and "：" or ":")
  local before = string.format("#numbered-float(%s, %s, [%s], %s, [%s", quoted(element.identifier),
    is_figure and "image" or "table", word, quoted(element.attributes.number), head .. (chinese and "" or " "))
  local out = pandoc.List({ pandoc.Plain(pandoc.List({ raw(before) }) .. caption .. pandoc.List({ raw("],") })) })
  local bare = pandoc.List()
  for _, block in ipairs(blocks) do bare:extend(block.t == "Figure" and block.content or { block }) end
  -- A picture brings its own alternative text; whatever else is drawn has the caption for it.
  local drawn = is_figure and not as_typst(bare):find("image(", 1, true)
  out:extend(wrapped_blocks("[", bare, drawn and "], alt: " .. quoted(stringify(caption)) .. ")" or "])"))
  if element.classes:includes("landscape") then return wide(out) end
  return is_figure and out or pandoc.List({ raw_block("#need-room") }) .. out
end

local function figure(element)
  local caption = pandoc.utils.blocks_to_inlines(element.caption.long)
  local out = pandoc.List({ pandoc.Plain(wrapped("#plain-figure([", caption, "],")) })
  return out .. wrapped_blocks("[", element.content, "])")
end

local sides = { AlignLeft = "left", AlignRight = "right", AlignCenter = "center", AlignDefault = "left" }

local function cell_text(cell)
  local text = "[" .. as_typst(cell.contents) .. "]"
  return cell.col_span > 1 and string.format("span(%d, %s)", cell.col_span, text) or text
end

local function row_text(row) return table.concat(row.cells:map(cell_text), ", ") end

local function table_block(element)
  local widths, aligns, rows = pandoc.List(), pandoc.List(), pandoc.List()
  for _, spec in ipairs(element.colspecs) do
    aligns:insert(sides[spec[1]])
    widths:insert(spec[2] and string.format("%.4ffr", spec[2]) or "auto")
  end
  local head = pandoc.List(element.head.rows):map(function(row) return "(" .. row_text(row) .. ",)" end)
  for _, body in ipairs(element.bodies) do
    for _, row in ipairs(body.head) do rows:insert(row_text(row)) end
    for _, row in ipairs(body.body) do rows:insert(row_text(row)) end
  end
  for _, row in ipairs(element.foot.rows) do rows:insert("total(" .. row_text(row) .. ")") end
  local blocks = pandoc.List({ raw_block(string.format(
    "#%sreview-table%s(columns: (%s,), align: (%s,), header: (%s),\n%s)",
    element.classes:includes("boxed") and "boxed-" or "", mark,
    table.concat(widths, ", "), table.concat(aligns, ", "),
    #head > 0 and table.concat(head, ", ") .. "," or "", table.concat(rows, ",\n"))) })
  local caption = pandoc.utils.blocks_to_inlines(element.caption.long)
  if #caption > 0 then blocks:insert(pandoc.Plain(wrapped("#note[", caption, "]"))) end
  return blocks
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
    title:insert(pandoc.Str(pdf.words["callout-" .. kind .. "-title"]))
  end
  local out = pandoc.List({ pandoc.Plain(wrapped("#callout(" .. quoted(kind) .. ", [", title, "],")) })
  return out .. wrapped_blocks("[", boxed(blocks), "])")
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
  for _, point in utf8.codes(stringify(body)) do latin = latin and not is_han(point) end
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
  if is_float(element.identifier) then return float(element) end
  local boxed = callout(element)
  if boxed then return boxed end
  if element.classes:includes("turned") then return wide(element.content) end
  if element.classes:includes("panel-tabset") then return tabset(element) end
  if element.identifier ~= "" then
    return pandoc.List({ raw_block("#anchor(" .. quoted(element.identifier) .. ")") }) .. element.content
  end
  return element.content
end

local function read_metadata(meta)
  pdf = { words = {}, labels = {}, pages = {}, site = stringify(meta.pdf.site or "") }
  for key, value in pairs(meta.pdf.words) do pdf.words[key] = stringify(value) end
  for key, value in pairs(meta.pdf.pages) do pdf.pages[key] = stringify(value) end
  for key, value in pairs(meta.pdf.labels) do
    pdf.labels[key] = { kind = stringify(value.kind), number = stringify(value.number), title = stringify(value.title),
      chapter = value.chapter }
  end
  chinese = stringify(meta.lang):match("^zh") ~= nil
end

function Pandoc(doc)
  read_metadata(doc.meta)
  doc = doc:walk({ Div = decide, Span = decide }):walk({ Cite = resolve_cite, Emph = chinese_emphasis })
  local out = pandoc.List()
  for _, part in ipairs(doc.blocks) do
    chapter = part.attributes.path
    local blocks = pandoc.Blocks(set_elsewhere(part.content))
      :walk({ RawBlock = marked })
      :walk({ BlockQuote = in_box })
      :walk({ Cite = chinese_marks })
      :walk({ Inlines = inlines })
      :walk({ Link = link, Image = image, Math = math, Span = span, Quoted = quote_marks })
      :walk({ Div = division })
      :walk({ Plain = guard, Para = guard })
      :walk({ Figure = figure, Table = table_block, DefinitionList = definition_list, Header = heading, HorizontalRule = horizontal_rule })
    out:extend(blocks)
  end
  return pandoc.Pandoc(out)
end
