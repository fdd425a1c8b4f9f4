--- One suggestion: what it puts where, and how much of it is still ahead of the cursor.
local text = require('nextline.text')

---@class nextline.Item
---@field raw table the item as the server sent it: shown and accepted notices carry it back
---@field id string? the server's id, from the arguments of its command
---@field row integer 0-based line of the range
---@field start integer byte column where `insert` begins
---@field insert string everything the item puts, "\n" between lines
---@field tail string text after the cursor that the item replaces
---@field after string all text after the cursor when the item was asked for
local Item = {}
Item.__index = Item

---@class nextline.Place
---@field bufnr integer
---@field row integer 0-based
---@field col integer byte column
---@field line string the line's text

--- Where the cursor of the current window is.
---@return nextline.Place
function Item.here()
  local row, col = unpack(vim.api.nvim_win_get_cursor(0))
  return { bufnr = vim.api.nvim_get_current_buf(), row = row - 1, col = col, line = vim.api.nvim_get_current_line() }
end

--- nil for what cannot be ghost text at `place`: a snippet, a range on another line or away from the cursor, or a
--- text that does not go on from what stands before the cursor.
---@param raw table LSP InlineCompletionItem
---@param place nextline.Place where it was asked for
---@param encoding string the client's position encoding
---@return nextline.Item?
function Item.new(raw, place, encoding)
  local insert, range = raw.insertText, raw.range
  if type(insert) ~= 'string' then
    return nil
  end
  insert = insert:gsub('\r\n?', '\n')
  local start, stop = place.col, place.col
  if range then
    if range.start.line ~= place.row or range['end'].line ~= place.row then
      return nil
    end
    start = text.byte(place.line, range.start.character, encoding)
    stop = text.byte(place.line, range['end'].character, encoding)
  end
  local typed = place.line:sub(start + 1, place.col)
  if start > place.col or stop < place.col or not text.starts(insert, typed) or insert == typed then
    return nil
  end
  return setmetatable({
    raw = raw,
    id = vim.tbl_get(raw, 'command', 'arguments', 1),
    row = place.row,
    start = start,
    insert = insert,
    tail = place.line:sub(place.col + 1, stop),
    after = place.line:sub(place.col + 1),
  }, Item)
end

--- What is left to insert at `place` and what of the item stands before it, while the text typed since agrees with
--- the item; nil when it does not.
---@param place nextline.Place
---@return string? rest, string? typed
function Item:rest(place)
  if place.row < self.row or (place.row == self.row and place.col < self.start) then
    return nil
  end
  if place.line:sub(place.col + 1) ~= self.after then
    return nil
  end
  local ok, lines = pcall(vim.api.nvim_buf_get_text, place.bufnr, self.row, self.start, place.row, place.col, {})
  if not ok then
    return nil
  end
  local typed = table.concat(lines, '\n')
  if not text.starts(self.insert, typed) then
    return nil
  end
  return self.insert:sub(#typed + 1), typed
end

--- The next word of `rest` with the blanks before it. A word is what 'iskeyword' says, as for the motion |w|.
---@param rest string
---@return string
function Item.word(rest)
  local word = vim.fn.matchstr(rest, [[^\_s*\%(\k\+\|\%(\k\@!\S\)\+\)]])
  return word ~= '' and word or rest
end

--- The next line of `rest`, with the line break before it if the cursor's line is complete.
---@param rest string
---@return string
function Item.line(rest)
  return rest:match('^\n?[^\n]*')
end

return Item
