-- What is set elsewhere in the PDF than on the page: the data appendix stands at the end.

local float_kind = require("quarto.common").float_kind
local book = require("typst.book")
local writing = require("typst.writing")
local raw_block, quoted = writing.raw_block, writing.quoted

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
  local word = book.words[first.t == "Header" and "crossref-sec-prefix" or "crossref-tbl-title"]
  local name = word .. "\u{a0}" .. number(first)
  if first ~= last then name = word .. (book.chinese and "" or "s") .. "\u{a0}" .. number(first) .. "–" .. number(last) end
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
      if float_kind(element.identifier) and belongs_in_appendix(element) then
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

return set_elsewhere
