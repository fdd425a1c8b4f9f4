--- Positions on one line: the units of the wire <-> bytes of the buffer.
--- Neovim's own functions for this changed their arguments between 0.10 and 0.11, so the plugin has its own.
local M = {}

--- Bytes and units of the character whose first byte is `lead`; a stray continuation byte counts as one character.
---@param lead integer
---@param encoding string "utf-8" | "utf-16" | "utf-32"
---@return integer bytes, integer units
local function width(lead, encoding)
  local bytes = 1
  if lead >= 0xF0 then
    bytes = 4
  elseif lead >= 0xE0 then
    bytes = 3
  elseif lead >= 0xC0 then
    bytes = 2
  end
  if encoding == 'utf-8' then
    return bytes, bytes
  end
  return bytes, (encoding == 'utf-16' and bytes == 4) and 2 or 1
end

--- The byte offset of `units` on `line`, clamped to the line.
---@param line string
---@param units integer
---@param encoding string
---@return integer
function M.byte(line, units, encoding)
  local at, seen = 0, 0
  while at < #line and seen < units do
    local bytes, step = width(line:byte(at + 1), encoding)
    if seen + step > units then
      break
    end
    at, seen = at + bytes, seen + step
  end
  return math.min(at, #line)
end

--- How many units `text` is long.
---@param text string
---@param encoding string
---@return integer
function M.units(text, encoding)
  local at, seen = 0, 0
  while at < #text do
    local bytes, step = width(text:byte(at + 1), encoding)
    at, seen = at + bytes, seen + step
  end
  return seen
end

---@param text string
---@param prefix string
---@return boolean
function M.starts(text, prefix)
  return text:sub(1, #prefix) == prefix
end

return M
