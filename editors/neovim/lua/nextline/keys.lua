--- Keys that act while ghost text is shown and otherwise do what they did before. Mapped per buffer, so that a file
--- without the server keeps its keys untouched.
local config = require('nextline.config')
local ghost = require('nextline.ghost')

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
}

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
  return ghost.visible() and not (lhs:lower() == '<tab>' and ghost.indents())
end

---@param lhs string
local function plug(lhs)
  return '<Plug>(nextline-before-' .. lhs:gsub('[<>]', '_') .. ')'
end

--- What a key did in this buffer: a mapping of the buffer's own, taken when ours was set, or the global one of today.
---@param lhs string
---@param own table? the buffer's own mapping before ours
---@return table?
local function before(lhs, own)
  if own then
    return own
  end
  local raw = vim.api.nvim_replace_termcodes(lhs, true, true, true)
  for _, map in ipairs(vim.api.nvim_get_keymap('i')) do
    if map.lhsraw == raw or map.lhsrawalt == raw or map.lhs == lhs then
      return map
    end
  end
end

--- Keys that do what `lhs` did. The earlier mapping is copied under another name, so that its own flags, script scope
--- and callback stay as they were.
---@param lhs string
---@param own table?
---@return string
local function fallback(lhs, own)
  local name = plug(lhs)
  local map = before(lhs, own)
  if not map then
    vim.keymap.set('i', name, lhs, { noremap = true })
    return name
  end
  local copy = vim.tbl_extend('force', {}, map, { lhs = name, buffer = 0 })
  copy.lhsraw = vim.api.nvim_replace_termcodes(name, true, true, true)
  copy.lhsrawalt = nil
  vim.fn.mapset('i', false, copy)
  return name
end

---@param bufnr integer
function M.attach(bufnr)
  for action, lhs in pairs(config.mapped()) do
    local own = vim.api.nvim_buf_call(bufnr, function()
      return vim.fn.maparg(lhs, 'i', false, true)
    end)
    own = own.buffer == 1 and own or nil
    if not (own and (own.desc or ''):sub(1, #description) == description) then
      vim.keymap.set('i', lhs, function()
        if ours(action, lhs) then
          return ("<Cmd>lua require('nextline.keys').run('%s')<CR>"):format(action)
        end
        return fallback(lhs, own)
      end, { buffer = bufnr, expr = true, remap = true, desc = description .. action:gsub('_', ' ') })
    end
  end
end

---@param bufnr integer
function M.detach(bufnr)
  if not vim.api.nvim_buf_is_valid(bufnr) then
    return
  end
  for _, map in ipairs(vim.api.nvim_buf_get_keymap(bufnr, 'i')) do
    if (map.desc or ''):sub(1, #description) == description then
      pcall(vim.keymap.del, 'i', map.lhs, { buffer = bufnr })
    end
  end
end

return M
