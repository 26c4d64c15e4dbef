-- Running text: references, citations, links, pictures, formulas, and the spaces between Chinese characters.

local stringify = pandoc.utils.stringify
local book = require("typst.book")
local writing = require("typst.writing")
local raw, quoted, wrapped, as_typst = writing.raw, writing.quoted, writing.wrapped, writing.as_typst

-- ---- cross references -----------------------------------------------------------------------------------------------

local prefixes = { fig = "crossref-fig-prefix", tbl = "crossref-tbl-prefix", sec = "crossref-sec-prefix" }

local function reference_text(label, citation)
  if label.number == "" then return { pandoc.Str(label.title) } end
  if citation.mode == "SuppressAuthor" then return { pandoc.Str(label.number) } end
  local words = { pandoc.Str(book.words[label.chapter and "crossref-ch-prefix" or prefixes[label.kind]]) }
  if #citation.prefix > 0 then words = citation.prefix end
  return pandoc.List(words) .. pandoc.List({ pandoc.Str("\u{a0}" .. label.number) })
end

local function resolve_cite(cite)
  local inlines = pandoc.List()
  for _, citation in ipairs(cite.citations) do
    local label = book.labels[citation.id]
    if not label then return nil end
    if #inlines > 0 then inlines:extend(book.chinese and { pandoc.Str("、") } or { pandoc.Str(","), pandoc.Space() }) end
    inlines:insert(pandoc.Link(reference_text(label, citation), "#" .. citation.id))
    inlines:extend(citation.suffix)
  end
  return inlines
end

-- The words of a citation come from citeproc with half-width marks; Chinese text wants them full-width.
local full_width = { ["("] = "（", [")"] = "）", [";"] = "；", [","] = "，" }

local function chinese_marks(cite)
  local text = stringify(cite.content)
  if not book.chinese or not text:find("[()]") then return cite.content end
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
  if book.chinese and stringify(element):find("[\xE4-\xE9][\x80-\xBF][\x80-\xBF]") then return pandoc.Strong(element.content) end
end

-- ---- links and images -----------------------------------------------------------------------------------------------

local function folder(path) return path:match("^(.*/)") or "" end

-- `path`, written in the chapter, as seen from the project folder.
local function from_project(path)
  local parts = pandoc.List()
  for part in (path:sub(1, 1) == "/" and path or folder(book.chapter) .. path):gmatch("[^/]+") do
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
    if not book.pages[page] then
      if book.site == "" then return inlines end
      return pandoc.Link(inlines, book.site .. "/" .. page .. (fragment ~= "" and "#" .. fragment or ""))
    end
    if id == "" then id = book.pages[page] end
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

return {
  is_han = is_han, resolve_cite = resolve_cite, chinese_marks = chinese_marks, chinese_emphasis = chinese_emphasis,
  inlines = inlines, link = link, image = image, math = math, span = span, quote_marks = quote_marks,
}
