--- Edits on request: asked of the server, shown as a diff, accepted or declined, taken back as one step.
local wire = require('nextline.wire')

local M = {}

--- What is known of each edit, by its id.
local edits = {}
--- The id of the edit that was applied last.
local applied

local function say(words)
  vim.api.nvim_echo({ { 'nextline: ' .. words } }, true, {})
end

local function client(bufnr)
  return require('nextline.server').client(bufnr)
end

---@param id string
local function edit(id)
  edits[id] = edits[id] or {}
  return edits[id]
end

--- Closes the window that shows an edit's diff.
local function close(one)
  if one.preview and vim.api.nvim_buf_is_valid(one.preview) then
    vim.api.nvim_buf_delete(one.preview, { force = true })
  end
  one.preview = nil
end

--- Asks the server about an edit and says what it answers.
local function ask(method, params, done)
  local server = client()
  if not server then
    return say('the server is not running; :checkhealth nextline')
  end
  wire.request(server, method, params, function(err, result)
    if err then
      say(err.message)
    elseif type(result) == 'table' and result.applied == false then
      say(result.reason)
    elseif done then
      done(result)
    end
  end)
end

--- Shows what an edit would change, with keys to decide.
local function preview(id, one, shown)
  close(one)
  vim.cmd('botright new')
  one.preview = vim.api.nvim_get_current_buf()
  vim.bo[one.preview].buftype = 'nofile'
  vim.bo[one.preview].bufhidden = 'wipe'
  local lines = vim.split(shown.diff, '\n', { trimempty = true })
  vim.api.nvim_buf_set_lines(one.preview, 0, -1, false, lines)
  vim.bo[one.preview].modifiable = false
  vim.bo[one.preview].filetype = 'diff'
  vim.api.nvim_win_set_height(0, math.min(#lines + 1, math.floor(vim.o.lines / 2)))
  vim.wo.winbar = 'nextline: a accepts, r rejects, i asks again with another instruction'
  local function key(lhs, does)
    vim.keymap.set('n', lhs, does, { buffer = one.preview, nowait = true })
  end
  key('a', function()
    M.accept(id)
  end)
  key('r', function()
    M.reject(id)
  end)
  key('q', function()
    M.reject(id)
  end)
  key('i', function()
    vim.ui.input({ prompt = 'nextline: ', default = one.instruction }, function(instruction)
      if instruction then
        close(one)
        ask('agent/edit/retry', { id = id, instruction = instruction }, function(result)
          edit(result.id).instruction = instruction
        end)
      end
    end)
  end)
end

--- What the server tells of an edit.
---@param event table EditEvent
function M.event(event)
  local one = edit(event.id)
  one.kind = event.kind
  if event.kind == 'ready' then
    if event.preview.newErrors > 0 then
      say(('the text would have %d syntax errors more'):format(event.preview.newErrors))
    end
    preview(event.id, one, event.preview)
  elseif event.kind == 'failed' then
    close(one)
    say(event.message)
  elseif event.kind == 'applied' then
    applied = event.id
    close(one)
  elseif event.kind == 'rejected' or event.kind == 'cancelled' or event.kind == 'undone' then
    close(one)
  end
end

--- Starts an edit of some lines, or of what is around the cursor.
---@param verb string edit, doc, test or fix
---@param instruction string
---@param range integer[]? first and last line, from 1
function M.start(verb, instruction, range)
  local bufnr = vim.api.nvim_get_current_buf()
  local server = client(bufnr)
  if not server then
    return say('not attached to this buffer')
  end
  local row = vim.api.nvim_win_get_cursor(0)[1] - 1
  local start, stop = { line = row, character = 0 }, { line = row, character = 0 }
  if range then
    start, stop = { line = range[1] - 1, character = 0 }, { line = range[2], character = 0 }
  end
  local diagnostics = {}
  if verb == 'fix' then
    for _, one in ipairs(vim.diagnostic.get(bufnr)) do
      if one.lnum >= start.line and one.lnum <= math.max(start.line, stop.line - 1) then
        diagnostics[#diagnostics + 1] = {
          range = {
            start = { line = one.lnum, character = 0 },
            ['end'] = { line = one.end_lnum or one.lnum, character = 0 },
          },
          message = one.message,
          severity = one.severity,
          source = one.source,
        }
      end
    end
  end
  wire.request(server, 'agent/edit/start', {
    textDocument = { uri = vim.uri_from_bufnr(bufnr) },
    range = { start = start, ['end'] = stop },
    verb = verb,
    instruction = instruction,
    diagnostics = #diagnostics > 0 and diagnostics or nil,
  }, function(err, result)
    if err then
      return say(err.message)
    end
    edit(result.id).instruction = instruction
  end, bufnr)
end

---@param id string
function M.accept(id)
  close(edit(id))
  applied = id
  ask('agent/edit/accept', { id = id })
end

---@param id string
function M.reject(id)
  close(edit(id))
  ask('agent/edit/reject', { id = id })
end

--- Takes the last applied edit back.
function M.undo()
  if not applied then
    return say('there is no edit to undo')
  end
  ask('agent/edit/undo', { id = applied }, function()
    applied = nil
  end)
end

--- Stops every edit that is under way.
function M.stop()
  for id, one in pairs(edits) do
    if one.kind == nil or one.kind == 'progress' or one.kind == 'context' or one.kind == 'again' then
      ask('agent/edit/cancel', { id = id })
    end
  end
end

return M
