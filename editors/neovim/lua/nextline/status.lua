--- What the server says of itself, for a status line and for `:Nextline`.
local ghost = require('nextline.ghost')
local wire = require('nextline.wire')

local M = {}

---@type { route: string?, busy: boolean?, kind: string?, message: string? }
local last = {}
-- By buffer: the reason of the last silence; `false` when there was one and nobody asked yet.
local reasons = {} ---@type table<integer, string|false>

local function redraw()
  vim.schedule(function()
    vim.cmd.redrawstatus()
  end)
end

--- Takes in an `agent/status` notification.
---@param params table?
function M.set(params)
  last = type(params) == 'table' and params or {}
  redraw()
end

--- The server's last word on itself.
function M.last()
  return last
end

--- Notes that the server had nothing for a buffer; the reason is asked for when someone wants to see it.
---@param bufnr integer
function M.silent(bufnr)
  reasons[bufnr] = false
  redraw()
end

--- The reason of the last empty answer of a buffer.
---@param bufnr integer
---@param done fun(why: { reason: string?, detail: string?, since: any }?)
function M.why(bufnr, done)
  local buffer = ghost.buffer(bufnr)
  if not buffer then
    return done(nil)
  end
  local params = { textDocument = { uri = vim.uri_from_bufnr(bufnr) } }
  wire.request(buffer.client, 'agent/why', params, function(err, result)
    done(not err and type(result) == 'table' and result or nil)
  end, bufnr)
end

--- Asks the server how it does.
---@param client vim.lsp.Client
function M.ask(client)
  wire.request(client, 'agent/status', vim.empty_dict(), function(err, status)
    if not err then
      M.set(status)
    end
  end)
end

local asking = false

--- The server tells of trouble, not of every piece of work that ends: while it is busy and someone looks, it is asked.
---@param client vim.lsp.Client
local function follow(client)
  if asking then
    return
  end
  asking = true
  vim.defer_fn(function()
    asking = false
    if not wire.stopped(client) then
      M.ask(client)
    end
  end, 500)
end

local marks = { Warning = '!', Error = '!', Inactive = '-' }

--- One short text for a status line: empty where nextline is not attached.
---@return string
function M.line()
  local bufnr = vim.api.nvim_get_current_buf()
  local buffer = ghost.buffer(bufnr)
  if not buffer then
    return ''
  end
  if vim.g.nextline_enabled == false or vim.b.nextline_enabled == false then
    return 'nextline off'
  end
  local words = { 'nextline' }
  if type(last.route) == 'string' and last.route ~= '' then
    words[#words + 1] = last.route
  end
  local mark = marks[last.kind]
  if mark then
    words[#words + 1] = type(last.message) == 'string' and last.message ~= '' and mark .. ' ' .. last.message or mark
  elseif last.busy == true then
    words[#words + 1] = '…'
    follow(buffer.client)
  elseif ghost.visible() then
    reasons[bufnr] = nil
  else
    if reasons[bufnr] == false then
      reasons[bufnr] = ''
      M.why(bufnr, function(why)
        if reasons[bufnr] == '' and why and type(why.reason) == 'string' then
          reasons[bufnr] = why.reason
          redraw()
        end
      end)
    end
    if (reasons[bufnr] or '') ~= '' then
      words[#words + 1] = '(' .. reasons[bufnr] .. ')'
    end
  end
  return table.concat(words, ' ')
end

return M
