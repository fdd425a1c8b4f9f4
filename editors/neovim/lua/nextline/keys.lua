--- Keys that act while ghost text is shown and otherwise do what they did before. Mapped per buffer, so that a file
--- without the server keeps its keys untouched.
local config = require('nextline.config')
local ghost = require('nextline.ghost')
local next_edit = require('nextline.next')

local M = {}

local description = 'nextline: '

-- Actions that make sense without ghost text on the screen: they ask for some.
local always = { next = true, prev = true, trigger = true }

local actions = {
  accept = function()
    return ghost.accept('all')
  end,
  accept_word = function()
    return ghost.accept('word')
  end,
  accept_line = function()
    return ghost.accept('line')
  end,
  next = function()
    return ghost.cycle(1) or ghost.trigger()
  end,
  prev = function()
    return ghost.cycle(-1) or ghost.trigger()
  end,
  dismiss = ghost.dismiss,
  trigger = ghost.trigger,
  next_edit = next_edit.go,
  next_dismiss = next_edit.dismiss,
}

-- Actions of normal mode, which act while an edit is suggested.
local normal = { next_edit = true, next_dismiss = true }

---@param action string
---@return string
local function mode_of(action)
  return normal[action] and 'n' or 'i'
end

function M.run(action)
  actions[action]()
end

--- Whether a key is for us now. `<Tab>` before ghost text that is only indented deeper is for the one who indents.
---@param action string
---@param lhs string
---@return boolean
local function ours(action, lhs)
  if always[action] then
    return true
  end
  if normal[action] then
    return next_edit.visible()
  end
  return ghost.visible() and not (lhs:lower() == '<tab>' and ghost.indents())
end

---@param lhs string
local function plug(lhs)
  return '<Plug>(nextline-before-' .. lhs:gsub('[<>]', '_') .. ')'
end

--- What a key did in this buffer: a mapping of the buffer's own, taken when ours was set, or the global one of today.
---@param lhs string
---@param own table? the buffer's own mapping before ours
---@param mode string
---@return table?
local function before(lhs, own, mode)
  if own then
    return own
  end
  local raw = vim.api.nvim_replace_termcodes(lhs, true, true, true)
  for _, map in ipairs(vim.api.nvim_get_keymap(mode)) do
    if map.lhsraw == raw or map.lhsrawalt == raw or map.lhs == lhs then
      return map
    end
  end
end

--- Keys that do what `lhs` did. The earlier mapping is copied under another name, so that its own flags, script scope
--- and callback stay as they were.
---@param lhs string
---@param own table?
---@param mode string
---@return string
local function fallback(lhs, own, mode)
  local name = plug(lhs)
  local map = before(lhs, own, mode)
  if not map then
    vim.keymap.set(mode, name, lhs, { noremap = true })
    return name
  end
  local copy = vim.tbl_extend('force', {}, map, { lhs = name, buffer = 0 })
  copy.lhsraw = vim.api.nvim_replace_termcodes(name, true, true, true)
  copy.lhsrawalt = nil
  vim.fn.mapset(mode, false, copy)
  return name
end

---@param bufnr integer
function M.attach(bufnr)
  for action, lhs in pairs(config.mapped()) do
    local mode = mode_of(action)
    local own = vim.api.nvim_buf_call(bufnr, function()
      return vim.fn.maparg(lhs, mode, false, true)
    end)
    own = own.buffer == 1 and own or nil
    if not (own and (own.desc or ''):sub(1, #description) == description) then
      vim.keymap.set(mode, lhs, function()
        if ours(action, lhs) then
          return ("<Cmd>lua require('nextline.keys').run('%s')<CR>"):format(action)
        end
        return fallback(lhs, own, mode)
      end, { buffer = bufnr, expr = true, remap = true, desc = description .. action:gsub('_', ' ') })
    end
  end
end

---@param bufnr integer
function M.detach(bufnr)
  if not vim.api.nvim_buf_is_valid(bufnr) then
    return
  end
  for _, mode in ipairs({ 'i', 'n' }) do
    for _, map in ipairs(vim.api.nvim_buf_get_keymap(bufnr, mode)) do
      if (map.desc or ''):sub(1, #description) == description then
        pcall(vim.keymap.del, mode, map.lhs, { buffer = bufnr })
      end
    end
  end
end

return M
