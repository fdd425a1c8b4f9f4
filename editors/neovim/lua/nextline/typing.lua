--- When to ask for ghost text: the editor's events of one buffer.
local Item = require('nextline.item')
local ghost = require('nextline.ghost')

local api = vim.api
local M = {}

-- changedtick of the text that was last looked at: tells typing from moving.
local seen = -1
-- By buffer, its changedtick when insert mode was left: tells `o` and `cc` from `i`.
local left = {} ---@type table<integer, integer>

local function on_text_changed(event)
  local tick = api.nvim_buf_get_changedtick(event.buf)
  if tick == seen then
    return
  end
  seen = tick
  -- What is typed through needs no question; nor does a buffer that is switched off.
  if not ghost.refresh() then
    ghost.ask_soon()
  end
end

local function on_cursor_moved(event)
  if api.nvim_buf_get_changedtick(event.buf) ~= seen then
    return -- typed: TextChangedI comes next, before the screen is drawn
  end
  local now, place = Item.here(), ghost.place()
  if place and (place.row ~= now.row or place.col ~= now.col) then
    ghost.reset()
  end
end

--- Nothing is offered for merely entering insert mode inside a line: one who reads is left alone. `A` at the end of a
--- line, `o`, `cc` and the like are the start of writing.
local function on_insert_enter(event)
  local place = Item.here()
  seen = api.nvim_buf_get_changedtick(event.buf)
  local at_end = place.line:match('%S') and not place.line:sub(place.col + 1):match('%S')
  if left[event.buf] ~= seen or at_end then
    ghost.ask_soon()
  end
end

local function on_leave(event)
  ghost.reset()
  left[event.buf] = api.nvim_buf_get_changedtick(event.buf)
end

---@param bufnr integer
function M.attach(bufnr)
  local group = api.nvim_create_augroup('nextline.typing.' .. bufnr, {})
  local function on(events, callback)
    api.nvim_create_autocmd(events, { group = group, buffer = bufnr, callback = callback })
  end
  left[bufnr] = api.nvim_buf_get_changedtick(bufnr)
  on('InsertEnter', on_insert_enter)
  on({ 'TextChangedI', 'TextChangedP' }, on_text_changed)
  on('CursorMovedI', on_cursor_moved)
  on({ 'InsertLeave', 'BufLeave' }, on_leave)
  -- The menu's events come before the menu has changed.
  on({ 'CompleteChanged', 'CompleteDone' }, vim.schedule_wrap(ghost.refresh))
  if bufnr == api.nvim_get_current_buf() and api.nvim_get_mode().mode:sub(1, 1) == 'i' then
    on_insert_enter({ buf = bufnr })
  end
end

---@param bufnr integer
function M.detach(bufnr)
  pcall(api.nvim_del_augroup_by_name, 'nextline.typing.' .. bufnr)
  left[bufnr] = nil
end

return M
