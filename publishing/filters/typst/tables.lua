-- Tables, as calls that publishing/pdf_tables.py finds and sets.

local writing = require("typst.writing")
local raw_block, wrapped, as_typst = writing.raw_block, writing.wrapped, writing.as_typst

-- publishing/pdf_tables.py finds the calls of review-table by this mark, which no text has, and wide tables by these lines.
local mark = "\u{E000}"

local function marked(element)
  if element.format ~= "typst" then return nil end
  local text = ("\n" .. element.text):gsub("\n([ \t]*)#review%-table%(", "\n%1#review-table" .. mark .. "(")
  return pandoc.RawBlock("typst", text:sub(2))
end

local function wide(blocks) return writing.wrapped_blocks("// wide-table", blocks, "// wide-table ends") end

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

return { marked = marked, wide = wide, boxed = boxed, in_box = in_box, table_block = table_block }
