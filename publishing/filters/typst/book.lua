-- What a chapter must know of the book, as publishing/pdf.py tells it in the metadata "pdf".

local stringify = pandoc.utils.stringify

local book = {
  words = {},         -- the book's words for "Figure", "Section" and so on
  labels = {},        -- what `@id` may refer to, by id
  pages = {},         -- every name a link may give a chapter, with the id it has in the PDF
  site = "",          -- the address of the language's website
  chinese = false,
  chapter = "",       -- the path of the chapter
}

function book.read(meta)
  book.site = stringify(meta.pdf.site or "")
  book.chinese = stringify(meta.lang):match("^zh") ~= nil
  for key, value in pairs(meta.pdf.words) do book.words[key] = stringify(value) end
  for key, value in pairs(meta.pdf.pages) do book.pages[key] = stringify(value) end
  for key, value in pairs(meta.pdf.labels) do
    book.labels[key] = {
      kind = stringify(value.kind), number = stringify(value.number), title = stringify(value.title), chapter = value.chapter,
    }
  end
end

return book
