-- A name is changed where it is given: its uses are shown, jumped to and taken one after the other by one key; what is dismissed stays away.
return function(T)
  vim.keymap.set('n', '<Tab>', function()
    _G.tabbed = (_G.tabbed or 0) + 1
  end)
  T.setup({ cmd = { vim.env.NEXTLINE_BIN, 'lsp' }, keys = true })
  T.attached()
  local next_edit = require('nextline.next')
  local client = require('nextline.server').client(0)
  local wire = T.record(client)
  vim.api.nvim_buf_set_lines(0, 0, -1, false, {
    'fn f() {',
    '    let öne = "é";',
    '    g("é", öne);',
    '    h();',
    '    i(öne, öne);',
    '}',
  })
  local function settled()
    T.wait('the answer', function()
      return not next_edit.waiting()
    end)
  end
  local function screen()
    local namespace = vim.api.nvim_get_namespaces()['nextline.next']
    local seen = {}
    for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })) do
      local words = mark[4].virt_text and mark[4].virt_text[1][1] or 'gone'
      seen[#seen + 1] = ('%d:%d %s'):format(mark[2] + 1, mark[3], words)
    end
    return table.concat(seen, ' | ')
  end
  settled()
  T.keys('<Tab>')
  T.check('without an edit the key does what it did', 1, _G.tabbed)

  vim.api.nvim_win_set_cursor(0, { 2, 8 })
  T.keys('cwtwo<Esc>')
  settled()
  T.check('the edit is visible', true, next_edit.visible())
  T.check('it stands where it belongs, with a hint at the cursor', '2:0   ↓ 3: two | 3:12 gone | 3:16 two', screen())
  T.check('it was told as shown', 1, #wire.of('textDocument/didShowInlineEdit'))

  T.keys('<Tab>')
  T.check('the key jumps', { 3, 12 }, vim.api.nvim_win_get_cursor(0))
  T.check('nothing is changed by that', '    g("é", öne);', T.line())
  T.keys('<Tab>')
  settled()
  T.check('and takes it', '    g("é", two);', T.line())
  T.check('the server hears of it', 'nextline.didAccept', wire.of('workspace/executeCommand')[1].params.command)
  T.check('the next one follows', true, next_edit.visible())
  T.keys('<Tab><Tab>')
  settled()
  T.check('it is taken too', '    i(two, öne);', T.line())
  T.check('the key is ours', 1, _G.tabbed)
  T.check('one is left', true, next_edit.visible())
  T.keys('<Esc>')
  settled()
  T.check('it is dismissed', false, next_edit.visible())
  T.check('nothing is left on the screen', '', screen())
  vim.cmd('Nextline next')
  settled()
  T.check('and stays away', false, next_edit.visible())
  T.check('the last one stays as it is', '    i(two, öne);', T.line())

  -- Writing takes it off the screen.
  vim.api.nvim_win_set_cursor(0, { 2, 8 })
  T.keys('cwtrhee<Esc>')
  settled()
  T.check('a new name, a new edit', true, next_edit.visible())
  T.keys('i')
  T.check('not while somebody writes', false, next_edit.visible())
  T.keys('<Esc>')
end
