--- The next edit: asked for when insert mode is left or the text is changed outside of it, shown where it belongs, jumped to and taken by
--- one key.
local wire = require('nextline.wire')

local api = vim.api
local M = {}

local namespace = api.nvim_create_namespace('nextline.next')

---@class nextline.NextEdit
---@field bufnr integer
---@field client vim.lsp.Client
---@field edit table SuggestedEdit
---@field tick integer changedtick of the text that it is for
---@field row integer
---@field col integer byte
---@field end_row integer
---@field end_col integer byte

---@type nextline.NextEdit?
local shown
---@type { client: vim.lsp.Client, id: integer? }?
local pending
-- By buffer, the changedtick that was last asked about.
local asked = {} ---@type table<integer, integer>

local function highlights()
  api.nvim_set_hl(0, 'NextlineNextGone', { default = true, link = 'DiffDelete' })
  api.nvim_set_hl(0, 'NextlineNextNew', { default = true, link = 'DiffAdd' })
  api.nvim_set_hl(0, 'NextlineNextHint', { default = true, link = 'NonText' })
end
highlights()

local function cancel()
  if pending and pending.id then
    wire.cancel(pending.client, pending.id)
  end
  pending = nil
end

--- Takes what is shown off the screen.
local function clear()
  if shown and api.nvim_buf_is_valid(shown.bufnr) then
    api.nvim_buf_clear_namespace(shown.bufnr, namespace, 0, -1)
  end
  shown = nil
end

--- The byte column of an LSP position.
local function column(bufnr, position, encoding)
  local line = api.nvim_buf_get_lines(bufnr, position.line, position.line + 1, false)[1] or ''
  if encoding == 'utf-8' then
    return math.min(position.character, #line)
  end
  local ok, byte = pcall(vim.str_byteindex, line, encoding, position.character, false)
  if not ok then
    -- Neovim 0.10: the line, the index, and whether it counts UTF-16 units.
    ok, byte = pcall(vim.str_byteindex, line, position.character, encoding == 'utf-16')
  end
  return ok and byte or #line
end

--- Draws what is suggested: what goes is marked, what comes stands behind it, and a hint at the cursor where it is on another line.
local function draw()
  local one = assert(shown)
  local bufnr = one.bufnr
  api.nvim_buf_clear_namespace(bufnr, namespace, 0, -1)
  if one.end_row > one.row or one.end_col > one.col then
    api.nvim_buf_set_extmark(bufnr, namespace, one.row, one.col, {
      end_row = one.end_row,
      end_col = one.end_col,
      hl_group = 'NextlineNextGone',
    })
  end
  local lines = vim.split(one.edit.text, '\n', { plain = true })
  local below = {}
  for index = 2, #lines do
    below[#below + 1] = { { lines[index] == '' and ' ' or lines[index], 'NextlineNextNew' } }
  end
  api.nvim_buf_set_extmark(bufnr, namespace, one.end_row, one.end_col, {
    virt_text = lines[1] ~= '' and { { lines[1], 'NextlineNextNew' } } or nil,
    virt_text_pos = lines[1] ~= '' and 'inline' or nil,
    virt_lines = #below > 0 and below or nil,
  })
  local row = api.nvim_win_get_cursor(0)[1] - 1
  if api.nvim_get_current_buf() == bufnr and row ~= one.row then
    local words = vim.trim(one.edit.text):gsub('%s+', ' ')
    api.nvim_buf_set_extmark(bufnr, namespace, row, 0, {
      virt_text = { { ('  %s %d: %s'):format(row < one.row and '↓' or '↑', one.row + 1, words:sub(1, 40)), 'NextlineNextHint' } },
      virt_text_pos = 'eol',
    })
  end
end

local function show(client, bufnr, tick, edit)
  clear()
  local first, last = edit.range.start, edit.range['end']
  shown = {
    bufnr = bufnr,
    client = client,
    edit = edit,
    tick = tick,
    row = first.line,
    col = column(bufnr, first, client.offset_encoding),
    end_row = last.line,
    end_col = column(bufnr, last, client.offset_encoding),
  }
  draw()
  wire.notify(client, 'textDocument/didShowInlineEdit', { item = { command = { arguments = { edit.id } } } })
end

local function diagnostics(bufnr)
  local found = {}
  for _, one in ipairs(vim.diagnostic.get(bufnr)) do
    found[#found + 1] = {
      range = {
        start = { line = one.lnum, character = one.col },
        ['end'] = { line = one.end_lnum or one.lnum, character = one.end_col or one.col },
      },
      message = one.message,
      severity = one.severity,
      source = one.source,
    }
  end
  return found
end

--- Asks for the next edit of the current buffer.
---@param invoked boolean? the person asked: a silence is said
function M.ask(invoked)
  local bufnr = api.nvim_get_current_buf()
  local client = require('nextline.server').client(bufnr)
  if not client or vim.g.nextline_enabled == false or vim.b[bufnr].nextline_enabled == false then
    return clear()
  end
  cancel()
  local tick = api.nvim_buf_get_changedtick(bufnr)
  asked[bufnr] = tick
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  params.diagnostics = diagnostics(bufnr)
  params.invoked = invoked or false
  local mine = { client = client }
  pending = mine
  mine.id = wire.request(client, 'agent/edit/suggest', params, function(err, result)
    if pending ~= mine then
      return
    end
    pending = nil
    local edit = not err and type(result) == 'table' and result.edits[1]
    if api.nvim_get_current_buf() ~= bufnr or api.nvim_buf_get_changedtick(bufnr) ~= tick then
      return clear()
    end
    if edit then
      return show(client, bufnr, tick, edit)
    end
    clear()
    if invoked then
      api.nvim_echo({ { 'nextline: ' .. (err and err.message or result.detail) } }, true, {})
    end
  end, bufnr)
end

--- Whether a question is on its way.
function M.waiting()
  return pending ~= nil
end

--- Whether an edit is on the screen of the current buffer, for the text that is there.
---@return boolean
function M.visible()
  return shown ~= nil
    and shown.bufnr == api.nvim_get_current_buf()
    and shown.tick == api.nvim_buf_get_changedtick(shown.bufnr)
end

--- The edit that is on the screen, or nil.
function M.edit()
  return M.visible() and shown and shown.edit or nil
end

--- Jumps to the edit that is shown, or takes it where the cursor is on its line; false when none is shown.
---@return boolean
function M.go()
  if not M.visible() then
    return false
  end
  local one = assert(shown)
  if api.nvim_win_get_cursor(0)[1] - 1 ~= one.row then
    vim.cmd("normal! m'")
    api.nvim_win_set_cursor(0, { one.row + 1, one.col })
    draw()
    return true
  end
  clear()
  vim.lsp.util.apply_text_edits({ { range = one.edit.range, newText = one.edit.text } }, one.bufnr, one.client.offset_encoding)
  local lines = vim.split(one.edit.text, '\n', { plain = true })
  local row = one.row + #lines - 1
  local col = #lines[#lines] + (#lines == 1 and one.col or 0)
  pcall(api.nvim_win_set_cursor, 0, { row + 1, col })
  wire.run(one.client, one.edit.command, one.bufnr)
  M.ask()
  return true
end

--- Takes the edit that is shown off the screen, and does not show it again; false when none is shown.
---@return boolean
function M.dismiss()
  if not M.visible() then
    return false
  end
  local one = assert(shown)
  clear()
  wire.run(one.client, { command = 'nextline.didDismiss', arguments = { one.edit.id } }, one.bufnr)
  return true
end

local function on_change(event)
  if event.buf ~= api.nvim_get_current_buf() then
    return
  end
  if asked[event.buf] ~= api.nvim_buf_get_changedtick(event.buf) then
    M.ask()
  end
end

---@param bufnr integer
function M.attach(bufnr)
  local group = api.nvim_create_augroup('nextline.next.' .. bufnr, {})
  local function on(events, callback)
    api.nvim_create_autocmd(events, { group = group, buffer = bufnr, callback = callback })
  end
  asked[bufnr] = api.nvim_buf_get_changedtick(bufnr)
  on({ 'InsertLeave', 'TextChanged' }, on_change)
  on('InsertEnter', function()
    cancel()
    clear()
  end)
  on('CursorMoved', function()
    if M.visible() then
      draw()
    end
  end)
  on('BufLeave', function()
    cancel()
    clear()
  end)
end

---@param bufnr integer
function M.detach(bufnr)
  pcall(api.nvim_del_augroup_by_name, 'nextline.next.' .. bufnr)
  asked[bufnr] = nil
  if shown and shown.bufnr == bufnr then
    clear()
  end
end

return M
