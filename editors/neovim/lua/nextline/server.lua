--- The language server as Neovim starts it: one process for all projects, every normal file attached.
local config = require('nextline.config')
local wire = require('nextline.wire')

local M = {}

M.name = 'nextline'

--- Whether a buffer is a file that one edits.
---@param bufnr integer
---@return boolean
function M.wanted(bufnr)
  local name = vim.api.nvim_buf_get_name(bufnr)
  local filetypes = config.options.filetypes
  return vim.bo[bufnr].buftype == ''
    and name ~= ''
    and not name:match('^%a[%w+.-]+://')
    and (not filetypes or vim.tbl_contains(filetypes, vim.bo[bufnr].filetype))
end

--- The root of a buffer's project; nil where that would be the whole home folder or the whole disk.
---@param bufnr integer
---@return string?
function M.root(bufnr)
  local home = vim.uv.os_homedir()
  local function fit(dir)
    dir = dir and vim.fs.normalize(dir)
    return dir and dir ~= '/' and (not home or dir ~= vim.fs.normalize(home)) and dir or nil
  end
  for _, markers in ipairs(config.options.root_markers) do
    local root = fit(vim.fs.root(bufnr, markers))
    if root then
      return root
    end
  end
  return fit(vim.fs.dirname(vim.api.nvim_buf_get_name(bufnr)))
end

--- Tells a running server of a folder that was not there when it started.
---@param client vim.lsp.Client
---@param dir string?
local function add_folder(client, dir)
  if not dir then
    return
  end
  local folder = { uri = vim.uri_from_fname(dir), name = dir }
  client.workspace_folders = client.workspace_folders or {}
  for _, known in ipairs(client.workspace_folders) do
    if known.uri == folder.uri then
      return
    end
  end
  table.insert(client.workspace_folders, folder)
  wire.notify(client, 'workspace/didChangeWorkspaceFolders', { event = { added = { folder }, removed = {} } })
end

--- Sends a whole document again, because the server's text and the buffer's may differ.
---@param client_id integer
---@param params table?
local function resync(client_id, params)
  local client = vim.lsp.get_client_by_id(client_id)
  for bufnr in pairs(client and client.attached_buffers or {}) do
    if params and vim.uri_from_bufnr(bufnr) == params.uri then
      vim.lsp.buf_detach_client(bufnr, client_id)
      vim.lsp.buf_attach_client(bufnr, client_id)
    end
  end
end

--- What |vim.lsp.config()| and |vim.lsp.start()| take.
---@return table
function M.config()
  local settings = config.options.settings
  return {
    name = M.name,
    cmd = config.options.cmd,
    filetypes = config.options.filetypes,
    root_dir = function(bufnr, on_dir)
      if M.wanted(bufnr) then
        on_dir(M.root(bufnr))
      end
    end,
    reuse_client = function(client)
      return client.name == M.name and not wire.stopped(client)
    end,
    capabilities = { textDocument = { inlineCompletion = { dynamicRegistration = false } } },
    init_options = next(settings) and settings or vim.empty_dict(),
    settings = { nextline = next(settings) and settings or vim.empty_dict() },
    get_language_id = function(_, filetype)
      return filetype ~= '' and filetype or 'plaintext'
    end,
    handlers = {
      ['agent/status'] = function(_, params)
        require('nextline.status').set(params)
      end,
      ['agent/edit/event'] = function(_, params)
        require('nextline.edit').event(params)
      end,
      ['agent/chat/event'] = function(_, params)
        require('nextline.chat').event(params)
      end,
      ['agent/document/resync'] = function(_, params, context)
        resync(context.client_id, params)
      end,
    },
  }
end

--- Starts the server for a buffer, or attaches the running one.
---@param bufnr integer
function M.start(bufnr)
  if not M.wanted(bufnr) then
    return
  end
  local taken = vim.lsp.config and vim.lsp.config[M.name] or M.config()
  local start = vim.tbl_extend('force', {}, taken, { root_dir = M.root(bufnr) })
  vim.lsp.start(start, { bufnr = bufnr, reuse_client = taken.reuse_client })
end

---@param bufnr integer?
---@return vim.lsp.Client?
function M.client(bufnr)
  return vim.lsp.get_clients({ name = M.name, bufnr = bufnr })[1]
end

--- Called when the server is attached to a buffer, whoever started it.
---@param client vim.lsp.Client
---@param bufnr integer
function M.attached(client, bufnr)
  add_folder(client, M.root(bufnr))
  require('nextline.status').ask(client)
  require('nextline.ghost').attach(client, bufnr)
  require('nextline.typing').attach(bufnr)
  require('nextline.next').attach(bufnr)
  require('nextline.keys').attach(bufnr)
end

---@param bufnr integer
---@param client_id integer
function M.detached(bufnr, client_id)
  local buffer = require('nextline.ghost').buffer(bufnr)
  if not buffer or buffer.client.id ~= client_id then
    return
  end
  require('nextline.typing').detach(bufnr)
  require('nextline.next').detach(bufnr)
  require('nextline.ghost').detach(bufnr)
  require('nextline.keys').detach(bufnr)
end

--- Stops the server and starts it again for the same buffers.
function M.restart()
  local buffers, waiting = {}, {}
  for _, client in ipairs(vim.lsp.get_clients({ name = M.name })) do
    vim.list_extend(buffers, vim.tbl_keys(client.attached_buffers))
    waiting[#waiting + 1] = client
    wire.stop(client)
  end
  if #buffers == 0 then
    buffers = vim.tbl_filter(vim.api.nvim_buf_is_loaded, vim.api.nvim_list_bufs())
  end
  local timer = assert(vim.uv.new_timer())
  local tries = 0
  timer:start(20, 50, vim.schedule_wrap(function()
    tries = tries + 1
    local gone = true
    for _, client in ipairs(waiting) do
      gone = gone and not vim.lsp.get_client_by_id(client.id)
    end
    if (gone or tries > 60) and not timer:is_closing() then
      timer:close()
      vim.tbl_map(M.start, vim.tbl_filter(vim.api.nvim_buf_is_valid, buffers))
    end
  end))
end

return M
