-- What both passes need: the settings, refusals in both languages, and conditional content; what a float is, the PDF needs too.

local settings = {}   -- of publishing/markdown.py or publishing/html.py, as `read` found them

local function read(path)
  local file = assert(io.open(path))
  for key, value in pairs(pandoc.json.decode(file:read("a"), false)) do settings[key] = value end
  file:close()
end

local function fail(en, zh)
  error("BOOK[" .. en .. "|" .. zh .. "]KOOB")
end

local function has_class(element, name)
  return element.classes ~= nil and element.classes:includes(name)
end

local function float_kind(identifier)
  return identifier and (identifier:match("^(fig)%-") or identifier:match("^(tbl)%-"))
end

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

return {
  settings = settings, read = read, fail = fail, has_class = has_class, float_kind = float_kind, conditions = conditions,
}
