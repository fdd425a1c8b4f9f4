--- Ghost text by the plugin's own extmarks, for Neovim without `vim.lsp.inline_completion`.
local M = {}

local namespace = vim.api.nvim_create_namespace('nextline.ghost')

local function highlights()
  local native = vim.fn.hlexists('ComplHint') == 1
  vim.api.nvim_set_hl(0, 'NextlineGhost', { default = true, link = native and 'ComplHint' or 'NonText' })
  vim.api.nvim_set_hl(0, 'NextlineCount', { default = true, link = native and 'ComplHintMore' or 'MoreMsg' })
end
highlights()

function M.attach() end

---@param bufnr integer
function M.hide(bufnr)
  if vim.api.nvim_buf_is_valid(bufnr) then
    vim.api.nvim_buf_clear_namespace(bufnr, namespace, 0, -1)
  end
end

--- What is drawn before the text that the item replaces and what after it: text that it repeats is not drawn twice.
---@param line string first line of the rest
---@param tail string
---@return string before, string after
local function around(line, tail)
  local from, to = line:find(tail, 1, true)
  if tail == '' or not from then
    return line, ''
  end
  return line:sub(1, from - 1), line:sub(to + 1)
end

--- Draws the selected suggestion's rest at `place`, in the place of what was drawn before.
---@param place nextline.Place
---@param fits { item: nextline.Item, rest: string }[]
---@param index integer
---@param count boolean say which of how many this is
---@return boolean drawn
function M.show(place, fits, index, count)
  M.hide(place.bufnr)
  local fit = fits[index]
  local lines = vim.split(fit.rest, '\n', { plain = true })
  local before, after = around(lines[1], fit.item.tail)
  local below = {}
  for i = 2, #lines do
    below[#below + 1] = { { lines[i] == '' and ' ' or lines[i], 'NextlineGhost' } }
  end
  local first = { { before, 'NextlineGhost' } }
  if count then
    table.insert(below[#below] or first, { (' (%d/%d)'):format(index, #fits), 'NextlineCount' })
  end
  vim.api.nvim_buf_set_extmark(place.bufnr, namespace, place.row, place.col, {
    virt_text = first,
    virt_text_pos = 'inline',
    virt_lines = #below > 0 and below or nil,
    hl_mode = 'combine',
  })
  if after ~= '' then
    vim.api.nvim_buf_set_extmark(place.bufnr, namespace, place.row, place.col + #fit.item.tail, {
      virt_text = { { after, 'NextlineGhost' } },
      virt_text_pos = 'inline',
      hl_mode = 'combine',
    })
  end
  return true
end

--- Which suggestion is on the screen; own drawing shows what it was told to.
---@param _ nextline.Place
---@param index integer
---@return integer?
function M.selected(_, index)
  return index
end

return M
