-- The real server with Neovim's own inline completion and nothing of the plugin.
return function(T)
  if not vim.lsp.inline_completion then
    T.note('skipped', 'this Neovim has no vim.lsp.inline_completion')
    return
  end
  -- The plugin on the runtime path acts on clients of the name nextline only.
  vim.lsp.config('unaided', { cmd = { vim.env.NEXTLINE_BIN, 'lsp' }, root_markers = { '.git' } })
  vim.lsp.enable('unaided')
  vim.lsp.inline_completion.enable()
  vim.cmd('doautocmd FileType')
  T.learnt(T.wait('the server', function()
    local client = vim.lsp.get_clients({ name = 'unaided', bufnr = 0 })[1]
    return client and client.initialized and client
  end))
  vim.cmd('setlocal autoindent nosmartindent nocindent indentexpr=')
  T.keys('Go#[deri')
  T.wait('ghost text', function()
    return T.screen() ~= ''
  end)
  local ghost = T.screen():match('^%d+:%d+ (.*)$')
  T.note('ghost', ghost)
  T.check('taken', true, vim.lsp.inline_completion.get())
  T.wait('the text', function()
    return T.line() ~= '#[deri'
  end)
  T.check('what was seen', '#[deri' .. ghost, T.line())
end
