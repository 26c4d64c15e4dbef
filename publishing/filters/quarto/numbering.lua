-- The first pass: figures and tables become Divs whose last block is the caption, and what can be referred to is numbered.

local stringify = pandoc.utils.stringify
local common = require("quarto.common")
local settings, fail, has_class, float_kind = common.settings, common.fail, common.has_class, common.float_kind

local function caption_block(caption)
  return pandoc.Para(pandoc.utils.blocks_to_inlines(caption.long))
end

local function as_float_div(element)
  if not float_kind(element.identifier) then return nil end
  local identifier = element.identifier
  if element.t == "Figure" then
    local content = element.content:clone()
    content:insert(caption_block(element.caption))
    return pandoc.Div(content, pandoc.Attr(identifier, element.classes))
  end
  if element.t == "Table" then
    local caption = caption_block(element.caption)
    element.identifier, element.caption = "", { long = {} }
    return pandoc.Div({ element, caption }, pandoc.Attr(identifier))
  end
  return nil
end

local function caption_last(div)
  if not float_kind(div.identifier) then return nil end
  local last = div.content[#div.content]
  if last and last.t == "Table" and #last.caption.long > 0 then
    local caption = caption_block(last.caption)
    last.caption = { long = {} }
    div.content[#div.content] = last
    div.content:insert(caption)
  elseif last and last.t == "Figure" and #div.content == 1 then
    local caption = caption_block(last.caption)
    div.content = last.content
    div.content:insert(caption)
  end
  last = div.content[#div.content]
  if #div.content < 2 or last.t ~= "Para" then
    fail(
      "#" .. div.identifier .. " needs content, a blank line and a caption",
      "#" .. div.identifier .. " 需要内容、空行和题注"
    )
  end
  return div
end

local function number_chapter(doc)
  local title, chapter = nil, settings.chapter_number
  local counters, labels, counts = { 0, 0, 0, 0, 0, 0 }, pandoc.List(), { fig = 0, tbl = 0 }

  doc.blocks = doc.blocks:filter(function(block)
    if block.t == "Header" and block.level == 1 and not title then
      title = block
      return false
    end
    return true
  end)
  if not title then fail("the chapter has no title `# … {#sec-…}`", "缺少章标题 `# … {#sec-…}`") end
  local numbered = not has_class(title, "unnumbered")
  local prefix = numbered and (chapter .. ".") or ""

  local function add(identifier, kind, number, content, is_chapter)
    labels:insert({
      id = identifier, kind = kind, number = number, title = stringify(content),
      is_chapter = is_chapter and "yes" or "",
    })
  end
  add(title.identifier, "sec", numbered and chapter or "", title.content, true)

  local function number_header(header)
    local number = ""
    if numbered and not has_class(header, "unnumbered") and header.level <= settings.number_depth then
      counters[header.level] = counters[header.level] + 1
      for deeper = header.level + 1, 6 do counters[deeper] = 0 end
      local parts = pandoc.List({ chapter })
      for level = 2, header.level do parts:insert(tostring(counters[level])) end
      number = table.concat(parts, ".")
      header.attributes.number = number
    end
    add(header.identifier, "sec", number, header.content)
    return header
  end

  local function number_float(div)
    local kind = float_kind(div.identifier)
    counts[kind] = counts[kind] + 1
    div.attributes.number = prefix .. counts[kind]
    add(div.identifier, kind, div.attributes.number, div.content[#div.content])
    return div
  end

  doc.blocks = doc.blocks:walk({
    traverse = "topdown",
    Div = function(div)
      if float_kind(div.identifier) then return number_float(div), false end
      if has_class(div, "panel-tabset") or div.classes:find_if(function(class) return class:match("^callout%-") end) then
        -- Headings of tabs and callouts are no sections, but figures inside are figures.
        return div:walk({
          traverse = "topdown",
          Div = function(inner)
            if float_kind(inner.identifier) then return number_float(inner), false end
          end,
        }), false
      end
    end,
    Header = number_header,
  })
  doc.meta = {
    title = pandoc.MetaInlines(title.content),
    id = title.identifier,
    numbered = numbered and "yes" or "",
    labels = labels,
  }
  return doc
end

return function(doc)
  doc.blocks = doc.blocks:walk(common.conditions("number"))
  doc.blocks = doc.blocks:walk({ Figure = as_float_div, Table = as_float_div })
  doc.blocks = doc.blocks:walk({ Div = caption_last })
  return number_chapter(doc)
end
