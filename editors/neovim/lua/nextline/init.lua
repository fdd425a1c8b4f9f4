--- nextline: ghost text in Neovim from the nextline server. See |nextline|.
local config = require('nextline.config')

local M = {}

--- Sets options and switches the server on for every file.
---@param options nextline.Options?
function M.setup(options)
  config.set(options)
  local server = require('nextline.server')
  vim.g.nextline_started = true
  if vim.lsp.enable then
    vim.lsp.config(server.name, server.config())
    vim.lsp.enable(server.name)
  end
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(bufnr) and (not vim.lsp.enable or vim.bo[bufnr].filetype == '') then
      server.start(bufnr)
    end
  end
end

--- Accepts all of the ghost text, its next word or its next line; false when none is shown, so that a mapping can do
--- something else.
---@param part? "all" | "word" | "line"
---@return boolean
function M.accept(part)
  return require('nextline.ghost').accept(part)
end

--- Shows the next suggestion; false when none is shown.
function M.next()
  return require('nextline.ghost').cycle(1)
end

--- Shows the previous suggestion; false when none is shown.
function M.prev()
  return require('nextline.ghost').cycle(-1)
end

--- Takes the ghost text away; false when none is shown.
function M.dismiss()
  return require('nextline.ghost').dismiss()
end

--- Jumps to the edit that is suggested, or takes it where the cursor is on its line; false when none is shown.
---@return boolean
function M.next_edit()
  return require('nextline.next').go()
end

--- Takes the suggested edit off the screen, and does not suggest it again; false when none is shown.
---@return boolean
function M.next_dismiss()
  return require('nextline.next').dismiss()
end

--- Asks for ghost text now.
function M.trigger()
  require('nextline.ghost').trigger()
end

--- Whether ghost text is on the screen.
function M.visible()
  return require('nextline.ghost').visible()
end

--- The ghost text that is on the screen, or nil.
function M.text()
  return require('nextline.ghost').text()
end

--- A component for status lines, as `%{v:lua.require'nextline'.status()}`.
function M.status()
  return require('nextline.status').line()
end

--- Takes ghost text off the screen of the current buffer while `on`, as beside the menu of another plugin.
---@param on boolean
function M.hide(on)
  vim.b.nextline_hidden = on
  require('nextline.ghost').refresh()
end

--- Switches ghost text on or off everywhere, or in one buffer.
---@param on boolean
---@param bufnr integer?
function M.enable(on, bufnr)
  if bufnr then
    vim.b[bufnr].nextline_enabled = on
  else
    vim.g.nextline_enabled = on
  end
  require('nextline.ghost').refresh()
  vim.cmd.redrawstatus()
end

return M
