-- An edit is shown as a diff, accepted and taken back, and a chat answers in a buffer; a scripted model answers.
return function(T)
  local folder = vim.fs.dirname(vim.env.NEXTLINE_REPORT)
  local url = assert(io.open(folder .. '/route')):read('l')
  T.setup({
    cmd = { vim.env.NEXTLINE_BIN, 'lsp' },
    settings = {
      completion = { enabled = false },
      edit = { route = 'mock' },
      chat = { route = 'mock' },
      routes = { mock = { provider = 'openai-compatible', base_url = url, model = 'm' } },
    },
  })
  T.attached()
  local source = vim.api.nvim_get_current_buf()
  local function text()
    return vim.api.nvim_buf_get_lines(source, 0, -1, false)
  end
  local function find(filetype)
    for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
      if vim.api.nvim_buf_is_loaded(bufnr) and vim.bo[bufnr].filetype == filetype then
        return bufnr
      end
    end
  end
  local before = text()
  vim.cmd('1,1Nextline edit change it')
  local diff = T.wait('the preview', function()
    return find('diff')
  end)
  T.check('nothing changes before it is accepted', before, text())
  local shown = table.concat(vim.api.nvim_buf_get_lines(diff, 0, -1, false), '\n')
  T.check('the diff is shown', true, shown:find('+// changed', 1, true) ~= nil)
  T.keys('a')
  T.wait('the edit', function()
    return text()[1] == '// changed'
  end)
  T.check('the rest stays', vim.list_slice(before, 2), vim.list_slice(text(), 2))
  vim.api.nvim_set_current_win(vim.fn.win_findbuf(source)[1])
  vim.cmd('Nextline undo')
  T.wait('the undo', function()
    return vim.deep_equal(text(), before)
  end)
  vim.cmd('1,1Nextline edit change it')
  T.wait('the second preview', function()
    return find('diff')
  end)
  T.keys('r')
  T.wait('its end', function()
    return not find('diff')
  end)
  T.check('nothing changes when it is rejected', before, text())

  vim.api.nvim_set_current_win(vim.fn.win_findbuf(source)[1])
  vim.cmd('Nextline chat why?')
  local said = T.wait('the answer', function()
    local bufnr = find('markdown')
    local lines = bufnr and table.concat(vim.api.nvim_buf_get_lines(bufnr, 0, -1, false), '\n') or ''
    return lines:find('// changed', 1, true) and lines
  end)
  T.check('the question stands before it', true, said:find('## You\n\nwhy?', 1, true) ~= nil)
end
