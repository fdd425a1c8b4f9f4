--- Chat in a buffer: what you say, and the answer as it comes.
local wire = require('nextline.wire')

local M = {}

--- The chat that is open: its id, its buffer, and whether it is answering.
local chat

local function say(words)
  vim.api.nvim_echo({ { 'nextline: ' .. words } }, true, {})
end

--- Adds text at the end of the chat's buffer.
local function add(text)
  if not chat or not vim.api.nvim_buf_is_valid(chat.bufnr) then
    return
  end
  local last = vim.api.nvim_buf_line_count(chat.bufnr) - 1
  local width = #vim.api.nvim_buf_get_lines(chat.bufnr, last, last + 1, false)[1]
  vim.bo[chat.bufnr].modifiable = true
  vim.api.nvim_buf_set_text(chat.bufnr, last, width, last, width, vim.split(text, '\n'))
  vim.bo[chat.bufnr].modifiable = false
  for _, win in ipairs(vim.fn.win_findbuf(chat.bufnr)) do
    vim.api.nvim_win_set_cursor(win, { vim.api.nvim_buf_line_count(chat.bufnr), 0 })
  end
end

--- Where the person is: the last window with a file in it, its selection and its diagnostics.
local function place(range)
  local bufnr = vim.api.nvim_get_current_buf()
  if chat and bufnr == chat.bufnr then
    bufnr = chat.from
  end
  if not bufnr or not vim.api.nvim_buf_is_valid(bufnr) or vim.api.nvim_buf_get_name(bufnr) == '' then
    return vim.empty_dict()
  end
  local diagnostics = {}
  for _, one in ipairs(vim.diagnostic.get(bufnr)) do
    local at = { line = one.lnum, character = 0 }
    diagnostics[#diagnostics + 1] = { range = { start = at, ['end'] = at }, message = one.message, source = one.source }
  end
  return {
    textDocument = { uri = vim.uri_from_bufnr(bufnr) },
    selection = range and {
      start = { line = range[1] - 1, character = 0 },
      ['end'] = { line = range[2], character = 0 },
    } or nil,
    diagnostics = #diagnostics > 0 and diagnostics or nil,
  }
end

--- What the server tells of a chat.
---@param event table ChatEvent
function M.event(event)
  if not chat or event.id ~= chat.id then
    return
  end
  if event.kind == 'delta' then
    add(event.text)
  elseif event.kind == 'title' then
    pcall(vim.api.nvim_buf_set_name, chat.bufnr, 'nextline://chat/' .. event.id)
  elseif event.kind == 'context' then
    for _, item in ipairs(event.account.leftOut) do
      add(('> %s was left out: %s\n'):format(item.name, item.reason))
    end
  end
end

local function send(server, text, range)
  add(('## You\n\n%s\n\n## Nextline\n\n'):format(text))
  chat.request = wire.request(server, 'agent/chat/send', { id = chat.id, text = text, place = place(range) }, function(err, result)
    chat.request = nil
    local wrong = err or (type(result) == 'table' and type(result.error) == 'table' and result.error) or nil
    add(wrong and ('\n> %s\n\n'):format(wrong.message) or '\n\n')
  end)
end

--- Opens the chat's window, and the chat itself if there is none; `done` gets the client.
local function open(done)
  local server = require('nextline.server').client()
  if not server then
    return say('the server is not running; :checkhealth nextline')
  end
  local from = vim.api.nvim_get_current_buf()
  if chat and vim.api.nvim_buf_is_valid(chat.bufnr) then
    if from ~= chat.bufnr then
      chat.from = from
    end
    if #vim.fn.win_findbuf(chat.bufnr) == 0 then
      vim.cmd('botright vsplit')
      vim.api.nvim_win_set_buf(0, chat.bufnr)
    end
    return done(server)
  end
  wire.request(server, 'agent/chat/start', vim.empty_dict(), function(err, result)
    if err then
      return say(err.message)
    end
    vim.cmd('botright vnew')
    chat = { id = result.id, bufnr = vim.api.nvim_get_current_buf(), from = from }
    vim.bo[chat.bufnr].buftype = 'nofile'
    vim.bo[chat.bufnr].filetype = 'markdown'
    vim.bo[chat.bufnr].modifiable = false
    vim.wo.wrap = true
    vim.wo.winbar = ('nextline: %s (%s). <CR> says more, <C-c> stops'):format(result.model, result.route)
    vim.keymap.set('n', '<CR>', function()
      M.say('')
    end, { buffer = chat.bufnr })
    vim.keymap.set('n', '<C-c>', M.stop, { buffer = chat.bufnr })
    done(server)
  end)
end

--- Says something in the chat; asks for it where it is empty.
---@param text string
---@param range integer[]? first and last line of a selection, from 1
function M.say(text, range)
  if text == '' then
    return vim.ui.input({ prompt = 'nextline: ' }, function(typed)
      if typed and typed ~= '' then
        M.say(typed, range)
      end
    end)
  end
  if range and not text:find('@selection', 1, true) then
    text = text .. ' @selection'
  end
  open(function(server)
    send(server, text, range)
  end)
end

--- Stops the answer that is under way.
function M.stop()
  local server = require('nextline.server').client()
  if chat and server then
    wire.request(server, 'agent/chat/stop', { id = chat.id }, function() end)
  end
end

--- The next question begins a new chat.
function M.new()
  chat = nil
end

return M
