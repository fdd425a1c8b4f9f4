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
  edit = function(words, range)
    if words ~= '' then
      return require('nextline.edit').start('edit', words, range)
    end
    vim.ui.input({ prompt = 'nextline: ' }, function(instruction)
      if instruction and instruction ~= '' then
        require('nextline.edit').start('edit', instruction, range)
      end
    end)
  end,
  next = function(words)
    local next_edit = require('nextline.next')
    if words == 'dismiss' then
      return next_edit.dismiss()
    end
    return next_edit.go() or next_edit.ask(true)
  end,
  doc = function(words, range)
    require('nextline.edit').start('doc', words, range)
  end,
  test = function(words, range)
    require('nextline.edit').start('test', words, range)
  end,
  fix = function(words, range)
    require('nextline.edit').start('fix', words, range)
  end,
  undo = function()
    require('nextline.edit').undo()
  end,
  stop = function()
    require('nextline.edit').stop()
    require('nextline.chat').stop()
  end,
  chat = function(words, range)
    require('nextline.chat').say(words, range)
  end,
  explain = function(words, range)
    local row = vim.api.nvim_win_get_cursor(0)[1]
    require('nextline.chat').say('Explain this code. ' .. words, range or { row, row })
  end,
  new = function()
    require('nextline.chat').new()
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
  local range = arguments.range and arguments.range > 0 and { arguments.line1, arguments.line2 } or nil
  row(table.concat(vim.list_slice(arguments.fargs, 2), ' '), range)
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
