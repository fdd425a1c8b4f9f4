--- The command `:Nextline`: one row = one subcommand.
local M = {}

local function say(words)
  vim.api.nvim_echo({ { 'nextline: ' .. words } }, true, {})
end

local rows = {
  why = function()
    require('nextline.status').why(vim.api.nvim_get_current_buf(), function(why)
      if not why then
        return say('not attached to this buffer')
      end
      local words = {}
      for _, word in ipairs({ why.reason or vim.NIL, why.detail or vim.NIL }) do
        words[#words + 1] = type(word) == 'string' and word ~= '' and word or nil
      end
      say(table.concat(words, ': '))
    end)
  end,
  status = function()
    local server = require('nextline.server')
    local client = server.client()
    if not client then
      return say('the server is not running; :checkhealth nextline')
    end
    local line = require('nextline.status').line()
    local version = vim.tbl_get(client, 'server_info', 'version')
    say(('%s, server %s, %d buffers'):format(
      line ~= '' and line or 'not attached to this buffer',
      version or '?',
      vim.tbl_count(client.attached_buffers)
    ))
  end,
  restart = function()
    require('nextline.server').restart()
  end,
  enable = function(where)
    require('nextline').enable(true, where == 'buffer' and vim.api.nvim_get_current_buf() or nil)
  end,
  disable = function(where)
    require('nextline').enable(false, where == 'buffer' and vim.api.nvim_get_current_buf() or nil)
  end,
  log = function()
    local log = vim.lsp.log
    local path = log and log.get_filename and log.get_filename() or vim.lsp.get_log_path()
    vim.cmd.tabedit(vim.fn.fnameescape(path))
    vim.cmd('normal! G')
    vim.fn.search('nextline', 'bcW')
  end,
}

function M.run(arguments)
  local row = rows[arguments.fargs[1] or 'status']
  if not row then
    say(('no subcommand %q; there are %s'):format(arguments.fargs[1], table.concat(M.complete(''), ', ')))
    return
  end
  row(arguments.fargs[2])
end

---@param lead string
---@param line string?
---@return string[]
function M.complete(lead, line)
  local second = line and line:match('^%s*%S+%s+(%S+)%s')
  local words = not second and vim.tbl_keys(rows) or (second == 'enable' or second == 'disable') and { 'buffer' } or {}
  table.sort(words)
  return vim.tbl_filter(function(word)
    return word:sub(1, #lead) == lead
  end, words)
end

return M
