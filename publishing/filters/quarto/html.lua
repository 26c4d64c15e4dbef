-- The second pass: a numbered chapter as what Quarto's pages hold.

local stringify = pandoc.utils.stringify
local common = require("quarto.common")
local settings, fail, has_class, float_kind = common.settings, common.fail, common.has_class, common.float_kind

local function raw(html)
  return pandoc.RawBlock("html", html)
end

local function escape(text)
  return (text:gsub("&", "&amp;"):gsub("<", "&lt;"):gsub(">", "&gt;"):gsub('"', "&quot;"))
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

return function(doc)
  doc.blocks = doc.blocks:walk(common.conditions("html"))
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
