-- The Quarto syntax that chapters use, in two passes over a book.
--
--   number   one chapter: other profiles' content goes, the title is taken out, sections, figures and
--            tables get their number (attribute `number`) and are listed as labels
--   html     one chapter with the labels of the whole book: cross references, callouts, tabsets, figures,
--            tables and sections become what Quarto's pages hold
--
-- Settings come as a JSON file named by the metadata field `settings`; what the passes found goes back in
-- the metadata. A message of `fail` reaches publishing/markdown.py in both languages.

local stringify = pandoc.utils.stringify
local settings

local function fail(en, zh)
  error("BOOK[" .. en .. "|" .. zh .. "]KOOB")
end

local function has_class(element, name)
  return element.classes ~= nil and element.classes:includes(name)
end

local function float_kind(identifier)
  return identifier and (identifier:match("^(fig)%-") or identifier:match("^(tbl)%-"))
end

local function raw(html)
  return pandoc.RawBlock("html", html)
end

local function escape(text)
  return (text:gsub("&", "&amp;"):gsub("<", "&lt;"):gsub(">", "&gt;"):gsub('"', "&quot;"))
end

-- conditional content ------------------------------------------------------------------------------

-- Whether an element's condition is met: true, false, or nil when it is not decided in this pass.
local function condition_met(element, pass)
  local profile, format = element.attributes["when-profile"], element.attributes["when-format"]
  if profile and profile ~= settings.profile then return false end
  if format then
    if pass == "number" then return nil end
    return format == "html"
  end
  return true
end

local function resolve_condition(element, pass)
  local visible, hidden = has_class(element, "content-visible"), has_class(element, "content-hidden")
  if not (visible or hidden) then return nil end
  local met = condition_met(element, pass)
  if met == nil then
    element.attributes["when-profile"] = nil
    return element
  end
  if met == visible then return element.content end
  return {}
end

local function conditions(pass)
  local decide = function(element) return resolve_condition(element, pass) end
  return { Div = decide, Span = decide }
end

-- figures and tables: always a Div whose last block is the caption ---------------------------------

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

-- numbering ----------------------------------------------------------------------------------------

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

-- cross references ---------------------------------------------------------------------------------

local function nbsp()
  return pandoc.Str("\u{a0}")
end

local function reference_text(label, citation)
  local words, plain = settings.words, citation.mode == "SuppressAuthor"
  -- On a page without a number Quarto refers to sections by their titles.
  if label.kind == "sec" and settings.unnumbered_page then
    if label.is_chapter and label.number ~= "" then
      return { pandoc.Str(label.number), nbsp(), pandoc.Space(), pandoc.Str(label.title) }
    end
    return { pandoc.Str(label.title) }
  end
  local number = pandoc.Str(label.number)
  if #citation.prefix > 0 then
    local text = citation.prefix:clone()
    text:extend({ nbsp(), number })
    return text
  end
  if plain then return { number } end
  if label.kind == "sec" then
    local word = words[label.is_chapter and "crossref-ch-prefix" or "crossref-sec-prefix"]
    return { pandoc.Str(word), pandoc.Space(), number }
  end
  return { pandoc.Str(words["crossref-" .. label.kind .. "-prefix"]), nbsp(), number }
end

local function resolve_reference(cite)
  local inlines = pandoc.Inlines({})
  for position, citation in ipairs(cite.citations) do
    local label = settings.labels[citation.id]
    if not label then return nil end
    if position > 1 then inlines:extend({ pandoc.Str(","), pandoc.Space() }) end
    local text = reference_text(label, citation)
    inlines:insert(pandoc.Link(text, label.href, "", pandoc.Attr("", { "quarto-xref" })))
    inlines:extend(citation.suffix)
  end
  return inlines
end

local function resolve_link(link)
  local identifier = link.target:match("^#(.+)$")
  local label = identifier and settings.labels[identifier]
  if label then
    link.target = label.href
  elseif not link.target:match("^%a[%w+.-]*:") then
    link.target = link.target:gsub("%.qmd$", ".html"):gsub("%.qmd#", ".html#")
  end
  return link
end

-- HTML ---------------------------------------------------------------------------------------------

local function float_to_html(div)
  local kind = float_kind(div.identifier)
  if not kind then return nil end
  local content = div.content:clone()
  local caption = content:remove(#content)
  local caption_id = div.identifier .. "-caption"
  local place = kind == "tbl" and "top" or "bottom"
  local inlines = pandoc.Inlines({
    pandoc.Str(settings.words["crossref-" .. kind .. "-title"]), nbsp(),
    pandoc.Str(div.attributes.number .. ":"), pandoc.Space(),
  })
  inlines:extend(caption.content)
  local figcaption = pandoc.Blocks({
    raw(string.format(
      '<figcaption class="quarto-float-caption-%s quarto-float-caption quarto-float-%s" id="%s">',
      place, kind, escape(caption_id)
    )),
    pandoc.Plain(inlines),
    raw("</figcaption>"),
  })
  local body = pandoc.Blocks({ raw('<div aria-describedby="' .. escape(caption_id) .. '">') })
  local plain_caption = stringify(caption)
  body:extend(content:walk({
    Image = function(image)
      image.caption = { pandoc.Str(image.attributes["fig-alt"] or plain_caption) }
      image.attributes["fig-alt"] = nil
      return image
    end,
    Figure = function(figure) return figure.content end,
  }))
  body:insert(raw("</div>"))

  local blocks = pandoc.Blocks({ raw('<figure class="quarto-float quarto-float-' .. kind .. ' figure">') })
  if place == "top" then blocks:extend(figcaption) end
  blocks:extend(body)
  if place == "bottom" then blocks:extend(figcaption) end
  blocks:insert(raw("</figure>"))
  local classes = pandoc.List({ "quarto-float", "quarto-figure", "quarto-figure-center" })
  classes:extend(div.classes)
  return pandoc.Div(blocks, pandoc.Attr(div.identifier, classes))
end

local function callout_kind(div)
  for _, class in ipairs(div.classes) do
    local kind = class:match("^callout%-(.+)$")
    if kind and settings.words["callout-" .. kind .. "-title"] then return kind end
  end
end

local function callout_to_html(div)
  local kind = callout_kind(div)
  if not kind then return nil end
  local name = settings.words["callout-" .. kind .. "-title"]
  local content, title = div.content:clone(), nil
  if div.attributes.title then
    title = pandoc.utils.blocks_to_inlines(pandoc.read(div.attributes.title, "markdown").blocks)
  elseif content[1] and content[1].t == "Header" then
    title = content:remove(1).content
  end
  local heading = pandoc.Inlines({})
  if title then
    heading:insert(pandoc.Span({ pandoc.Str(name) }, pandoc.Attr("", { "screen-reader-only" })))
    heading:insert(pandoc.Space())
    heading:extend(title)
  else
    heading:insert(pandoc.Str(name))
  end
  return pandoc.Div({
    pandoc.Div({
      pandoc.Div({ raw('<i class="callout-icon"></i>') }, pandoc.Attr("", { "callout-icon-container" })),
      pandoc.Div({ pandoc.Plain(heading) }, pandoc.Attr("", { "callout-title-container", "flex-fill" })),
    }, pandoc.Attr("", { "callout-header", "d-flex", "align-content-center" })),
    pandoc.Div(content, pandoc.Attr("", { "callout-body-container", "callout-body" })),
  }, pandoc.Attr(div.identifier, { "callout", "callout-style-default", "callout-" .. kind, "callout-titled" }))
end

local tabsets = 0

local function tabset_to_html(div)
  if not has_class(div, "panel-tabset") then return nil end
  tabsets = tabsets + 1
  local level, tabs = nil, pandoc.List()
  for _, block in ipairs(div.content) do
    if block.t == "Header" and (level == nil or block.level == level) then
      level = block.level
      tabs:insert({ title = block.content, content = pandoc.Blocks({}) })
    elseif #tabs > 0 then
      tabs[#tabs].content:insert(block)
    end
  end
  if #tabs == 0 then
    fail("a .panel-tabset needs headings for its tabs", ".panel-tabset 需要以标题作为选项卡")
  end
  local list = pandoc.Blocks({ raw('<ul class="nav nav-tabs" role="tablist">') })
  local panes = pandoc.Blocks({})
  for position, tab in ipairs(tabs) do
    local identifier = "tabset-" .. tabsets .. "-" .. position
    list:insert(raw(string.format(
      '<li class="nav-item" role="presentation"><a class="nav-link%s" id="%s-tab" role="tab" '
        .. 'aria-controls="%s" aria-selected="%s" href="#%s">',
      position == 1 and " active" or "", identifier, identifier, position == 1 and "true" or "false", identifier
    )))
    list:insert(pandoc.Plain(tab.title))
    list:insert(raw("</a></li>"))
    panes:insert(pandoc.Div(tab.content, pandoc.Attr(
      identifier,
      { "tab-pane", position == 1 and "active" or nil },
      { { "role", "tabpanel" }, { "aria-labelledby", identifier .. "-tab" } }
    )))
  end
  list:insert(raw("</ul>"))
  list:insert(pandoc.Div(panes, pandoc.Attr("", { "tab-content" })))
  return pandoc.Div(list, pandoc.Attr(div.identifier, { "panel-tabset" }))
end

local function image_alt(image)
  if image.attributes["fig-alt"] then
    image.caption = { pandoc.Str(image.attributes["fig-alt"]) }
    image.attributes["fig-alt"] = nil
    return image
  end
end

local function sections_to_html(blocks, toc)
  local sections = pandoc.utils.make_sections(false, nil, blocks)
  return sections:walk({
    traverse = "topdown",
    Div = function(div)
      if not has_class(div, "section") then return nil end
      local header = div.content[1]
      local number = div.attributes.number
      local text = stringify(header.content)
      div.attributes.number = nil
      header.attributes.number = nil
      if number then
        div.attributes["number"] = number
        header.content:insert(1, pandoc.Space())
        header.content:insert(1, pandoc.Span({ pandoc.Str(number) }, pandoc.Attr("", { "header-section-number" })))
      end
      header.classes:insert("anchored")
      header.attributes["anchor-id"] = div.identifier
      header.content:insert(pandoc.RawInline("html", string.format(
        '<a class="anchorjs-link" href="#%s" aria-label="%s"></a>',
        escape(div.identifier), escape(settings.words["section-link"])
      )))
      div.content[1] = header
      if not has_class(div, "unlisted") then
        toc:insert({
          id = div.identifier, level = tostring(header.level), number = number or "", title = text,
        })
      end
      return div
    end,
  })
end

local function to_html(doc)
  doc.blocks = doc.blocks:walk(conditions("html"))
  doc.blocks = doc.blocks:walk({ Cite = resolve_reference, Link = resolve_link })
  -- Tabsets go first: their headings are no sections.
  doc.blocks = doc.blocks:walk({
    traverse = "topdown",
    Div = function(div)
      return callout_to_html(div) or tabset_to_html(div) or float_to_html(div)
    end,
    Image = image_alt,
  })
  local toc, images = pandoc.List(), pandoc.List()
  doc.blocks = sections_to_html(doc.blocks, toc)
  doc.blocks:walk({ Image = function(image) images:insert(image.src) end })
  local title = pandoc.Pandoc({ pandoc.Plain(doc.meta.title) })
  local about = pandoc.json.encode({
    title = pandoc.write(title, "html5", { html_math_method = "mathml", wrap_text = "none" }),
    toc = toc, images = images,
  })
  doc.blocks:insert(1, raw("<!--about " .. about:gsub(">", "\\u003e") .. "-->"))
  doc.meta = {}
  return doc
end

function Pandoc(doc)
  local file = assert(io.open(stringify(doc.meta.settings)))
  settings = pandoc.json.decode(file:read("a"), false)
  file:close()
  doc.meta.settings = nil
  if settings.pass == "number" then
    doc.blocks = doc.blocks:walk(conditions("number"))
    doc.blocks = doc.blocks:walk({ Figure = as_float_div, Table = as_float_div })
    doc.blocks = doc.blocks:walk({ Div = caption_last })
    return number_chapter(doc)
  end
  return to_html(doc)
end
