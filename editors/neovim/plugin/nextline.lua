if vim.g.loaded_nextline or vim.fn.has('nvim-0.10') == 0 then
  return
end
vim.g.loaded_nextline = true

local group = vim.api.nvim_create_augroup('nextline', {})

vim.api.nvim_create_user_command('Nextline', function(arguments)
  require('nextline.command').run(arguments)
end, {
  nargs = '*',
  range = true,
  desc = 'nextline: edit, next, doc, test, fix, explain, chat, undo, stop, why, status, restart, enable, disable, log',
  complete = function(lead, line)
    return require('nextline.command').complete(lead, line)
  end,
})

vim.api.nvim_create_autocmd('LspAttach', {
  group = group,
  callback = function(event)
    local client = vim.lsp.get_client_by_id(event.data.client_id)
    if client and client.name == 'nextline' then
      require('nextline.server').attached(client, event.buf)
    end
  end,
})

vim.api.nvim_create_autocmd('LspDetach', {
  group = group,
  callback = function(event)
    -- A server that died has no client any more, but buffers that still show its text.
    if package.loaded['nextline.server'] then
      require('nextline.server').detached(event.buf, event.data.client_id)
    end
  end,
})

-- `vim.lsp.enable` waits for a file type, and 0.10 has no `vim.lsp.enable`: files of unknown types, and all files
-- there, are attached here.
vim.api.nvim_create_autocmd({ 'BufReadPost', 'BufNewFile', 'BufWritePost' }, {
  group = group,
  callback = vim.schedule_wrap(function(event)
    if not vim.api.nvim_buf_is_loaded(event.buf) then
      return
    end
    local enabled = vim.g.nextline_started or (vim.lsp.is_enabled and vim.lsp.is_enabled('nextline'))
    local unknown = not vim.lsp.enable or vim.bo[event.buf].filetype == ''
    if enabled and unknown and not require('nextline.server').client(event.buf) then
      require('nextline.server').start(event.buf)
    end
  end),
})
