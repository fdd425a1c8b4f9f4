--- The popup menu beside ghost text: what its selected entry would still insert.
local M = {}

--- nil without a menu or without a selected entry. After `<C-n>` the entry stands in the buffer already and nothing
--- remains; with 'completeopt' noinsert it does not.
---@param before string the line up to the cursor
---@return string? remaining, string? word
function M.selected(before)
  if vim.fn.pumvisible() == 0 then
    return nil
  end
  local index = vim.fn.complete_info({ 'selected' }).selected
  local entry = index >= 0 and vim.fn.complete_info({ 'items' }).items[index + 1]
  if not entry then
    return nil
  end
  for n = math.min(#entry.word, #before), 1, -1 do
    if before:sub(-n) == entry.word:sub(1, n) then
      return entry.word:sub(n + 1), entry.word
    end
  end
  return entry.word, entry.word
end

return M
