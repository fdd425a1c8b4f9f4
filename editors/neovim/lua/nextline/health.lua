--- `:checkhealth nextline`
local config = require('nextline.config')
local ghost = require('nextline.ghost')
local native = require('nextline.native')
local server = require('nextline.server')

local M = {}

--- Standard output of the server's binary with `arguments`; nil when it fails or hangs.
---@param arguments string[]
---@return string?
local function output(arguments)
  local ok, done = pcall(function()
    return vim.system(vim.list_extend({ config.options.cmd[1] }, arguments), { text = true }):wait(5000)
  end)
  return ok and done.code == 0 and vim.trim(done.stdout or '') or nil
end

local function binary()
  vim.health.start('nextline: binary')
  if type(config.options.cmd) == 'function' then
    vim.health.info('started by a function of your own')
    return
  end
  local name = config.options.cmd[1]
  local path = vim.fn.exepath(name)
  if path == '' then
    vim.health.error(('%q is not found'):format(name), {
      'Put the nextline binary on $PATH, or name it:',
      'require("nextline").setup({ cmd = { "/path/to/nextline", "lsp" } })',
    })
    return
  end
  local version = output({ '--version' })
  if version then
    vim.health.ok(('%s (%s)'):format(vim.split(version, '\n')[1], path))
  else
    vim.health.error(path .. ' does not answer to --version')
  end
  local where = output({ 'config', 'path' })
  if where then
    vim.health.info('configuration: ' .. where:gsub('\n', '\n  '))
  end
end

local function running()
  vim.health.start('nextline: server')
  local clients = vim.lsp.get_clients({ name = server.name })
  if #clients == 0 then
    vim.health.warn('not running', {
      "Call require('nextline').setup() or vim.lsp.enable('nextline'), and open a file.",
    })
    return
  end
  for _, client in ipairs(clients) do
    local version = vim.tbl_get(client, 'server_info', 'version') or '?'
    vim.health.ok(('running: version %s, %d buffers, positions in %s'):format(
      version,
      vim.tbl_count(client.attached_buffers),
      client.offset_encoding
    ))
    for _, folder in ipairs(client.workspace_folders or {}) do
      vim.health.info('folder: ' .. vim.uri_to_fname(folder.uri))
    end
    if not client.server_capabilities.inlineCompletionProvider then
      vim.health.error('the server offers no inline completion')
    end
  end
  local last = require('nextline.status').last()
  if last.kind then
    local report = (last.kind == 'Error' or last.kind == 'Warning') and vim.health.warn or vim.health.info
    report(('status: %s%s'):format(last.kind, last.message and last.message ~= '' and ', ' .. last.message or ''))
  end
end

local function editor()
  vim.health.start('nextline: Neovim')
  if vim.fn.has('nvim-0.10') == 0 then
    vim.health.error('ghost text needs Neovim 0.10 or newer')
    return
  end
  vim.health.ok('Neovim ' .. tostring(vim.version()))
  local shows = {}
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    local buffer = ghost.buffer(bufnr)
    if buffer then
      shows[buffer.display == native and 'vim.lsp.inline_completion' or "the plugin's extmarks"] = true
    end
  end
  local names = vim.tbl_keys(shows)
  table.sort(names)
  local by = #names > 0 and table.concat(names, ' and ') or 'nothing yet: no file is attached'
  vim.health.info('ghost text by ' .. by)
  if vim.g.nextline_enabled == false then
    vim.health.warn('ghost text is switched off', { ':Nextline enable' })
  end
  local mapped = {}
  for action, lhs in pairs(config.mapped()) do
    mapped[#mapped + 1] = ('%s %s'):format(lhs, action:gsub('_', ' '))
  end
  table.sort(mapped)
  if #mapped > 0 then
    vim.health.info('keys: ' .. table.concat(mapped, ', '))
  else
    vim.health.info('keys: none mapped; setup({ keys = true }) maps them')
  end
end

function M.check()
  editor()
  binary()
  running()
end

return M
