--- What the plugin says to the server, on every Neovim from 0.10 (whose clients are called with a dot, not a colon).
local M = {}

local colon = vim.fn.has('nvim-0.11') == 1

--- Requests as they were before |nextline.native| put a filter before them, by client.
local unfiltered = setmetatable({}, { __mode = 'k' })

--- Lets `keep` decide which of other callers' requests still go out through this client.
---@param client vim.lsp.Client
---@param keep fun(method: string, params: table?): boolean
function M.filter(client, keep)
  if unfiltered[client] then
    return
  end
  local request = client.request
  unfiltered[client] = request
  client.request = function(self, method, params, ...)
    if not keep(method, params) then
      return true
    end
    return request(self, method, params, ...)
  end
end

---@param client vim.lsp.Client
---@param method string
---@param params table?
---@param answer fun(err: table?, result: any)
---@param bufnr integer?
---@return integer? id to cancel it by
function M.request(client, method, params, answer, bufnr)
  local request = unfiltered[client] or client.request
  local ok, id
  if colon then
    ok, id = request(client, method, params, answer, bufnr)
  else
    ok, id = request(method, params, answer, bufnr)
  end
  return ok and id or nil
end

---@param client vim.lsp.Client
---@param id integer
function M.cancel(client, id)
  if colon then
    client:cancel_request(id)
  else
    client.cancel_request(id)
  end
end

---@param client vim.lsp.Client
---@param method string
---@param params table
function M.notify(client, method, params)
  if colon then
    client:notify(method, params)
  else
    client.notify(method, params)
  end
end

---@param client vim.lsp.Client
---@return boolean
function M.stopped(client)
  if colon then
    return client:is_stopped()
  end
  return client.is_stopped()
end

---@param client vim.lsp.Client
function M.stop(client)
  if colon then
    client:stop()
  else
    client.stop()
  end
end

--- Runs the command of an accepted item. Not through Neovim's `exec_cmd`, which talks to the user when a server has not
--- announced the command: ghost text never does.
---@param client vim.lsp.Client
---@param command table? LSP Command
---@param bufnr integer
function M.run(client, command, bufnr)
  if command then
    local params = { command = command.command, arguments = command.arguments }
    M.request(client, 'workspace/executeCommand', params, function() end, bufnr)
  end
end

return M
