-- How Typst is written into a document: raw pieces around text that stays text.

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

-- A block that needs none is not given back, as it would be carried to pandoc for nothing.
local function guard(block)
  if not needs_guard(block.content) then return nil end
  block.content = guarded(block.content)
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

return {
  raw = raw, raw_block = raw_block, quoted = quoted, guard = guard,
  wrapped = wrapped, wrapped_blocks = wrapped_blocks, as_typst = as_typst,
}
